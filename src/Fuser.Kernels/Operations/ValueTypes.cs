using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Operations;

/// <summary>
/// What kind of value each value of a graph is. Texts that PyTorch printed declare it; where a text leaves a type out, which then reads as
/// Tensor, it follows from the operation and its arguments.
/// </summary>
internal sealed class ValueTypes
{
    private readonly Dictionary<Value, GraphType> _inferred = new(ReferenceEqualityComparer.Instance);

    public static ValueTypes Of(Graph graph)
    {
        var types = new ValueTypes();
        types.Infer(graph.Nodes);
        return types;
    }

    public GraphType this[Value value] => _inferred.GetValueOrDefault(value, value.Type);

    public bool IsNumber(Value value) => IsNumber(this[value]);

    public bool IsList(Value value) => this[value] is ListType;

    public bool IsText(Value value) => this[value] is StringType or DeviceType;

    public bool IsListOrText(Value value) => IsList(value) || IsText(value);

    /// <summary>Whether it can hold a tensor by itself, not only in a list or tuple.</summary>
    public bool MayBeTensor(Value value) => MayBeTensor(this[value]);

    private static bool MayBeTensor(GraphType type) => type switch
    {
        TensorType => true,
        OptionalType optional => MayBeTensor(optional.Element),
        OpaqueType => !IsNumber(type),
        _ => false,
    };

    private static bool IsNumber(GraphType type) => type.IsScalar || type is OpaqueType { Text: "number" or "Scalar" };

    private void Infer(ImmutableArray<Node> nodes)
    {
        foreach (var node in nodes)
        {
            for (var i = 0; node.Kind == "prim::Loop" && i + 2 < node.Inputs.Length; i++)
            {
                Set(node.Blocks[0].Inputs[i + 1], this[node.Inputs[i + 2]]);
            }

            if (node.Kind == "prim::Loop")
            {
                Set(node.Blocks[0].Inputs[0], GraphType.Int);
            }

            foreach (var block in node.Blocks)
            {
                Infer(block.Nodes);
            }

            for (var i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i].Type is TensorType && Guess(node, i) is { } type)
                {
                    Set(node.Outputs[i], type);
                }
            }
        }
    }

    /// <summary>Only where the text may have said nothing: a declared type is believed.</summary>
    private void Set(Value value, GraphType type)
    {
        if (value.Type is TensorType && type is not TensorType)
        {
            _inferred[value] = type;
        }
    }

    private GraphType? Guess(Node node, int output) => node.Kind switch
    {
        "prim::If" => Join(this[node.Blocks[0].Outputs[output]], this[node.Blocks[1].Outputs[output]]),
        "prim::Loop" => this[node.Inputs[output + 2]],
        "aten::size" => node.Inputs.Length > 1 ? GraphType.Int : new ListType(GraphType.Int),
        "prim::shape" => new ListType(GraphType.Int),
        "aten::dim" or "aten::numel" or "aten::len" or "prim::dtype" or "aten::Int" or "aten::IntImplicit" or "aten::count" => GraphType.Int,
        "aten::index" when node.Inputs is [var searched, ..] && IsListOrText(searched) => GraphType.Int,
        "aten::Float" or "aten::FloatImplicit" => GraphType.Float,
        "aten::Bool" or "aten::is_nonzero" or "aten::__is__" or "aten::__isnot__" or "aten::__contains__" or "aten::is_floating_point" or "prim::is_cuda" => GraphType.Bool,
        "aten::item" or "aten::ScalarImplicit" => GraphType.Float,
        "aten::format" or "aten::str" or "aten::percentFormat" => GraphType.String,
        "prim::ListConstruct" when node.Inputs is [var item, ..] => new ListType(this[item]),
        "prim::TupleConstruct" => new TupleType([.. node.Inputs.Select(input => this[input])]),
        "prim::TupleUnpack" when node.Inputs is [var tuple] && this[tuple] is TupleType items && output < items.Elements.Length => items.Elements[output],
        "prim::ListUnpack" or "aten::__getitem__" or "aten::pop" when node.Inputs is [var list, ..] && this[list] is ListType { Element: var element } => element,
        "prim::unchecked_cast" or "aten::list" or "aten::copy" or "aten::append" or "aten::add_" when node.Inputs is [var same, ..] => this[same],
        _ => GuessArithmetic(node),
    };

    private static GraphType Join(GraphType a, GraphType b) => a is NoneType ? b : a;

    private GraphType? GuessArithmetic(Node node)
    {
        if (node.Inputs is [var first, ..] && this[first] is ListType list && node.Kind is "aten::add" or "aten::mul" or "aten::slice")
        {
            return list;
        }

        if (!ScalarOperations.Has(node.Kind, node.Inputs.Length) || !node.Inputs.All(IsNumber))
        {
            return null;
        }

        return node.Kind is "aten::eq" or "aten::ne" or "aten::lt" or "aten::le" or "aten::gt" or "aten::ge" or "aten::__not__" or "aten::isnan" or "aten::isinf" or "aten::isfinite" ? GraphType.Bool
            : node.Kind == "aten::div" || ScalarFunctions.Has(node.Kind, node.Inputs.Length) || node.Inputs.Any(input => this[input] is FloatType) ? GraphType.Float
            : node.Inputs.All(input => this[input] is BoolType) ? GraphType.Bool : GraphType.Int;
    }
}
