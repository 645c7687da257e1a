using System.Collections.Immutable;
using Fuser.Kernels;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>Steps of a plan in words.</summary>
internal static class PlanDescription
{
    /// <summary>Every step, in order.</summary>
    public static ImmutableArray<string> Of(GraphPlan plan) => ImmutableArray.CreateRange(plan.Steps, step => step switch
    {
        KernelStep kernel => Of(plan.Groups[kernel.Group]),
        RoutineStep routine => Of(routine),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"a step of kind {step.GetType().Name} has no description"),
    });

    private static string Of(RoutineStep step) =>
        $"routine {step.Routine.Kind} on {string.Join(", ", step.Inputs.Select(Text))}, giving {string.Join(", ", step.Outputs.Select(Text))}";

    private static string Text(RoutineOperand operand) => $"{operand.DType.DisplayName()}{Shapes.Text(operand.Layout.Sizes.AsSpan())}";

    private static string Of(FusionGroup group)
    {
        var operations = group.Graph.Nodes.Where(node => node.Kind != "prim::Constant").Select(node => node.Kind).ToList();
        var what = operations.Count switch
        {
            0 => "copy",
            <= 6 => string.Join(", ", operations),
            _ => $"{string.Join(", ", operations.Take(5))} and {operations.Count - 5} more",
        };
        var inputs = group.Inputs.Count(input => input is TensorInput);
        return $"kernel of {group.Operations} operations ({what}) over {Shapes.Text(group.MapShape.AsSpan())}: {inputs} arrays in, {group.Outputs.Length} out; ends there because: {group.Reason}";
    }
}
