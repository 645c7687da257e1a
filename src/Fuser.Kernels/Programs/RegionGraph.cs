using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>
/// A region as a graph like any other: it is planned, specialised, compiled and run by what runs graphs without control flow, and found
/// again by its plan's signature on the next trip.
/// </summary>
internal sealed class RegionGraph
{
    private readonly ImmutableArray<ValueForm> _inputs;
    private readonly int _outputs;
    private readonly bool _widens;
    private object? _state;

    private RegionGraph(Region region, NormalisedGraph graph, ImmutableArray<ValueForm> inputs, int outputs, bool widens)
    {
        Region = region;
        Graph = graph;
        _inputs = inputs;
        _outputs = outputs;
        _widens = widens;
    }

    public Region Region { get; }

    public NormalisedGraph Graph { get; }

    public static RegionGraph Create(Region region, ReadOnlySpan<ProgramValue> values)
    {
        var (inputs, nodes, rewriter) = (new List<Value>(), new List<Node>(), new GraphRewriter());
        var forms = ImmutableArray.CreateBuilder<ValueForm>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            forms.Add(ValueForm.Of(values[i]));
            rewriter.Replace(region.Inputs[i], forms[i].Declare(inputs, nodes));
        }

        nodes.AddRange(region.Nodes.Select(rewriter.Map));
        var outputs = rewriter.Map(region.Outputs).ToList();
        var widens = !region.Rounds && (forms.Any(form => form.HasHalf) || region.Nodes.Any(MakesHalf));
        if (widens)
        {
            // Which outputs are 16-bit floats the plan knows: each goes out as it is inside a graph, with its dtype beside it.
            var dtypes = new List<Value>();
            for (var i = 0; i < outputs.Count; i++)
            {
                dtypes.Add(Add(nodes, "prim::dtype", outputs[i], GraphType.Int));
                outputs[i] = Add(nodes, "prim::AsFloat32", outputs[i], GraphType.Tensor);
            }

            outputs.AddRange(dtypes);
        }

        var graph = new Graph([.. inputs], [.. nodes], [.. outputs]);
        return new RegionGraph(region, Normaliser.Normalise(graph), forms.MoveToImmutable(), region.Outputs.Length, widens);
    }

    public bool Fits(ReadOnlySpan<ProgramValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!_inputs[i].Fits(values[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The graph's inputs for values of this form.</summary>
    public FuserValue[] Flatten(ReadOnlySpan<ProgramValue> values)
    {
        var inputs = new List<FuserValue>(Graph.Graph.Inputs.Length);
        for (var i = 0; i < values.Length; i++)
        {
            _inputs[i].Flatten(values[i], inputs);
        }

        return [.. inputs];
    }

    /// <summary>The region's outputs, of what its graph gave.</summary>
    public ProgramTensor ResultOf(ImmutableArray<NdArray> results, int output) =>
        ProgramTensor.Made(results[output], _widens && DTypeExtensions.FromTorchCode(results[_outputs + output].AsSpan<long>()[0]) is { } dtype && dtype.IsHalf() ? dtype : null);

    /// <summary>The region's outputs, of what a plan of its graph will give: without elements.</summary>
    public ProgramTensor ShadowOf(GraphPlan plan, FuserValue[] inputs, int output)
    {
        var array = NdArray.Shadow(plan.Outputs[output].DType, plan.Outputs[output].Shape);
        if (!_widens)
        {
            return ProgramTensor.Made(array);
        }

        var numbers = new FuserValue[plan.Scalars.Count];
        plan.Scalars.Run(inputs, numbers);
        var dtype = DTypeExtensions.FromTorchCode(numbers[plan.Outputs[_outputs + output].ScalarSlot].Integer);
        return ProgramTensor.Made(array, dtype is { } known && known.IsHalf() ? known : null);
    }

    /// <summary>What whoever runs the region keeps with it, made when it is first asked for.</summary>
    public T State<T>(Func<NormalisedGraph, T> create)
        where T : class
    {
        var state = Volatile.Read(ref _state);
        if (state is null)
        {
            var made = create(Graph);
            state = Interlocked.CompareExchange(ref _state, made, null) ?? made;
        }

        return (T)state;
    }

    /// <summary>Whether a node may answer a 16-bit float without getting one: a cast, or anything that is told a dtype.</summary>
    private static bool MakesHalf(Node node) =>
        node.Kind is "aten::half" or "aten::bfloat16" or "aten::_cast_Half"
        || (node.IsConstant && node.Attribute("value") is IntConstant { Value: var code } && DTypeExtensions.FromTorchCode(code) is { } dtype && dtype.IsHalf());

    private static Value Add(List<Node> nodes, string kind, Value operand, GraphType type)
    {
        var value = new Value($"out.{nodes.Count}", type);
        nodes.Add(new Node(kind, [operand], [value]));
        return value;
    }
}
