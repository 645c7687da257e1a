using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Fuser.Kernels.Graphs;

/// <summary>One operation of a graph: a kind such as <c>aten::add</c>, what it reads, what it defines.</summary>
public sealed class Node
{
    /// <summary>Creates a node.</summary>
    /// <param name="kind">Qualified kind, such as <c>aten::add</c> or <c>prim::FusionGroup_0</c>.</param>
    /// <param name="inputs">Values read, in the order of the operation's arguments.</param>
    /// <param name="outputs">Values defined.</param>
    /// <param name="attributes">Named constants.</param>
    /// <param name="blocks">Bodies of a control-flow node.</param>
    /// <param name="sourceComment">Text after <c># </c>, usually <c>file:line:column</c>.</param>
    /// <param name="scope">Text after <c>, scope: </c> in a traced graph.</param>
    /// <param name="position">Where the node starts in the text.</param>
    /// <exception cref="GraphException">The text format cannot write the kind, the comment or the scope.</exception>
    public Node(
        string kind,
        ImmutableArray<Value> inputs,
        ImmutableArray<Value> outputs,
        ImmutableArray<NodeAttribute> attributes = default,
        ImmutableArray<Block> blocks = default,
        string? sourceComment = null,
        string? scope = null,
        SourcePosition position = default)
    {
        Kind = GraphNames.CheckKind(kind);
        Inputs = inputs.OrEmpty();
        Outputs = outputs.OrEmpty();
        Attributes = attributes.OrEmpty();
        Blocks = blocks.OrEmpty();
        SourceComment = GraphNames.CheckRemark(sourceComment, "\n");
        Scope = GraphNames.CheckRemark(scope, "\n#");
        Position = position;
    }

    /// <summary>Qualified kind.</summary>
    public string Kind { get; }

    /// <summary>Values read, in argument order.</summary>
    public ImmutableArray<Value> Inputs { get; }

    /// <summary>Values defined.</summary>
    public ImmutableArray<Value> Outputs { get; }

    /// <summary>Named constants, in the order of the text.</summary>
    public ImmutableArray<NodeAttribute> Attributes { get; }

    /// <summary>Bodies of a control-flow node, else empty.</summary>
    public ImmutableArray<Block> Blocks { get; }

    /// <summary>Where the operation came from, as the text says after <c># </c>.</summary>
    public string? SourceComment { get; }

    /// <summary>Module scope of a traced graph.</summary>
    public string? Scope { get; }

    /// <summary>Where the node starts in the text; not part of a graph's equality.</summary>
    public SourcePosition Position { get; }

    /// <summary>Whether this is a <c>prim::Constant</c>; without a <c>value</c> attribute it is None.</summary>
    public bool IsConstant => Kind == "prim::Constant";

    /// <summary>The value of an attribute, or null when the node has none of that name.</summary>
    public ConstantValue? Attribute(string name)
    {
        foreach (var attribute in Attributes)
        {
            if (attribute.Name == name)
            {
                return attribute.Value;
            }
        }

        return null;
    }

    /// <summary>Reads an integer attribute.</summary>
    /// <returns>False when it is absent or not an integer.</returns>
    public bool TryGetInt(string name, out long value)
    {
        value = Attribute(name) is IntConstant constant ? constant.Value : 0;
        return Attribute(name) is IntConstant;
    }

    /// <summary>
    /// Whether the kind names a fused body: <c>prim::</c>, a name, an underscore and a number, as in <c>prim::FusionGroup_0</c>.
    /// </summary>
    public bool IsSubgraphCall([NotNullWhen(true)] out string? name)
    {
        name = IsSubgraphName(Kind) ? Kind : null;
        return name is not null;
    }

    internal static bool IsSubgraphName(string kind)
    {
        var digits = kind.Length;
        while (digits > 0 && char.IsAsciiDigit(kind[digits - 1]))
        {
            digits--;
        }

        return digits < kind.Length && digits > "prim::_".Length && kind[digits - 1] == '_'
            && kind.StartsWith("prim::", StringComparison.Ordinal);
    }

    /// <summary>The same node with other bodies.</summary>
    internal Node WithBlocks(ImmutableArray<Block> blocks) => new(Kind, Inputs, Outputs, Attributes, blocks, SourceComment, Scope, Position);

    /// <summary>Kind and arity, for messages and the debugger.</summary>
    public override string ToString()
        => $"{string.Join(", ", Outputs.Select(static v => "%" + v.Name))} = {Kind}({string.Join(", ", Inputs.Select(static v => "%" + v.Name))})";
}
