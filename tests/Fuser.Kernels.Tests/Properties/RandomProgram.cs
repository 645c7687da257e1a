using System.Collections.Concurrent;
using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Properties;

/// <summary>
/// A graph that can be run, with inputs for it, from a seed: operations of the whole catalogue on any dtypes, views and concatenations
/// of inputs and of computed values, reductions over any axes, numbers as inputs, several outputs of several shapes.
/// </summary>
internal sealed partial class RandomProgram
{
    private const long MostElements = 4000;

    private static readonly string[] IntegerDivisions = ["aten::div", "aten::divide", "aten::floor_divide", "aten::fmod", "aten::remainder"];

    private static readonly ConcurrentDictionary<string, bool> Lowered = new();

    private readonly Random _random;
    private readonly bool _drawsNumbers;
    private readonly bool _large;
    private readonly List<string> _lines = [];
    private readonly List<string> _declarations = [];
    private readonly List<Tensor> _tensors = [];
    private readonly List<(string Name, DType Category)> _numbers = [];
    private readonly List<FuserValue> _inputs = [];
    private readonly Operation[] _operations;
    private int _names;

    private RandomProgram(int seed, bool drawsNumbers, bool large)
    {
        _random = new Random(seed);
        _drawsNumbers = drawsNumbers;
        _large = large;
        _operations = [.. OperationCatalogue.All.Where(operation => drawsNumbers || !operation.IsRandom)];
        AddInputs();
        var steps = 1 + _random.Next(14);
        for (var i = 0; i < steps; i++)
        {
            Step();
        }

        Text = Print(Outputs());
        Graph = GraphText.Parse(Text);
    }

    private sealed record Tensor(string Name, DType DType, ImmutableArray<long> Shape);

    public string Text { get; }

    public Graph Graph { get; }

    public FuserValue[] Inputs => [.. _inputs];

    /// <param name="drawsNumbers">Whether random operations are among it.</param>
    /// <param name="large">Whether tensors have enough elements to be run on several threads.</param>
    public static RandomProgram Create(int seed, bool drawsNumbers = false, bool large = false) => new(seed, drawsNumbers, large);

    public override string ToString() => $"inputs {string.Join(", ", _inputs.Select(input => input.Kind == FuserValueKind.Array ? $"{input} strides {Shapes.Text(input.Array.Layout.Strides.AsSpan())}" : input.ToString()))}\n{Text}";

    private void AddInputs()
    {
        var whole = Shape();
        var count = 1 + _random.Next(4);
        var dtypes = RandomArrays.DTypes.OrderBy(_ => _random.Next()).Take(1 + _random.Next(3)).ToArray();
        for (var i = 0; i < count; i++)
        {
            var shape = i == 0 ? whole : Broadcastable(whole);
            var array = RandomArrays.Create(_random, RandomArrays.Pick(_random, dtypes), shape);
            var name = Declare("Tensor");
            _tensors.Add(new Tensor(name, array.DType, shape));
            _inputs.Add(array);
        }

        for (var i = _random.Next(3); i > 0; i--)
        {
            AddNumber();
        }
    }

    private void AddNumber()
    {
        switch (_random.Next(3))
        {
            case 0:
                _numbers.Add((Declare("int"), DType.Int64));
                _inputs.Add((long)_random.Next(-3, 4));
                break;
            case 1:
                _numbers.Add((Declare("bool"), DType.Bool));
                _inputs.Add(_random.Next(2) == 0);
                break;
            default:
                _numbers.Add((Declare("float"), DType.Float64));
                _inputs.Add(RandomArrays.Real(_random));
                break;
        }
    }

    private ImmutableArray<long> Shape()
    {
        if (_large)
        {
            return RandomArrays.Pick<ImmutableArray<long>>(_random, [100_003], [310, 330], [5, 20_011], [40, 3, 900], [9, 11, 13, 80]);
        }

        long[] sizes = _random.Next(12) == 0 ? [0, 1, 2, 3] : [1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 65];
        while (true)
        {
            ImmutableArray<long> shape = [.. Enumerable.Range(0, _random.Next(6)).Select(_ => RandomArrays.Pick(_random, sizes))];
            if (Shapes.ElementCount(shape.AsSpan()) <= MostElements / 2)
            {
                return shape;
            }
        }
    }

    private ImmutableArray<long> Broadcastable(ImmutableArray<long> whole)
    {
        var kept = whole[(_random.Next(3) == 0 ? _random.Next(whole.Length + 1) : 0)..];
        return [.. kept.Select(size => _random.Next(4) == 0 ? 1 : size)];
    }

