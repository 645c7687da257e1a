namespace Fuser.Kernels.Graphs;

/// <summary>A named body that a node of the same kind calls: <c>with prim::FusionGroup_0 = graph(...)</c>.</summary>
/// <param name="Name">The kind of the nodes that call it.</param>
/// <param name="Body">The body; it has its own values and may have subgraphs of its own.</param>
public sealed record Subgraph(string Name, Graph Body);
