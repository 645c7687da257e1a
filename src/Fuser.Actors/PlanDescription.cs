using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>Steps of a plan in words.</summary>
internal static class PlanDescription
{
    public static string Of(FusionGroup group)
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
