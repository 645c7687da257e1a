using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>Types of values whose text declares none: what a prim operation says by itself, else <c>Tensor</c>, as PyTorch reads it.</summary>
internal static class UntypedValues
{
    /// <returns>From the index of an output to its type.</returns>
    public static Func<int, GraphType> Infer(string kind, ImmutableArray<NodeAttribute> attributes, ImmutableArray<Value> inputs, int outputs)
    {
        if (outputs == 0)
        {
            return static _ => GraphType.Tensor;
        }

        return kind switch
        {
            "prim::Constant" => _ => attributes is [{ Name: "value" } only] ? OfLiteral(only.Value) : attributes.IsEmpty ? GraphType.None : GraphType.Tensor,
            "prim::ListConstruct" => _ => new ListType(inputs.IsEmpty ? GraphType.Tensor : inputs[0].Type),
            "prim::TupleConstruct" => _ => new TupleType([.. inputs.Select(static v => v.Type)]),
            "prim::ListUnpack" => _ => inputs is [{ Type: ListType list }] ? list.Element : GraphType.Tensor,
            "prim::TupleUnpack" => i => inputs is [{ Type: TupleType tuple }] && i < tuple.Elements.Length ? tuple.Elements[i] : GraphType.Tensor,
            "aten::chunk" or "aten::split" or "aten::unbind" or "aten::broadcast_tensors" => static _ => new ListType(GraphType.Tensor),
            _ => static _ => GraphType.Tensor,
        };
    }

    private static GraphType OfLiteral(ConstantValue literal) => literal switch
    {
        IntConstant => GraphType.Int,
        FloatConstant => GraphType.Float,
        BoolConstant => GraphType.Bool,
        StringConstant => GraphType.String,
        ListConstant list => new ListType(list.Items.IsEmpty ? GraphType.Int : OfLiteral(list.Items[0])),
        _ => GraphType.Tensor,
    };
}
