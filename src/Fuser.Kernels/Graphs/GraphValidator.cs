using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// Says whether a graph is well formed: values are defined once and before their use, fusion groups have bodies that fit, prim
/// operations have the attributes and blocks they need. What an aten operation means is not judged here.
/// </summary>
public static class GraphValidator
{
    /// <summary>Checks a graph and its subgraphs.</summary>
    /// <exception cref="GraphException">The first thing that is wrong, with its place.</exception>
    public static void Validate(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var called = new HashSet<string>(StringComparer.Ordinal);
        new GraphValidation(graph, called).Run();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, body) in graph.Subgraphs)
        {
            if (!names.Add(name) || !called.Contains(name))
            {
                throw new GraphException(
                    ErrorCodes.UnresolvedSubgraph,
                    $"the subgraph {name} is {(names.Contains(name) && called.Contains(name) ? "there twice" : "called by no node")}. Remove it, or correct its name.");
            }

            Validate(body);
        }
    }
}

/// <summary>One walk over one graph.</summary>
internal sealed class GraphValidation(Graph graph, HashSet<string> called)
{
    /// <summary>As deep as a text may nest them: what walks a graph block by block needs a stack of this height at most.</summary>
    private const int MaxNesting = 64;

    private readonly HashSet<Value> _visible = new(ReferenceEqualityComparer.Instance);
    private readonly List<Value> _order = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<Value, ConstantValue> _constants = new(ReferenceEqualityComparer.Instance);

    private int _depth;

    public void Run()
    {
        Define(graph.Inputs);
        Nodes(graph.Nodes);
        Use(graph.Outputs, "the return of the graph", default);
    }

    private void Define(ImmutableArray<Value> values)
    {
        foreach (var value in values)
        {
            if (!_names.Add(value.Name))
            {
                throw Error(ErrorCodes.DuplicateValue, $"%{value.Name} is defined twice. Every value is defined once: rename one of them.", value.Position);
            }

            _visible.Add(value);
            _order.Add(value);
        }
    }

    private void Use(ImmutableArray<Value> values, string user, SourcePosition position)
    {
        foreach (var value in values)
        {
            if (!_visible.Contains(value))
            {
                throw Error(
                    ErrorCodes.UndefinedValue,
                    $"%{value.Name} is used by {user}, where it is not defined or not visible. Define it before, or hand it out of its block.",
                    position);
            }
        }
    }

    private void Nodes(ImmutableArray<Node> nodes)
    {
        foreach (var node in nodes)
        {
            Use(node.Inputs, node.Kind, node.Position);
            NodeRules.Check(node, _constants);
            if (node.IsSubgraphCall(out var name))
            {
                called.Add(name);
                CheckCall(node, name);
            }

            Blocks(node);
            Define(node.Outputs);
            if (node is { IsConstant: true, Outputs: [var output] } && node.Attribute("value") is { } constant)
            {
                _constants[output] = constant;
            }
        }
    }

    private void Blocks(Node node)
    {
        if (_depth == MaxNesting && !node.Blocks.IsEmpty)
        {
            throw Error(ErrorCodes.GraphLimit, $"blocks are nested more than {MaxNesting} deep. Nest them less.", node.Position);
        }

        _depth++;
        foreach (var block in node.Blocks)
        {
            // A block sees what is around it; what it defines leaves with it.
            var before = _order.Count;
            Define(block.Inputs);
            Nodes(block.Nodes);
            Use(block.Outputs, $"a block of {node.Kind}", node.Position);
            _visible.ExceptWith(_order[before..]);
            _order.RemoveRange(before, _order.Count - before);
        }

        _depth--;
    }

    private void CheckCall(Node node, string name)
    {
        var body = graph.FindSubgraph(name)
            ?? throw Error(ErrorCodes.UnresolvedSubgraph, $"{name} has no body in this graph. Add 'with {name} = graph(...)' after the return.", node.Position);
        if (body.Inputs.Length != node.Inputs.Length || body.Outputs.Length != node.Outputs.Length)
        {
            throw Error(
                ErrorCodes.SubgraphArity,
                $"{name} is called with {node.Inputs.Length} inputs for {node.Outputs.Length} outputs, but its body has {body.Inputs.Length} inputs and {body.Outputs.Length} outputs. Make them agree.",
                node.Position);
        }
    }

    internal static GraphException Error(string code, string message, SourcePosition position) => new(code, message, position.Line, position.Column);
}
