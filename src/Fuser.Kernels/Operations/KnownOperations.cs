using System.Collections.Frozen;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Operations;

/// <summary>Whether an operation can be run.</summary>
internal enum OperationStatus
{
    /// <summary>It runs.</summary>
    Offered,

    /// <summary>Its meaning is known, but nothing here runs it.</summary>
    Refused,

    /// <summary>Nothing is known about it.</summary>
    Unknown,
}

/// <summary>All operations there are, beyond the elementwise ones of the catalogue and the planned ones.</summary>
internal static class KnownOperations
{
    /// <summary>How values are put together and taken apart; they cost nothing.</summary>
    private static readonly FrozenSet<string> Structural = FrozenSet.Create(
        "prim::Constant", "prim::ListConstruct", "prim::ListUnpack", "prim::TupleConstruct", "prim::TupleUnpack", "prim::ConstantChunk",
        "prim::FusedConcat", "prim::BroadcastSizes", "prim::dtype", "prim::device", "aten::size", "aten::dim", "aten::numel", "aten::len", "aten::__getitem__",
        "aten::cat", "aten::concat", "aten::stack", "aten::broadcast_tensors", "prim::unchecked_cast");

    private static readonly FrozenSet<string> RefusedKinds = FrozenSet.Create(
        "aten::nonzero", "aten::masked_select", "aten::scatter", "aten::scatter_add", "aten::index_put", "aten::index_add", "aten::sort", "aten::argsort", "aten::topk", "aten::cumprod",
        "aten::lstm", "aten::gru");

    public static OperationStatus StatusOf(Node node)
    {
        if (RefusedKinds.Contains(node.Kind))
        {
            return OperationStatus.Refused;
        }

        if (ValueOperations.MayBe(node))
        {
            return OperationStatus.Offered;
        }

        var elementwise = OperationCatalogue.Find(node.Kind);
        return Structural.Contains(node.Kind) || PlannedOperations.Has(node.Kind) || ViewOperations.Has(node.Kind) || ScalarOperations.Has(node.Kind, node.Inputs.Length) ? OperationStatus.Offered
            : elementwise is not null ? (IsAnotherForm(node) ? OperationStatus.Refused : OperationStatus.Offered)
            : InPlaceName(node.Kind) ? OperationStatus.Refused : OperationStatus.Unknown;
    }

    /// <summary>where means something else with another number of arguments: a list of indices, whose number depends on values.</summary>
    private static bool IsAnotherForm(Node node) => node.Kind is "aten::where" && !OperationCatalogue.Find(node.Kind)!.Takes(node.Inputs.Length);

    /// <summary>An in-place form (<c>aten::relu_</c>) of an operation that exists.</summary>
    private static bool InPlaceName(string kind) => kind.EndsWith('_') && OperationCatalogue.Find(kind[..^1]) is not null;
}
