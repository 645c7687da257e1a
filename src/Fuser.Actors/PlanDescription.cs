using System.Collections.Immutable;
using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>Steps of a plan in words.</summary>
internal static class PlanDescription
{
    private const int MostNamed = 6;

    /// <summary>Every step, in order, on one line each.</summary>
    public static ImmutableArray<string> Of(GraphPlan plan) =>
        ImmutableArray.CreateRange(plan.Steps, step => $"{Of(step, plan)}; ends there because: {string.Join("; ", Shortened(Boundaries(step, plan)))}");

    /// <summary>What a step runs.</summary>
    public static string Of(PlanStep step, GraphPlan plan) => step switch
    {
        KernelStep kernel => Of(plan.Groups[kernel.Group]),
        RoutineStep routine => $"routine {routine.Routine.Kind} on {string.Join(", ", routine.Inputs.Select(Text))}, giving {string.Join(", ", routine.Outputs.Select(Text))}",
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"a step of kind {step.GetType().Name} has no description"),
    };

    /// <summary>Why a step ends where it does: what it puts in memory, and what needs that.</summary>
    public static ImmutableArray<string> Boundaries(PlanStep step, GraphPlan plan) => step switch
    {
        KernelStep kernel => [.. plan.Groups[kernel.Group].Boundaries.Select(boundary => boundary.Text(plan.Origins)).Distinct()],
        RoutineStep routine => [$"{plan.Origins.Text(routine.Origin)} is a routine, which runs by itself and writes its result to memory"],
        _ => [],
    };

    private static IEnumerable<string> Shortened(ImmutableArray<string> boundaries) =>
        boundaries.Length <= MostNamed ? boundaries : [.. boundaries.Take(MostNamed - 1), $"and {boundaries.Length - MostNamed + 1} more"];

    private static string Text(RoutineOperand operand) => $"{operand.DType.DisplayName()}{Shapes.Text(operand.Layout.Sizes.AsSpan())}";

    private static string Of(FusionGroup group)
    {
        var operations = group.Graph.Nodes.Where(node => node.Kind != "prim::Constant").Select(Name).ToList();
        var what = operations.Count <= MostNamed ? string.Join(", ", operations) : $"{string.Join(", ", operations.Take(MostNamed - 1))} and {operations.Count - MostNamed + 1} more";
        var inputs = group.Inputs.Count(input => input is TensorInput);
        var kernel = operations.Count == 0 ? "kernel that copies" : $"kernel of {Count(group.Operations, "operation")} ({what})";
        return $"{kernel} over {Shapes.Text(group.MapShape.AsSpan())}: {Count(inputs, "array")} in, {group.Outputs.Length} out";
    }

    private static string Name(Node node) => node.Attribute("op") is StringConstant reduction ? $"{reduction.Value.ToLowerInvariant()} over a row" : node.Kind;

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
