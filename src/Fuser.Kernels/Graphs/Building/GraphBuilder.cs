using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// Builds a graph in C#:
/// <code>
/// var g = new GraphBuilder();
/// var x = g.Input("x");
/// var y = g.Input("y");
/// g.Output((x + y * 2.0).Relu());
/// Graph graph = g.Build();
/// </code>
/// Loops and conditions have no builder: a C# loop over handles unrolls, and <see cref="GraphTensor.Where(GraphTensor, GraphOperand, GraphOperand)"/> selects. Not thread-safe.
/// </summary>
public sealed class GraphBuilder
{
    private readonly List<Value> _inputs = [];
    private readonly List<Node> _constantNodes = [];
    private readonly List<Node> _nodes = [];
    private readonly List<GraphTensor> _outputs = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<(ConstantValue? Value, GraphType Type), Value> _constants = [];
    private int _nextName;

    /// <summary>Adds a tensor input; inputs are called in the order they were added.</summary>
    /// <param name="name">Its name: letters, digits and <c>_ . / $</c>.</param>
    /// <param name="type">What is known about it, for the reader of the graph; any tensor when null.</param>
    /// <exception cref="GraphException">The name is taken or cannot be written.</exception>
    public GraphTensor Input(string name, TensorType? type = null) => new(this, AddInput(name, type ?? GraphType.Tensor));

    /// <summary>Adds an input that is a number.</summary>
    /// <param name="name">Its name: letters, digits and <c>_ . / $</c>.</param>
    /// <param name="kind">What kind of number.</param>
    /// <exception cref="GraphException">The name is taken or cannot be written.</exception>
    public GraphScalar ScalarInput(string name, ScalarKind kind) => new(this, AddInput(name, TypeOf(kind)), kind);

    /// <summary>Adds any operation with one tensor result, by its PyTorch name.</summary>
    /// <param name="kind">Such as <c>aten::atan2</c>.</param>
    /// <param name="operands">The arguments in PyTorch's order; trailing ones with defaults are best written out.</param>
    /// <exception cref="GraphException">An operand belongs to another builder, or the name cannot be written.</exception>
    public GraphTensor Op(string kind, params ReadOnlySpan<GraphOperand> operands)
        => new(this, Emit(kind, [GraphType.Tensor], Resolve(operands))[0]);

    /// <summary>Adds any operation whose result is a list of tensors, and unpacks the list.</summary>
    /// <param name="kind">Such as <c>aten::unbind</c>.</param>
    /// <param name="count">How many tensors the list has.</param>
    /// <param name="operands">The arguments in PyTorch's order.</param>
    /// <exception cref="GraphException">An operand belongs to another builder, or the name cannot be written.</exception>
    public GraphTensor[] ListOp(string kind, int count, params ReadOnlySpan<GraphOperand> operands)
    {
        if (count < 1)
        {
            throw Misuse($"{kind} is unpacked into {count} tensors. Ask for 1 or more.");
        }

        var list = Emit(kind, [new ListType(GraphType.Tensor)], Resolve(operands));
        return [.. Emit("prim::ListUnpack", [.. Enumerable.Repeat(GraphType.Tensor, count)], list).Select(value => new GraphTensor(this, value))];
    }

    /// <summary>Adds an operation on numbers, such as the <c>aten::neg</c> of a scalar input.</summary>
    /// <param name="kind">Its PyTorch name.</param>
    /// <param name="result">What kind of number results.</param>
    /// <param name="operands">The arguments in PyTorch's order.</param>
    /// <exception cref="GraphException">An operand belongs to another builder, or the name cannot be written.</exception>
    public GraphScalar ScalarOp(string kind, ScalarKind result, params ReadOnlySpan<GraphOperand> operands)
        => new(this, Emit(kind, [TypeOf(result)], Resolve(operands))[0], result);

