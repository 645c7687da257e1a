using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Operations.Schemas;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Holds every node of a graph against the catalogue: the number of its arguments and results, and their kinds. What stands behind may rely on it. Shapes,
/// element types and what is in lists are the planner's matter, and operations that are not offered that of <see cref="OperationCheck"/>.
/// </summary>
internal sealed class SchemaCheck
{
    private readonly ValueTypes _types;
    private readonly Dictionary<Value, ValueKinds> _kinds = new(ReferenceEqualityComparer.Instance);

    private readonly bool _hasDeadBranches;

    private SchemaCheck(Graph graph, bool hasDeadBranches) => (_types, _hasDeadBranches) = (ValueTypes.Of(graph), hasDeadBranches);

    /// <param name="hasDeadBranches">
    /// Whether there may be branches that never run. PyTorch prints them with forms of operations that nothing here takes (<c>out=</c>), so in blocks only what is
    /// done with values as such is checked: normalisation follows it there too.
    /// </param>
    /// <exception cref="GraphException">A node does not fit; the message names the node, its place and what was wanted.</exception>
    public static void Check(Graph graph, bool hasDeadBranches)
    {
        new SchemaCheck(graph, hasDeadBranches).Check(graph.Nodes, isBlock: false);
        foreach (var body in graph.Subgraphs)
        {
            Check(body.Body, hasDeadBranches);
        }
    }

    private void Check(ImmutableArray<Node> nodes, bool isBlock)
    {
        foreach (var node in nodes)
        {
            var mayBeDead = isBlock && _hasDeadBranches && !ValueOperations.MayBe(node) && !node.Kind.StartsWith("prim::", StringComparison.Ordinal);
            if (!mayBeDead && !node.IsSubgraphCall(out _) && KnownOperations.StatusOf(node) == OperationStatus.Offered)
            {
                Check(node);
            }

            foreach (var block in node.Blocks)
            {
                Check(block.Nodes, isBlock: true);
            }

            CheckBlocks(node);
        }
    }

    private void Check(Node node)
    {
        var schemas = KnownOperations.SchemasOf(node.Kind);
        var isTaken = false;
        foreach (var schema in schemas)
        {
            isTaken |= Takes(schema, node);
        }

        if (!isTaken)
        {
            throw Misfit(node, schemas);
        }

        for (var i = 0; i < node.Outputs.Length; i++)
        {
            var gives = ValueKinds.Nothing;
            foreach (var schema in schemas)
            {
                gives |= Takes(schema, node) ? schema.Result(i).Kinds : ValueKinds.Nothing;
            }

            Define(node, node.Outputs[i], gives);
        }
    }

    private bool Takes(Schema schema, Node node) => schema.Fits(node.Inputs.Length, node.Outputs.Length) && FirstWrong(schema, node) < 0;

    /// <summary>What is wrong with a node that has none of the forms; said of the form that gets furthest.</summary>
    private GraphException Misfit(Node node, ImmutableArray<Schema> schemas)
    {
        var fitting = schemas.RemoveAll(schema => !schema.Fits(node.Inputs.Length, node.Outputs.Length));
        if (fitting.IsEmpty)
        {
            return Error(ErrorCodes.OperationArity, node, $"{node.Kind} got {Count(node.Inputs.Length, "argument")} for {Count(node.Outputs.Length, "result")}, wanted {Forms(schemas)}");
        }

        var furthest = fitting.MaxBy(schema => FirstWrong(schema, node))!;
        var wrong = FirstWrong(furthest, node);
        return Error(
            ErrorCodes.OperationArgument,
            node,
            $"argument {wrong + 1} ({furthest.Parameter(wrong).Name}) of {node.Kind} is %{node.Inputs[wrong].Name}, {KindsOf(node.Inputs[wrong]).InWords()}, wanted {furthest.Parameter(wrong).Kinds.InWords()}: {Forms(schemas)}");
    }

    /// <summary>What branches hand out, and what a loop carries, is of the declared kind too.</summary>
    private void CheckBlocks(Node node)
    {
        var first = node.Kind == "prim::Loop" ? 1 : 0;
        for (var i = 0; i < node.Outputs.Length && !node.Blocks.IsEmpty; i++)
        {
            Define(node, node.Outputs[i], node.Blocks.Aggregate(ValueKinds.Nothing, (kinds, block) => kinds | KindsOf(block.Outputs[i + first])));
            if (first == 1)
            {
                // What later trips carry is seen only when the block has been gone through.
                Define(node, node.Blocks[0].Inputs[i + 1], KindsOf(node.Inputs[i + 2]) | KindsOf(node.Blocks[0].Outputs[i + 1]));
            }
        }
    }

    /// <summary>Where a text leaves a type out it reads as Tensor, so that type alone says nothing against what a node gives.</summary>
    private void Define(Node node, Value value, ValueKinds gives)
    {
        var declared = _types[value] is TensorType ? ValueKinds.Any : _types[value].Kinds();
        _kinds[value] = declared & gives;
        if (_kinds[value] == ValueKinds.Nothing)
        {
            throw Error(ErrorCodes.OperationArgument, node, $"%{value.Name} is declared {value.Type}, but {node.Kind} gives {gives.InWords()}. Correct the type");
        }
    }

    private ValueKinds KindsOf(Value value) => _kinds.GetValueOrDefault(value, _types[value].Kinds());

    /// <summary>The first argument that does not fit, or -1.</summary>
    private int FirstWrong(Schema schema, Node node)
    {
        for (var i = 0; i < node.Inputs.Length; i++)
        {
            if ((schema.Parameter(i).Kinds & KindsOf(node.Inputs[i])) == ValueKinds.Nothing)
            {
                return i;
            }
        }

        return -1;
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string Forms(ImmutableArray<Schema> schemas) => $"{string.Join(" or ", schemas)}. See docs/operations.md";

    private static GraphException Error(string code, Node node, string message) => new(code, $"{message}.", node.Position.Line, node.Position.Column);
}