    private void Step()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if (_random.Next(5) == 0 ? Reduction() : _random.Next(3) > 0 ? Elementwise() : _random.Next(5) == 0 ? Join() : View())
            {
                return;
            }
        }
    }

    private bool Elementwise()
    {
        var operation = RandomArrays.Pick(_random, _operations);
        var arguments = new List<string>();
        var types = new List<OperandType>();
        ImmutableArray<long> shape = [];
        foreach (var parameter in operation.Parameters)
        {
            if (parameter.HasDefault && _random.Next(2) == 0)
            {
                break;
            }

            switch (parameter.Kind)
            {
                case ParameterKind.Operand when _random.Next(4) == 0:
                case ParameterKind.Number:
                    var (number, category) = Number(mayBeInput: !operation.HoldsNumbers);
                    arguments.Add(number);
                    types.Add(category);
                    break;
                case ParameterKind.Tensor or ParameterKind.Operand or ParameterKind.Condition:
                    if (Operand(shape, parameter.Kind == ParameterKind.Condition) is not { } tensor)
                    {
                        return false;
                    }

                    shape = Shapes.TryBroadcast(shape, tensor.Shape)!.Value;
                    arguments.Add(tensor.Name);
                    types.Add(new OperandType(tensor.Shape.IsEmpty ? OperandRank.ZeroDimensional : OperandRank.Dimensioned, tensor.DType));
                    break;
                case ParameterKind.Like when parameter.Name is "a" or "dtype" or "other":
                    var like = RandomArrays.Pick(_random, _tensors.ToArray());
                    var code = RandomArrays.Pick(_random, RandomArrays.DTypes).TorchCode();
                    var byTensor = parameter.Name == "other";
                    arguments.Add(byTensor ? like.Name : Literal("int", code.ToString()));
                    types.Add(byTensor ? new OperandType(OperandRank.Dimensioned, like.DType) : OperandType.OfConstant(new IntConstant(code)));
                    break;
                case ParameterKind.Constant when parameter.Name == "train":
                    arguments.Add(Literal("bool", "1"));
                    types.Add(OperandType.OfConstant(new BoolConstant(true)));
                    break;
                default:
                    if (!parameter.HasDefault)
                    {
                        return false;
                    }

                    goto done;
            }
        }

    done:
        // prelu's weight is one number or one per channel, whatever else would broadcast.
        if (operation.Kind == "aten::prelu" || !types.Exists(type => type.IsTensor))
        {
            return false;
        }

        try
        {
            var resolution = operation.Types(OperandTypes.Create(operation, [.. types]));
            if (IntegerDivisions.Contains(operation.Kind) && !resolution.Compute.IsFloatingPoint())
            {
                return false; // what of a tensor is divided by zero depends on what of it is needed
            }

            if (!Lowers(operation, [.. types]))
            {
                return false;
            }

            Define(operation.Kind, arguments, resolution.Result, shape);
            return true;
        }
        catch (GraphException)
        {
            return false; // not for these dtypes
        }
    }

    /// <summary>Whether the operation's meaning takes these types: some functions are defined for fewer than their type rule lets through.</summary>
    private static bool Lowers(Operation operation, ImmutableArray<OperandType> types) => Lowered.GetOrAdd($"{operation.Kind} {string.Join(", ", types)}", _ =>
    {
        var builder = new IrBuilder();
        var operands = OperandTypes.Create(operation, types.AsSpan());
        var values = types.Select((type, i) =>
        {
            builder.AddArgument(new KernelArgument(ArgumentKind.Scalar, DType.Float64, InnerAccess.Uniform));
            return type.Constant is not null || type.IsNone ? default(IrValue?) : ValueConversion.Promote(builder, builder.Scalar(i), DType.Float64, type.DType);
        }).ToArray();
        var random = new RandomSource(builder.Int64(1), builder.Int64(2), builder.Int64(3));
        try
        {
            OperationLowering.Apply(builder, operands, values, random);
            return true;
        }
        catch (GraphException)
        {
            return false;
        }
    });

    private Tensor? Operand(ImmutableArray<long> shape, bool condition)
    {
        var fitting = _tensors.Where(tensor => (!condition || tensor.DType is DType.Bool or DType.UInt8)
            && Shapes.TryBroadcast(shape, tensor.Shape) is { } result && IsSmall(result)).ToArray();
        return fitting.Length == 0 ? null : fitting[_random.Next(3) == 0 ? fitting.Length - 1 : _random.Next(fitting.Length)];
    }

    private bool IsSmall(ImmutableArray<long> shape) => Shapes.ElementCount(shape.AsSpan()) <= (_large ? 400_000 : MostElements);

    /// <param name="mayBeInput">Not where the dtype has to hold the number: whether it does would be known only when the program runs.</param>
    private (string Name, OperandType Type) Number(bool mayBeInput)
    {
        if (mayBeInput && _numbers.Count > 0 && _random.Next(2) == 0)
        {
            var (name, category) = RandomArrays.Pick(_random, _numbers.ToArray());
            return (name, new OperandType(OperandRank.Number, category));
        }

        if (_random.Next(2) == 0)
        {
            var whole = _random.Next(-3, 4);
            return (Literal("int", whole.ToString()), OperandType.OfConstant(new IntConstant(whole)));
        }

        var value = Math.Round((_random.NextDouble() * 4) - 2, 3) + 0.0001;
        return (Literal("float", value.ToString("R")), OperandType.OfConstant(new FloatConstant(value)));
    }

    private bool View()
    {
        var tensor = RandomArrays.Pick(_random, _tensors.ToArray());
        var (shape, rank) = (tensor.Shape, tensor.Shape.Length);
        var axis = rank == 0 ? 0 : _random.Next(rank);
        var size = rank == 0 ? 0 : shape[axis];
        var written = Literal("int", (_random.Next(2) == 0 ? axis : axis - Math.Max(rank, 1)).ToString());
        switch (_random.Next(13))
        {
            case 0 when rank > 0:
                var parts = 1 + _random.Next(5);
                return Several("aten::chunk", [tensor.Name, Literal("int", parts.ToString()), written], tensor, ViewOperations.Chunk(shape, parts, axis));
            case 1 when rank > 0:
                long length = 1 + _random.Next((int)size + 1);
                var count = Math.Max(1, (size + length - 1) / length);
                return count <= 9 && Several("aten::split", [tensor.Name, Literal("int", length.ToString()), written], tensor, [.. Enumerable.Range(0, (int)count).Select(i => new View(shape.SetItem(axis, Math.Min(length, size - (i * length))), null))]);
            case 2 when rank > 0 && size > 0:
                var (start, step) = (_random.Next((int)size), 1 + _random.Next(3));
                var end = start + _random.Next((int)size + 3 - start);
                var taken = Math.Max(0, (Math.Min(end, size) - start + step - 1) / step);
                return One("aten::slice", [tensor.Name, written, Literal("int", start.ToString()), Literal("int", end.ToString()), Literal("int", step.ToString())], tensor, shape.SetItem(axis, taken));
            case 3 when rank > 0 && size > 0:
                return One("aten::select", [tensor.Name, written, Literal("int", _random.Next(-(int)size, (int)size).ToString())], tensor, shape.RemoveAt(axis));
            case 4 when rank > 0:
                var other = _random.Next(rank);
                return One("aten::transpose", [tensor.Name, written, Literal("int", other.ToString())], tensor, shape.SetItem(axis, shape[other]).SetItem(other, shape[axis]));
            case 5 when rank > 0:
                var order = Enumerable.Range(0, rank).ToArray();
                _random.Shuffle(order);
                return One("aten::permute", [tensor.Name, List(order.Select(i => (long)i))], tensor, [.. order.Select(i => shape[i])]);
            case 6 when rank < 6:
                var at = _random.Next(rank + 1);
                return One("aten::unsqueeze", [tensor.Name, Literal("int", at.ToString())], tensor, shape.Insert(at, 1));
            case 7:
                return One("aten::squeeze", [tensor.Name], tensor, shape.RemoveAll(known => known == 1));
            case 8 when rank < 6:
                ImmutableArray<long> expanded = [.. _random.Next(2) == 0 ? [] : new long[] { 1 + _random.Next(4) }, .. shape.Select(known => known == 1 ? 1L + _random.Next(5) : known)];
                return IsSmall(expanded) && One("aten::expand", [tensor.Name, List(expanded), Literal("bool", "0")], tensor, expanded);
            case 9:
                var viewed = Regrouped(shape);
                return One(_random.Next(2) == 0 ? "aten::view" : "aten::reshape", [tensor.Name, List(viewed)], tensor, viewed);
            case 10 when rank > 0:
                return One("aten::flatten", [tensor.Name, written], tensor, [.. shape[..axis], Shapes.ElementCount(shape.AsSpan()[axis..])]);
            case 11 when rank > 0:
                var first = _random.Next((int)size + 1);
                var narrowed = _random.Next((int)size - first + 1);
                return One("aten::narrow", [tensor.Name, written, Literal("int", first.ToString()), Literal("int", narrowed.ToString())], tensor, shape.SetItem(axis, narrowed));
            case 12 when rank > 0 && size is > 0 and < 9:
                return Several("aten::unbind", [tensor.Name, written], tensor, [.. Enumerable.Range(0, (int)size).Select(_ => new View(shape.RemoveAt(axis), null))]);
            default:
                return false;
        }
    }

    /// <summary>Another shape of as many elements: neighbours merged, sizes split.</summary>
    private ImmutableArray<long> Regrouped(ImmutableArray<long> shape)
    {
        var sizes = shape.ToList();
        for (var i = _random.Next(4); i > 0; i--)
        {
            var at = _random.Next(Math.Max(sizes.Count, 1));
            if (_random.Next(2) == 0 && at + 1 < sizes.Count)
            {
                sizes[at] *= sizes[at + 1];
                sizes.RemoveAt(at + 1);
            }
            else if (at < sizes.Count && sizes.Count < 6)
            {
                var factor = new long[] { 2, 3, 5 }.FirstOrDefault(factor => sizes[at] > 0 && sizes[at] % factor == 0, 1);
                sizes[at] /= factor;
                sizes.Insert(at + _random.Next(2), factor);
            }
        }

        return [.. sizes];
    }

    private bool Join()
    {
        var first = RandomArrays.Pick(_random, _tensors.ToArray());
        var stack = _random.Next(3) == 0;
        if (first.Shape.Length > 5 || (first.Shape.IsEmpty && !stack))
        {
            return false;
        }

        var axis = _random.Next(first.Shape.Length + (stack ? 1 : 0));
        var fitting = _tensors.Where(tensor => stack ? tensor.Shape.SequenceEqual(first.Shape) : tensor.Shape.Length == first.Shape.Length && tensor.Shape.SetItem(axis, 0).SequenceEqual(first.Shape.SetItem(axis, 0))).ToArray();
        Tensor[] parts = [first, .. Enumerable.Range(0, _random.Next(4)).Select(_ => RandomArrays.Pick(_random, fitting))];
        var shape = stack ? first.Shape.Insert(axis, parts.Length) : first.Shape.SetItem(axis, parts.Sum(part => part.Shape[axis]));
        if (!IsSmall(shape))
        {
            return false;
        }

        var list = $"%{_names++}";
        _lines.Add($"{list} : Tensor[] = prim::ListConstruct({string.Join(", ", parts.Select(part => part.Name))})");
        Define(stack ? "aten::stack" : "aten::cat", [list, Literal("int", axis.ToString())], parts.Select(part => part.DType).Aggregate(TypePromotion.Promote), shape);
        return true;
    }

    private bool One(string kind, List<string> arguments, Tensor source, ImmutableArray<long> shape)
    {
        Define(kind, arguments, source.DType, shape);
        return true;
    }

    private bool Several(string kind, List<string> arguments, Tensor source, ImmutableArray<View> views)
    {
        var list = $"%{_names++}";
        _lines.Add($"{list} : Tensor[] = {kind}({string.Join(", ", arguments)})");
        var names = views.Select(_ => $"%{_names++}").ToArray();
        _lines.Add($"{string.Join(", ", names.Select(name => $"{name} : Tensor"))} = prim::ListUnpack({list})");
        _tensors.AddRange(names.Zip(views, (name, view) => new Tensor(name, source.DType, view.Shape)));
        return true;
    }

    private void Define(string kind, List<string> arguments, DType dtype, ImmutableArray<long> shape)
    {
        var name = $"%{_names++}";
        _lines.Add($"{name} : Tensor = {kind}({string.Join(", ", arguments)})");
        _tensors.Add(new Tensor(name, dtype, shape));
    }

    private string Declare(string type)
    {
        var name = $"%{_names++}";
        _declarations.Add($"{name} : {type}");
        return name;
    }

    private string Literal(string type, string value)
    {
        var name = $"%{_names++}";
        _lines.Add($"{name} : {type} = prim::Constant[value={value}]()");
        return name;
    }

    private string List(IEnumerable<long> items)
    {
        var literals = items.Select(item => Literal("int", item.ToString())).ToArray();
        var name = $"%{_names++}";
        _lines.Add($"{name} : int[] = prim::ListConstruct({string.Join(", ", literals)})");
        return name;
    }

    private string[] Outputs()
    {
        var chosen = new List<string> { _tensors[^1].Name };
        for (var i = _random.Next(4); i > 0; i--)
        {
            chosen.Add(RandomArrays.Pick(_random, _tensors.ToArray()).Name);
        }

        return [.. chosen];
    }

    private string Print(string[] outputs) =>
        $"graph({string.Join(", ", _declarations)}):\n{string.Concat(_lines.Select(line => $"  {line}\n"))}  return ({string.Join(", ", outputs)})\n";
}
