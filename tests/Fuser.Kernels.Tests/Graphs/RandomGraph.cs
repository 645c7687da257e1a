using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Tests.Graphs;

/// <summary>
/// Makes well-formed graphs from a seed: every type, literal, attribute, block and subgraph the text format knows. They are for
/// reading, printing and comparing; most have no meaning as computations.
/// </summary>
internal sealed class RandomGraph
{
    private readonly Random _random;
    private readonly List<Value> _visible = [];
    private int _names;
    private int _groups;

    private RandomGraph(Random random) => _random = random;

    public static Graph Create(int seed) => Create(new Random(seed), depth: 0);

    private static Graph Create(Random random, int depth)
    {
        var maker = new RandomGraph(random);
        var inputs = maker.Define(maker.Count(4));
        var subgraphs = ImmutableArray.CreateBuilder<Subgraph>();
        var nodes = maker.Nodes(maker.Count(12), depth, subgraphs);
        return new Graph(inputs, nodes, maker.Uses(maker.Count(3)), subgraphs.ToImmutable());
    }

    private ImmutableArray<Node> Nodes(int count, int depth, ImmutableArray<Subgraph>.Builder? subgraphs)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>();
        for (var i = 0; i < count; i++)
        {
            nodes.Add(_random.Next(12) switch
            {
                0 or 1 or 2 => Constant(),
                3 => Chunk(),
                4 when depth < 3 => If(depth),
                5 when depth < 3 => Loop(depth),
                6 when depth < 2 && subgraphs is not null => Group(depth, subgraphs),
                _ => Plain(),
            });
        }

