using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Specs;

namespace Fuser.Kernels.Lowering;

/// <summary>
/// What each value of a group with reductions is: its type, what computing it costs, whether there is one per row, and when it can be known: how many
/// sweeps over the row must be done before.
/// </summary>
internal sealed class GroupValues
{
    private readonly Dictionary<Value, Info> _values = new(ReferenceEqualityComparer.Instance);

    /// <param name="IsPerRow">One per row; else one per element.</param>
    /// <param name="Sweep">For a value per element the first sweep that can compute it; for one per row, how many sweeps must be done before.</param>
    /// <param name="Cost">Primitives the node adds.</param>
    public readonly record struct Info(OperandType Type, IrType? IrType, bool IsPerRow, int Sweep, int Cost);

    public GroupValues(KernelSpec spec, ArgSpec arguments)
    {
        var builder = new IrBuilder();
        var lowered = new Dictionary<Value, LoweredValue>(ReferenceEqualityComparer.Instance);
        var graph = spec.Graph;
        for (var i = 0; i < graph.Inputs.Length; i++)
        {
            var argument = arguments.Arguments[i];
            builder.AddArgument(new KernelArgument(argument.Kind, argument.Storage, InnerAccess.Varying));
            var value = new LoweredValue(ArgumentLowering.Load(builder, i, argument), new OperandType(argument.Rank, argument.DType));
            lowered.Add(graph.Inputs[i], value);
            _values.Add(graph.Inputs[i], new Info(value.Type, value.Value!.Value.Type, argument.IsPerRow || argument.Kind == ArgumentKind.Scalar, 0, 0));
        }

        // Lowered once for the types and costs alone; each stage lowers again what it computes.
        var nodes = new NodeLowering(builder, lowered);
        foreach (var node in graph.Nodes)
        {
            var before = builder.Count;
            var value = IsReduction(node) ? Reduced(builder, lowered[node.Inputs[0]]) : nodes.Lower(node);
            lowered.Add(node.Outputs[0], value);
            _values.Add(node.Outputs[0], Describe(node, value, builder.Count - before));
        }
    }

    public Info this[Value value] => _values[value];

    public static bool IsReduction(Node node) => node.Kind == "prim::Reduce";

    public static ReductionKind KindOf(Node reduction) => Enum.Parse<ReductionKind>(((StringConstant)reduction.Attribute("op")!).Value);

    private Info Describe(Node node, LoweredValue value, int cost)
    {
        var isPerRow = true;
        var sweep = 0;
        foreach (var input in node.Inputs)
        {
            isPerRow &= _values[input].IsPerRow;
            sweep = Math.Max(sweep, _values[input].Sweep);
        }

        return IsReduction(node)
            ? new Info(value.Type, value.Value!.Value.Type, true, sweep + 1, cost)
            : new Info(value.Type, value.Value?.Type, isPerRow, sweep, cost);
    }

    /// <summary>A value that nothing is known of but its type, which is that of what is reduced.</summary>
    private static LoweredValue Reduced(IrBuilder builder, LoweredValue source)
    {
        var argument = builder.AddArgument(new KernelArgument(ArgumentKind.Input, source.Value!.Value.Type.StorageOf(), InnerAccess.Varying));
        return new LoweredValue(builder.Load(argument), source.Type with { Rank = OperandRank.Dimensioned, Constant = null });
    }
}
