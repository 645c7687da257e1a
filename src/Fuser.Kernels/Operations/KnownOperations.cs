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

/// <summary>All operations there are, beyond the elementwise ones of the catalogue.</summary>
internal static class KnownOperations
{
    /// <summary>How values are put together and taken apart; they cost nothing.</summary>
    private static readonly FrozenSet<string> Structural = FrozenSet.Create(
        "prim::Constant", "prim::ListConstruct", "prim::ListUnpack", "prim::TupleConstruct", "prim::TupleUnpack", "prim::ConstantChunk",
        "prim::FusedConcat", "prim::BroadcastSizes", "prim::dtype", "prim::device", "aten::size", "aten::dim", "aten::numel", "aten::len", "aten::__getitem__",
        "aten::cat", "aten::concat", "aten::stack", "aten::broadcast_tensors", "prim::unchecked_cast");

    private static readonly FrozenSet<string> RefusedKinds = FrozenSet.Create(
        "aten::sum", "aten::mean", "aten::prod", "aten::amax", "aten::amin", "aten::argmax",
        "aten::argmin", "aten::var", "aten::std", "aten::var_mean", "aten::norm", "aten::linalg_vector_norm", "aten::logsumexp", "aten::all", "aten::any",
        "aten::cumsum", "aten::softmax", "aten::log_softmax", "aten::_softmax", "aten::_log_softmax", "aten::layer_norm", "aten::native_layer_norm",
        "aten::group_norm", "aten::batch_norm", "aten::rms_norm", "aten::cross_entropy_loss", "aten::nll_loss", "aten::nll_loss_nd", "aten::mse_loss",
        "aten::binary_cross_entropy", "aten::binary_cross_entropy_with_logits", "aten::sum_to_size", "aten::_grad_sum_to_size", "aten::mm", "aten::bmm",
        "aten::matmul", "aten::addmm", "aten::linear", "aten::einsum", "aten::embedding", "aten::index_select", "aten::gather", "aten::arange",
        "aten::zeros", "aten::ones", "aten::full", "aten::conv1d", "aten::conv2d",
        "aten::_convolution", "aten::max_pool2d", "aten::avg_pool2d", "aten::cosine_similarity", "aten::scaled_dot_product_attention");

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
        return Structural.Contains(node.Kind) || ViewOperations.Has(node.Kind) || ScalarOperations.Has(node.Kind, node.Inputs.Length) ? OperationStatus.Offered
            : elementwise is not null ? (IsReductionForm(node) ? OperationStatus.Refused : OperationStatus.Offered)
            : InPlaceName(node.Kind) ? OperationStatus.Refused : OperationStatus.Unknown;
    }

    /// <summary>max, min and where mean something else with another number of arguments: reductions, a list of indices.</summary>
    private static bool IsReductionForm(Node node) =>
        node.Kind is "aten::max" or "aten::min" or "aten::where" && !OperationCatalogue.Find(node.Kind)!.Takes(node.Inputs.Length);

    /// <summary>An in-place form (<c>aten::relu_</c>) of an operation that exists.</summary>
    private static bool InPlaceName(string kind) => kind.EndsWith('_') && OperationCatalogue.Find(kind[..^1]) is not null;
}
