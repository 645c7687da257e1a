using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>The nodes that stand for a loop, and what stands for its outputs.</summary>
internal sealed record UnrolledLoop(ImmutableArray<Node> Nodes, ImmutableArray<Value> Outputs);

/// <summary>
/// Writes out loops of a constant number of trips, so that operations of several trips become one kernel and a carried tensor never
/// touches memory. A loop of few trips is written out whole; of a longer one, several trips become one. Bodies with decisions that only the
/// call can make are left alone: their kernels end at the decision whatever is written out.
/// </summary>
internal sealed class LoopUnrolling
{
    /// <summary>Nodes a loop may become when nothing of it is left: one kernel, compiled in some ten milliseconds.</summary>
    private const int MostNodes = 256;

    /// <summary>
    /// Nodes of the trips that are done at a time in a longer loop. By then a carried tensor passes through memory so rarely that it costs nothing; in
    /// longer chains the vector code, which has no room for several of them side by side, waits for its own results.
    /// </summary>
    private const int MostNodesAtATime = 64;

    /// <summary>Nodes all loops of a graph may add: loops in loops multiply.</summary>
    private const int MostAdded = 20_000;

    /// <summary>Marks a loop whose trips stand for several of the original's, so that it is not done again.</summary>
    private const string Mark = "unrolled";

    private int _added;

    /// <summary>The loop written out, or null when it is better run as it is.</summary>
    /// <param name="constants">Known values around the loop.</param>
    public UnrolledLoop? TryUnroll(Node loop, long trips, IReadOnlyDictionary<Value, ConstantValue> constants)
    {
        var body = loop.Blocks[0];
        var size = Math.Max(1, NodeCopies.Count(body.Nodes));
        var copies = trips <= MostNodes / size ? trips : MostNodesAtATime / size;
        if (copies < 1 || (copies < 2 && copies < trips) || loop.Attribute(Mark) is not null || _added + (copies * size * 2) > MostAdded || !IsDecided(body.Nodes, [body.Inputs[0]], constants))
        {
            return null;
        }

        var nodes = new List<Node>();
        var carried = loop.Inputs[2..];
        if (copies == trips)
        {
            for (long trip = 0; trip < trips; trip++)
            {
                carried = AppendTrip(nodes, body, Literal(nodes, trip, loop), carried);
            }
        }
        else
        {
            // The remainder first needs no arithmetic after the loop: its trip numbers are constants.
            var remainder = trips % copies;
            carried = AppendLoop(nodes, loop, trips / copies, copies, carried);
            for (var trip = trips - remainder; trip < trips; trip++)
            {
                carried = AppendTrip(nodes, body, Literal(nodes, trip, loop), carried);
            }
        }

        _added += NodeCopies.Count([.. nodes]);
        return new UnrolledLoop([.. nodes], carried);
    }

    /// <summary>One trip of the original, with its own copies of the body's values.</summary>
    private static ImmutableArray<Value> AppendTrip(List<Node> nodes, Block body, Value number, ImmutableArray<Value> carried)
    {
        var rewriter = new GraphRewriter();
        rewriter.Replace(body.Inputs[0], number);
        for (var i = 0; i < carried.Length; i++)
        {
            rewriter.Replace(body.Inputs[i + 1], carried[i]);
        }

        nodes.AddRange(NodeCopies.Of(body.Nodes, rewriter));
        return rewriter.Map(body.Outputs[1..]);
    }

    /// <summary>A loop each of whose trips is several of the original's: trip i does trips i * copies, i * copies + 1, ...</summary>
    private static ImmutableArray<Value> AppendLoop(List<Node> nodes, Node loop, long trips, long copies, ImmutableArray<Value> carried)
    {
        var body = loop.Blocks[0];
        var inner = new List<Node>();
        var inputs = ImmutableArray.CreateRange(body.Inputs, input => new Value(input.Name, input.Type, input.Position));
        var factor = Literal(inner, copies, loop);
        var start = Arithmetic(inner, "aten::mul", inputs[0], factor, loop);
        var values = inputs[1..];
        for (long copy = 0; copy < copies; copy++)
        {
            values = AppendTrip(inner, body, Arithmetic(inner, "aten::add", start, Literal(inner, copy, loop), loop), values);
        }

        var outputs = ImmutableArray.CreateRange(loop.Outputs, output => new Value(output.Name, output.Type, output.Position));
        nodes.Add(new Node(
            loop.Kind,
            [Literal(nodes, trips, loop), loop.Inputs[1], .. carried],
            outputs,
            [new NodeAttribute(Mark, new IntConstant(copies))],
            [new Block(inputs, [.. inner], [body.Outputs[0], .. values])],
            loop.SourceComment,
            loop.Scope,
            loop.Position));
        return outputs;
    }

    private static Value Literal(List<Node> nodes, long number, Node loop) => Add(nodes, "prim::Constant", [], [new NodeAttribute("value", new IntConstant(number))], loop);

    private static Value Arithmetic(List<Node> nodes, string kind, Value a, Value b, Node loop) => Add(nodes, kind, [a, b], [], loop);

    private static Value Add(List<Node> nodes, string kind, ImmutableArray<Value> inputs, ImmutableArray<NodeAttribute> attributes, Node loop)
    {
        var value = new Value("trip", GraphType.Int, loop.Position);
        nodes.Add(new Node(kind, inputs, [value], attributes, position: loop.Position));
        return value;
    }

    /// <summary>Whether every decision in the nodes follows from constants and the numbers of the trips.</summary>
    /// <param name="decided">Numbers known when the loop is written out.</param>
    private static bool IsDecided(ImmutableArray<Node> nodes, HashSet<Value> decided, IReadOnlyDictionary<Value, ConstantValue> constants)
    {
        var types = ValueTypes.Of(new Graph([], nodes, []));
        return IsDecided(nodes, new HashSet<Value>(decided, ReferenceEqualityComparer.Instance), constants, types);
    }

    private static bool IsDecided(ImmutableArray<Node> nodes, HashSet<Value> decided, IReadOnlyDictionary<Value, ConstantValue> constants, ValueTypes types)
    {
        foreach (var node in nodes)
        {
            if (node.IsConstant || (ScalarOperations.Has(node.Kind, node.Inputs.Length) && node.Inputs.All(IsKnown)))
            {
                decided.UnionWith(node.Outputs);
            }
            else if (node.Kind == "prim::If")
            {
                if (!IsKnown(node.Inputs[0]) || !node.Blocks.All(block => IsDecided(block.Nodes, decided, constants, types)))
                {
                    return false;
                }
            }
            else if (node.Kind == "prim::Loop")
            {
                if (!node.Inputs[..2].All(IsKnown) || !Enter(node) || !IsKnown(node.Blocks[0].Outputs[0]))
                {
                    return false;
                }
            }
            else if (ValueOperations.IsRead(node, types))
            {
                return false;
            }
        }

        return true;

        bool IsKnown(Value value) => decided.Contains(value) || constants.ContainsKey(value);

        bool Enter(Node loop)
        {
            decided.Add(loop.Blocks[0].Inputs[0]);
            return IsDecided(loop.Blocks[0].Nodes, decided, constants, types);
        }
    }
}
