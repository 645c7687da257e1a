using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>What the nodes around regions do: Python's meaning, as TorchScript has it.</summary>
internal static class HostOperations
{
    /// <summary>The result of a node with one output, or the items of one with several; None of one with none.</summary>
    /// <exception cref="FuserException">The arguments do not fit, or the graph raised its own error.</exception>
    public static ProgramValue Evaluate(HostArguments a)
    {
        switch (a.Node.Kind)
        {
            case "prim::Constant":
                return Constant(a.Node);
            case "prim::ListConstruct":
                return new ProgramList(a.Values.ToArray());
            case "prim::TupleConstruct":
                return ProgramValue.OfTuple(a.Values.ToArray());
            case "prim::ListUnpack" or "prim::TupleUnpack":
                return ProgramValue.OfTuple([.. a.Items(0)]);
            case "prim::TupleIndex":
                return TupleIndex(a);
            case "prim::TupleSlice":
                return TupleSlice(a);
            case "prim::Uninitialized":
                return ProgramValue.None;
            case "prim::unchecked_cast":
                return a[0];
            case "prim::unchecked_unwrap_optional" or "aten::_unwrap_optional":
                return a[0].Kind == ProgramValueKind.None ? throw a.Error(ErrorCodes.OperationArgument, "unwraps a value that is None; pass a value") : a[0];
            case "prim::RaiseException":
                throw Raised(a);
            case "aten::__is__":
                return a[0].IsSameObject(a[1]);
            case "aten::__isnot__":
                return !a[0].IsSameObject(a[1]);
        }

        if (a.Count > 0 && a[0].IsNumber && ScalarOperations.Has(a.Node.Kind, a.Count))
        {
            return Arithmetic(a);
        }

        return TextOperations.TryEvaluate(a)
            ?? ListOperations.TryEvaluate(a)
            ?? TensorOperations.TryEvaluate(a)
            ?? throw a.Error(ErrorCodes.UnsupportedOperation, $"has no meaning for ({string.Join(", ", a.Values.ToArray())})");
    }

    /// <summary>The number as the graph declares it: <c>2 ** n</c> may be an int or a float.</summary>
    public static ProgramValue OfDeclaredType(FuserValue number, GraphType type) => type switch
    {
        IntType when number.Kind != FuserValueKind.Integer => ScalarOperations.Evaluate("aten::Int", [number]),
        FloatType when number.Kind != FuserValueKind.Float => number.Float,
        BoolType when number.Kind != FuserValueKind.Boolean => number.Float != 0,
        _ => number,
    };

    public static ProgramValue Constant(Node node) => node.Attribute("value") switch
    {
        null => ProgramValue.None,
        IntConstant number => number.Value,
        FloatConstant number => number.Value,
        BoolConstant flag => flag.Value,
        StringConstant text => text.Value,
        ListConstant list => new ProgramList(list.Items.Select(item => item switch
        {
            IntConstant number => (ProgramValue)number.Value,
            FloatConstant number => number.Value,
            BoolConstant flag => flag.Value,
            StringConstant text => text.Value,
            _ => throw Unreadable(node),
        })),
        TensorConstant tensor => TensorOperations.OfConstant(ConstantTypes.DTypeOf(node.Outputs[0].Type, tensor), tensor.Item),
        _ => throw Unreadable(node),
    };

    private static GraphException Unreadable(Node node) => new(
        ErrorCodes.UnsupportedOperation, "the text does not hold the elements of this constant; pass it as an input of the graph", node.Position.Line, node.Position.Column);

    private static ProgramValue Arithmetic(HostArguments a)
    {
        var numbers = new FuserValue[a.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = a.Number(i);
        }

        return OfDeclaredType(ScalarOperations.Evaluate(a.Node.Kind, numbers), a.Node.Outputs[0].Type);
    }

    private static ProgramValue TupleIndex(HostArguments a)
    {
        var items = a.Items(0);
        var index = a.Integer(1);
        var at = index < 0 ? index + items.Count : index;
        return at >= 0 && at < items.Count ? items[(int)at] : throw a.Error(ErrorCodes.InvalidShape, $"index {index} is out of range for {a[0]}");
    }

    private static ProgramValue TupleSlice(HostArguments a)
    {
        var items = a.Items(0);
        if (!a.Node.TryGetInt("beg", out var begin) || !a.Node.TryGetInt("end", out var end) || begin < 0 || end < begin || end > items.Count)
        {
            throw a.Error(ErrorCodes.BadAttribute, $"needs attributes beg and end within {a[0]}");
        }

        return ProgramValue.OfTuple([.. items.Skip((int)begin).Take((int)(end - begin))]);
    }

    private static LaunchException Raised(HostArguments a)
    {
        var place = a.Node.Position.IsKnown ? $"{a.Node.Position}: " : "";
        var kind = a.Count > 1 && a[1].Kind == ProgramValueKind.Text ? $"{a[1].Text.Split('.')[^1]}" : "an error";
        var message = a.Count == 0 ? "" : a[0].Kind == ProgramValueKind.Text ? a[0].Text : a[0].ToString();
        return new LaunchException(ErrorCodes.GraphRaised, $"{place}the graph raised {kind}: {(message.Length == 0 ? "(no message)" : message)}");
    }
}
