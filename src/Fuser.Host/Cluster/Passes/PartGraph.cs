using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster.Passes;

/// <summary>A graph that makes a part of a run, or finishes what parts have made.</summary>
/// <param name="Graph">An ordinary graph, which every node can run.</param>
/// <param name="Operands">What its inputs are, in order.</param>
internal sealed record PartGraph(Graph Graph, ImmutableArray<PartOperand> Operands);

/// <summary>What an input of such a graph is bound to.</summary>
internal abstract record PartOperand;

/// <summary>An array of the caller's: its rows, or all of it.</summary>
internal sealed record InputOperand(int Index) : PartOperand;

/// <summary>A number of the whole run, such as the number of all its elements: another number needs no other graph.</summary>
internal sealed record NumberOperand(int Slot, FuserValue Value) : PartOperand;

/// <summary>Where the part starts.</summary>
internal sealed record FirstRowOperand : PartOperand;

/// <summary>How many rows the part has.</summary>
internal sealed record RowCountOperand : PartOperand;

/// <summary>The subtrees of a reduction that parts have made, in order along the first axis.</summary>
internal sealed record SubtreesOperand(ReducedTensor Reduction) : PartOperand;

/// <summary>What was made of the results of an earlier pass.</summary>
internal sealed record FinishedOperand(PlanTensor Tensor) : PartOperand;
