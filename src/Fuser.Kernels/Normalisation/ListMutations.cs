using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// A list that is made, filled and read in one block, and is nowhere else, becomes a list that is made when it is read: then nothing
/// changes in place, and what is joined from it can be planned with what it is made of.
/// </summary>
internal sealed class ListMutations : BlockRewriting
{
    /// <summary>Lists of this kind and what they hold at the place the rewriting has come to.</summary>
    private readonly Dictionary<Value, List<Value>> _contents = new(ReferenceEqualityComparer.Instance);

    /// <summary>The list as it was last written out, while that is still what it holds.</summary>
    private readonly Dictionary<Value, Value> _versions = new(ReferenceEqualityComparer.Instance);

    public static Graph Apply(Graph graph) => new ListMutations().Rewrite(graph);

    protected override ImmutableArray<Node> Rewrite(ImmutableArray<Node> source, ImmutableArray<Value> results)
    {
        foreach (var list in LocalLists.Of(source))
        {
            _contents.Add(list, []);
        }

        var nodes = new List<Node>(base.Rewrite(source, results));
        foreach (var list in results.Where(_contents.ContainsKey))
        {
            Rewriter.Replace(list, Version(nodes, list));
        }

        return [.. nodes];
    }

    protected override void Append(List<Node> nodes, Node node)
    {
        if (node.Kind == "prim::ListConstruct" && _contents.TryGetValue(node.Outputs[0], out var made))
        {
            made.AddRange(node.Inputs);
            Changed = true;
            return;
        }

        if (LocalLists.IsMutation(node) && node.Inputs is [var changed, ..])
        {
            // What a mutation answers is the list itself.
            if (node.Kind != "aten::pop" && !node.Outputs.IsEmpty)
            {
                Forward(node.Outputs[0], changed);
                node = new Node(node.Kind, node.Inputs, [], node.Attributes, default, node.SourceComment, node.Scope, node.Position);
            }

            if (_contents.TryGetValue(changed, out var contents))
            {
                Mutate(contents, node);
                _versions.Remove(changed);
                return;
            }
        }

        nodes.Add(node.Inputs.Any(_contents.ContainsKey) ? WithVersions(nodes, node) : node);
    }

    private void Mutate(List<Value> contents, Node node)
    {
        switch (node.Kind)
        {
            case "aten::append": contents.Add(node.Inputs[1]); break;
            case "aten::clear": contents.Clear(); break;
            case "aten::reverse": contents.Reverse(); break;
            default: contents.AddRange([.. _contents[node.Inputs[1]]]); break;
        }
    }

    private Node WithVersions(List<Node> nodes, Node node)
    {
        var inputs = ImmutableArray.CreateRange(node.Inputs, input => _contents.ContainsKey(input) ? Version(nodes, input) : input);
        return new Node(node.Kind, inputs, node.Outputs, node.Attributes, node.Blocks, node.SourceComment, node.Scope, node.Position);
    }

    private Value Version(List<Node> nodes, Value list)
    {
        if (!_versions.TryGetValue(list, out var version))
        {
            version = new Value(list.Name, list.Type, list.Position);
            nodes.Add(new Node("prim::ListConstruct", [.. _contents[list]], [version], position: list.Position));
            _versions.Add(list, version);
        }

        return version;
    }
}
