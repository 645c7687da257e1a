using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// What the passes share: a map from the values of the old graph to those of the new one, applied to nodes and,
/// inside them, to blocks.
/// </summary>
internal sealed class GraphRewriter
{
    private readonly Dictionary<Value, Value> _replacements = new(ReferenceEqualityComparer.Instance);

    public void Replace(Value old, Value replacement) => _replacements[old] = replacement;

    public Value Map(Value value) => _replacements.GetValueOrDefault(value, value);

    public ImmutableArray<Value> Map(ImmutableArray<Value> values) => ImmutableArray.CreateRange(values, Map);

    /// <summary>The node with its operands replaced, in its blocks too. Its outputs stay the same values.</summary>
    public Node Map(Node node) => new(
        node.Kind,
        Map(node.Inputs),
        node.Outputs,
        node.Attributes,
        ImmutableArray.CreateRange(node.Blocks, block => new Block(block.Inputs, ImmutableArray.CreateRange(block.Nodes, Map), Map(block.Outputs))),
        node.SourceComment,
        node.Scope,
        node.Position);
}