    /// <summary>Adds outputs, in order; may be called again for more.</summary>
    /// <exception cref="GraphException">A tensor belongs to another builder.</exception>
    public void Output(params ReadOnlySpan<GraphTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
            CheckOwner(tensor);
            _outputs.Add(tensor);
        }
    }

    /// <summary>
    /// The graph so far; the builder can go on. Several outputs are returned as one tuple, as TorchScript functions do, so that
    /// the printed graph is one PyTorch can load.
    /// </summary>
    /// <exception cref="GraphException">There are no outputs.</exception>
    public Graph Build()
    {
        if (_outputs.Count == 0)
        {
            throw Misuse("the graph has no outputs. Call Output with what it computes.");
        }

        ImmutableArray<Value> outputs = [.. _outputs.Select(static tensor => tensor.Value)];
        var nodes = ImmutableArray.CreateBuilder<Node>();
        nodes.AddRange(_constantNodes);
        nodes.AddRange(_nodes);
        if (outputs.Length > 1)
        {
            var tuple = new Value(FreshName(), new TupleType([.. outputs.Select(static value => value.Type)]));
            nodes.Add(new Node("prim::TupleConstruct", outputs, [tuple]));
            outputs = [tuple];
        }

        var graph = new Graph([.. _inputs], nodes.ToImmutable(), outputs);
        GraphValidator.Validate(graph);
        return graph;
    }

    private static GraphException Misuse(string message) => new(ErrorCodes.BuilderMisuse, message);

    private static GraphType TypeOf(ScalarKind kind) => kind switch
    {
        ScalarKind.Int => GraphType.Int,
        ScalarKind.Float => GraphType.Float,
        ScalarKind.Bool => GraphType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static GraphType TypeOf(ConstantValue? constant) => constant switch
    {
        null => GraphType.None,
        IntConstant => GraphType.Int,
        FloatConstant => GraphType.Float,
        BoolConstant => GraphType.Bool,
        StringConstant => GraphType.String,
        ListConstant => new ListType(GraphType.Int),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"an operand holds a {constant.GetType().Name}."),
    };

    private Value AddInput(string name, GraphType type)
    {
        var value = new Value(name, type);
        if (!_names.Add(name))
        {
            throw Misuse($"the input '{name}' is there already. Give every input a name of its own.");
        }

        _inputs.Add(value);
        return value;
    }

    private ImmutableArray<Value> Resolve(ReadOnlySpan<GraphOperand> operands)
    {
        var values = ImmutableArray.CreateBuilder<Value>(operands.Length);
        foreach (var operand in operands)
        {
            values.Add(Resolve(operand));
        }

        return values.MoveToImmutable();
    }

    private Value Resolve(GraphOperand operand)
    {
        if (operand.Handle is { } handle)
        {
            CheckOwner(handle);
            return handle.Value;
        }

        return operand.List.IsDefault
            ? Constant(operand.Constant)
            : Emit("prim::ListConstruct", [new ListType(GraphType.Tensor)], [.. operand.List.Select(tensor => Resolve(tensor))])[0];
    }

    /// <summary>Constants are pooled and stand before all nodes, as in the graphs PyTorch prints.</summary>
    private Value Constant(ConstantValue? constant)
    {
        var type = TypeOf(constant);
        if (!_constants.TryGetValue((constant, type), out var value))
        {
            value = new Value(FreshName(), type);
            _constants.Add((constant, type), value);
            _constantNodes.Add(new Node("prim::Constant", [], [value], constant is null ? [] : [new NodeAttribute("value", constant)]));
        }

        return value;
    }

    private ImmutableArray<Value> Emit(string kind, ImmutableArray<GraphType> types, ImmutableArray<Value> inputs)
    {
        ImmutableArray<Value> outputs = [.. types.Select(type => new Value(FreshName(), type))];
        _nodes.Add(new Node(kind, inputs, outputs));
        return outputs;
    }

    private void CheckOwner(GraphHandle handle)
    {
        if (!ReferenceEquals(handle.Builder, this))
        {
            throw Misuse($"%{handle.Value.Name} belongs to another GraphBuilder. Make it an input of this one.");
        }
    }

    private string FreshName()
    {
        string name;
        do
        {
            name = _nextName++.ToString();
        }
        while (!_names.Add(name));
        return name;
    }
}
