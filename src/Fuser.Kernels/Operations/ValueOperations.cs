using System.Collections.Frozen;
using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Operations on lists, tuples, texts and single elements of tensors. A plan cannot say them, because what they give depends on more than
/// shapes and numbers; a graph that has one is run as a program.
/// </summary>
internal static class ValueOperations
{
    /// <summary>Reads of a tensor's one element as a number. On a number the first three are conversions.</summary>
    private static readonly FrozenSet<string> ReadKinds = FrozenSet.Create(
        "aten::Int", "aten::Float", "aten::Bool", "aten::item", "aten::_local_scalar_dense", "aten::is_nonzero", "aten::ScalarImplicit", "aten::IntImplicit", "aten::FloatImplicit");

    /// <summary>Changes of a list in place; all but pop answer the list itself or nothing.</summary>
    private static readonly FrozenSet<string> MutationKinds = FrozenSet.Create(
        "aten::append", "aten::extend", "aten::insert", "aten::pop", "aten::reverse", "aten::clear", "aten::_set_item", "aten::Delete");

    /// <summary>No effect, and no result but what the value has or is.</summary>
    private static readonly FrozenSet<string> PureKinds = FrozenSet.Create(
        "prim::TupleIndex", "prim::TupleSlice", "prim::Uninitialized", "prim::unchecked_unwrap_optional", "prim::is_cuda", "prim::requires_grad", "prim::shape",
        "aten::__is__", "aten::__isnot__", "aten::__contains__", "aten::list", "aten::copy", "aten::count", "aten::format", "aten::str", "aten::percentFormat",
        "aten::_unwrap_optional", "aten::is_floating_point", "aten::is_complex");

    /// <summary>Kinds with another meaning when their first argument is a list: joined, repeated, compared, cut, searched.</summary>
    private static readonly FrozenSet<string> ListKinds = FrozenSet.Create(
        "aten::add", "aten::mul", "aten::eq", "aten::ne", "aten::slice", "aten::index", "prim::min", "prim::max");

    /// <summary>What PyTorch prints for its user, or for nobody: it has no influence on any result.</summary>
    public static bool IsRemark(string kind) => kind is "aten::warn" or "prim::Print";

    public static bool IsControlFlow(string kind) => kind is "prim::If" or "prim::Loop";

    /// <summary>Whether the node reads an element of a tensor.</summary>
    public static bool IsRead(Node node, ValueTypes types) =>
        ReadKinds.Contains(node.Kind) && node.Inputs is [var only] && types.MayBeTensor(only);

    /// <summary>Whether the node changes a list in place.</summary>
    public static bool IsMutation(Node node, ValueTypes types) =>
        MutationKinds.Contains(node.Kind) || (node.Kind == "aten::add_" && node.Inputs is [var list, _] && types.IsList(list));

    /// <summary>Whether the node is a pure operation that no plan can say.</summary>
    public static bool IsPure(Node node, ValueTypes types) =>
        PureKinds.Contains(node.Kind)
        || (ListKinds.Contains(node.Kind) && node.Inputs is [var first, ..] && types.IsListOrText(first))
        || (node.Kind is "aten::len" or "aten::__getitem__" && node.Inputs is [var text, ..] && types.IsText(text));

    /// <summary>Whether a graph with this node is run as a program, above plans.</summary>
    public static bool NeedsProgram(Node node, ValueTypes types) =>
        IsControlFlow(node.Kind) || node.Kind == "prim::RaiseException" || IsMutation(node, types) || IsRead(node, types) || IsPure(node, types);

    /// <summary>Whether the kind can be one of these operations; the types of its arguments decide at the run.</summary>
    public static bool MayBe(Node node) =>
        IsControlFlow(node.Kind) || IsRemark(node.Kind) || node.Kind == "prim::RaiseException" || ReadKinds.Contains(node.Kind) || MutationKinds.Contains(node.Kind)
        || PureKinds.Contains(node.Kind) || (node.Kind == "aten::add_" && node.Inputs is [{ Type: ListType }, ..]);

    /// <summary>Whether running the node does more than give its outputs; it is then neither dropped nor moved past another such node.</summary>
    public static bool HasEffect(Node node, ValueTypes types) =>
        node.Kind == "prim::RaiseException" || IsMutation(node, types) || HasEffect(node.Blocks, types);

    private static bool HasEffect(ImmutableArray<Block> blocks, ValueTypes types)
    {
        foreach (var block in blocks)
        {
            foreach (var node in block.Nodes)
            {
                if (HasEffect(node, types))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
