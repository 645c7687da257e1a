using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// The body of a control-flow node (<c>prim::Loop</c>, <c>prim::If</c>). It sees every value defined before its node; what it
/// defines is visible inside it only.
/// </summary>
public sealed class Block
{
    /// <summary>Creates a block.</summary>
    public Block(ImmutableArray<Value> inputs, ImmutableArray<Node> nodes, ImmutableArray<Value> outputs)
    {
        Inputs = inputs.OrEmpty();
        Nodes = nodes.OrEmpty();
        Outputs = outputs.OrEmpty();
    }

    /// <summary>Values the block defines on entry.</summary>
    public ImmutableArray<Value> Inputs { get; }

    /// <summary>Nodes in order of evaluation.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>Values the block hands back to its node.</summary>
    public ImmutableArray<Value> Outputs { get; }
}