        return nodes.ToImmutable();
    }

    private Node Constant()
    {
        var (type, value) = Literal();
        return new Node("prim::Constant", [], [Define(type)], value is null ? [] : [new NodeAttribute("value", value)], sourceComment: Comment());
    }

    private Node Chunk()
    {
        var input = Uses(1);
        if (input.IsEmpty)
        {
            return Plain();
        }

        var outputs = Define(1 + _random.Next(5));
        return new Node("prim::ConstantChunk", input, outputs, [new("chunks", new IntConstant(outputs.Length)), new("dim", new IntConstant(_random.Next(-3, 4)))]);
    }

    private Node Plain()
    {
        var kind = Pick("aten::add", "aten::__and__", "aten::rand_like", "custom::op.v2", "^Dropout(0.5, False)", "onnx::Add");
        var inputs = Uses(Count(4));
        ImmutableArray<NodeAttribute> attributes =
            [.. Enumerable.Range(0, _random.Next(5) == 0 ? 2 : 0).Select(i => new NodeAttribute($"a{i}", AnyLiteral(2)))];
        return new Node(kind, inputs, Define(Count(3)), attributes, sourceComment: Comment(), scope: _random.Next(8) == 0 ? "Net::/Linear[fc]" : null);
    }

    private Node Group(int depth, ImmutableArray<Subgraph>.Builder subgraphs)
    {
        var body = Create(_random, depth + 1);
        var name = $"prim::FusionGroup_{_groups++}";
        subgraphs.Add(new Subgraph(name, body));
        if (_visible.Count == 0 && body.Inputs.Length > 0)
        {
            body = new Graph([], [], []);
            subgraphs[^1] = new Subgraph(name, body);
        }

        return new Node(name, Uses(body.Inputs.Length), Define(body.Outputs.Length));
    }

    private Node If(int depth)
    {
        var input = Uses(1);
        if (input.IsEmpty)
        {
            return Plain();
        }

        var outputs = Count(2);
        var blocks = ImmutableArray.Create(Block(0, outputs, depth), Block(0, outputs, depth));
        return new Node("prim::If", input, Define(outputs), blocks: blocks, sourceComment: Comment());
    }

    private Node Loop(int depth)
    {
        var carried = Count(3);
        var inputs = Uses(carried + 2);
        if (inputs.IsEmpty)
        {
            return Plain();
        }

        var block = Block(carried + 1, carried + 1, depth);
        return new Node("prim::Loop", inputs, Define(carried), blocks: [block]);
    }

    private Block Block(int inputs, int outputs, int depth)
    {
        var before = _visible.Count;
        var defined = Define(inputs);
        var nodes = Nodes(Count(4), depth + 1, null);
        var block = new Block(defined, nodes, Uses(outputs));
        _visible.RemoveRange(before, _visible.Count - before);
        return block;
    }

    private ImmutableArray<Value> Uses(int count)
        => _visible.Count == 0 ? [] : [.. Enumerable.Range(0, count).Select(_ => _visible[_random.Next(_visible.Count)])];

    private ImmutableArray<Value> Define(int count) => [.. Enumerable.Range(0, count).Select(_ => Define(AnyType(2)))];

    private Value Define(GraphType type)
    {
        var name = _random.Next(3) == 0 ? $"{Pick("x", "mask", "größe", "/conv/out", "self.weight")}.{_names++}" : $"{_names++}";
        var value = new Value(name, type);
        _visible.Add(value);
        return value;
    }

    private GraphType AnyType(int depth) => _random.Next(depth > 0 ? 14 : 10) switch
    {
        0 => GraphType.Int,
        1 => GraphType.Float,
        2 => GraphType.Bool,
        3 => GraphType.String,
        4 => new DeviceType(),
        5 => GraphType.Tensor,
        6 => new OpaqueType(Pick("Any", "Dict(str, int)", "__torch__.M.___torch_mangle_0.Foo", "Future[Tensor]", "NamedTuple(x : Tensor, y : int)")),
        7 or 8 or 9 => Tensor(),
        10 => new ListType(AnyType(depth - 1)),
        11 => new OptionalType(AnyType(depth - 1)),
        _ => new TupleType([.. Enumerable.Range(0, Count(3)).Select(_ => AnyType(depth - 1))]),
    };

    private TensorType Tensor()
    {
        var rank = _random.Next(4);
        var type = new TensorType
        {
            ScalarType = _random.Next(4) == 0 ? null : Pick("Float", "Double", "Long", "Half", "BFloat16", "Bool", "ComplexFloat", "QInt8"),
            RequiresGrad = _random.Next(3) switch { 0 => null, 1 => true, _ => false },
            Device = _random.Next(3) switch { 0 => null, 1 => "cpu", _ => "cuda:1" },
            IsUndefined = _random.Next(10) == 0,
        };

        // A ranked tensor of rank 0 without an element type prints as one without a rank, so it is not made here.
        if (_random.Next(4) == 0 || (rank == 0 && type.ScalarType is null))
        {
            return type;
        }

        type = type with { Shape = [.. Enumerable.Range(0, rank).Select(_ => _random.Next(3) == 0 ? (long?)null : _random.Next(1000))] };
        return rank > 0 && _random.Next(3) == 0 ? type with { Strides = [.. Enumerable.Range(0, rank).Select(_ => (long)_random.Next(1000))] } : type;
    }

    private (GraphType Type, ConstantValue? Value) Literal() => _random.Next(8) switch
    {
        0 => (GraphType.Int, Int()),
        1 => (GraphType.Float, Float()),
        2 => (GraphType.Bool, new BoolConstant(_random.Next(2) == 0)),
        3 => (GraphType.String, String()),
        4 => (GraphType.None, null),
        5 => (new ListType(GraphType.Int), new ListConstant([.. Enumerable.Range(0, Count(3)).Select(_ => Int())])),
        6 => (new ListType(GraphType.Float), new ListConstant([.. Enumerable.Range(0, Count(3)).Select(_ => Float())])),
        _ => (Tensor(), Pick<ConstantValue>(new TensorConstant(Float()), new TensorConstant(Int()), new OpaqueConstant("<Tensor>"), new OpaqueConstant(" 1  2 [ CPUFloatType{2} ]"))),
    };

    private ConstantValue AnyLiteral(int depth) => _random.Next(depth > 0 ? 6 : 5) switch
    {
        0 => Int(),
        1 => Float(),
        2 => new BoolConstant(_random.Next(2) == 0),
        3 => String(),
        4 => new TensorConstant(Float()),
        _ => new ListConstant([.. Enumerable.Range(0, Count(3)).Select(_ => AnyLiteral(depth - 1))]),
    };

    private ConstantValue Int() => new IntConstant(_random.Next(3) == 0 ? _random.NextInt64(long.MinValue, long.MaxValue) : _random.Next(-9, 99));

    private ConstantValue Float() => new FloatConstant(_random.Next(4) switch
    {
        0 => Pick(0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 1e10, 9999999999.0, 1e-5, 0.1),
        1 => _random.Next(-100, 100),
        2 => _random.NextDouble(),
        _ => BitConverter.Int64BitsToDouble(_random.NextInt64(long.MinValue, long.MaxValue)),
    });

    private StringConstant String() => new(string.Concat(Enumerable.Range(0, Count(6)).Select(_ => Pick("a", "\"", "'", "\\", "\n", "\t", "\0", "中", "é", "#", "]", ", ", "\u007f", "🎈"))));

    private string? Comment() => _random.Next(3) == 0 ? Pick("model.py:1:2", "<string>:3:9", "C:\\a b\\m.py:7:1", "# twice") : null;

    private int Count(int limit) => _random.Next(limit + 1);

    private T Pick<T>(params T[] items) => items[_random.Next(items.Length)];
}
