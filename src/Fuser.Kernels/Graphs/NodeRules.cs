namespace Fuser.Kernels.Graphs;

/// <summary>What the prim operations need: their attributes, blocks and numbers of values.</summary>
internal static class NodeRules
{
    public static void Check(Node node, IReadOnlyDictionary<Value, ConstantValue> constants)
    {
        switch (node.Kind)
        {
            case "prim::Constant":
                Constant(node);
                break;
            case "prim::ConstantChunk":
                ConstantChunk(node);
                break;
            case "prim::FusedConcat":
                Arity(node, node.Inputs.Length >= 1 && node.Outputs.Length == 1, "one input or more and one output");
                _ = IntAttribute(node, "dim");
                break;
            case "aten::chunk":
                Chunk(node, constants);
                break;
            case "prim::ListConstruct" or "prim::TupleConstruct":
                Arity(node, node.Outputs.Length == 1, "one output");
                break;
            case "prim::ListUnpack" or "prim::TupleUnpack":
                Arity(node, node.Inputs.Length == 1, "one input");
                break;
            case "prim::If":
                Arity(node, node.Inputs.Length == 1, "one input");
                If(node);
                break;
            case "prim::Loop":
                Arity(node, node.Inputs.Length >= 2, "two inputs or more: the trip count, the condition, and what is carried");
                Loop(node);
                break;
        }
    }

    private static void Constant(Node node)
    {
        Arity(node, node.Inputs.IsEmpty && node.Outputs.Length == 1, "no inputs and one output");
        var type = node.Outputs[0].Type;
        var value = node.Attribute("value");
        if (!Fits(value, type))
        {
            throw Error(
                ErrorCodes.BadAttribute,
                node,
                $"a constant of type {type} {(value is null ? "needs a value attribute" : $"cannot have the value of a {Describe(value)}")}. Correct the type or the value.");
        }
    }

    /// <summary>Types that nothing computes with take whatever was printed; a missing value is None wherever None is allowed.</summary>
    private static bool Fits(ConstantValue? value, GraphType type) => type switch
    {
        IntType => value is IntConstant,
        FloatType => value is FloatConstant,
        BoolType => value is BoolConstant,
        StringType or DeviceType => value is StringConstant,
        NoneType => value is null,
        ListType list => value is OpaqueConstant || (value is ListConstant items && items.Items.All(item => Fits(item, list.Element))),
        OptionalType optional => value is null || Fits(value, optional.Element),
        _ => true,
    };

    private static string Describe(ConstantValue value) => value switch
    {
        IntConstant => "int",
        FloatConstant => "float",
        BoolConstant => "bool",
        StringConstant => "str",
        ListConstant => "list (its items are of another type)",
        TensorConstant => "tensor",
        _ => "kind that is not understood",
    };

    private static void ConstantChunk(Node node)
    {
        Arity(node, node.Inputs.Length == 1, "one input");
        var chunks = IntAttribute(node, "chunks");
        _ = IntAttribute(node, "dim");
        if (chunks <= 0 || chunks != node.Outputs.Length)
        {
            throw Error(
                ErrorCodes.BadAttribute,
                node,
                $"prim::ConstantChunk has chunks={chunks} and {node.Outputs.Length} outputs. The number of chunks is 1 or more and equals the number of outputs.");
        }
    }

    private static void Chunk(Node node, IReadOnlyDictionary<Value, ConstantValue> constants)
    {
        if (node.Inputs.Length >= 2 && constants.GetValueOrDefault(node.Inputs[1]) is IntConstant { Value: <= 0 and var chunks })
        {
            throw Error(ErrorCodes.BadAttribute, node, $"aten::chunk is asked for {chunks} chunks. Ask for 1 or more.");
        }
    }

    private static void If(Node node)
    {
        var fits = node.Blocks.Length == 2
            && node.Blocks.All(block => block.Inputs.IsEmpty && block.Outputs.Length == node.Outputs.Length);
        if (!fits)
        {
            throw Error(ErrorCodes.BadBlock, node, $"prim::If with {node.Outputs.Length} outputs needs two blocks without inputs and with {node.Outputs.Length} outputs each.");
        }
    }

    private static void Loop(Node node)
    {
        var carried = node.Inputs.Length - 2;
        var fits = node.Blocks is [var body] && body.Inputs.Length == carried + 1 && body.Outputs.Length == carried + 1 && node.Outputs.Length == carried;
        if (!fits)
        {
            throw Error(
                ErrorCodes.BadBlock,
                node,
                $"prim::Loop that carries {carried} values needs {carried} outputs and one block with {carried + 1} inputs (the trip number first) and {carried + 1} outputs (the condition first).");
        }
    }

    private static long IntAttribute(Node node, string name)
        => node.TryGetInt(name, out var value)
            ? value
            : throw Error(ErrorCodes.BadAttribute, node, $"{node.Kind} needs the attribute {name} with a whole number, such as [{name}=1].");

    private static void Arity(Node node, bool fits, string wanted)
    {
        if (!fits)
        {
            throw Error(ErrorCodes.OperationArity, node, $"{node.Kind} has {node.Inputs.Length} inputs and {node.Outputs.Length} outputs; it needs {wanted}.");
        }
    }

    private static GraphException Error(string code, Node node, string message) => GraphValidation.Error(code, message, node.Position);
}
