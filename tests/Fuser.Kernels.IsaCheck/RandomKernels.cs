using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.IsaCheck;

/// <summary>Random kernels over all primitives, types and dtypes. The same seed gives the same kernel.</summary>
internal sealed class RandomKernels
{
    private static readonly DType[] s_dtypes = Enum.GetValues<DType>();

    private readonly Random _random;
    private readonly IrBuilder _b = new();
    private readonly List<IrValue> _values = [];
    private readonly bool _divides;
    private readonly IrType[] _types;

    private RandomKernels(int seed)
    {
        _random = new Random(seed);
        _divides = _random.Next(4) == 0;
        _types = _random.Next(4) switch
        {
            0 => [IrType.Float32, IrType.Int32, IrType.Bool],
            1 => [IrType.Float64, IrType.Int64, IrType.Bool],
            _ => [IrType.Float32, IrType.Float64, IrType.Int32, IrType.Int64, IrType.Bool],
        };
    }

    public static KernelIr Create(int seed, int operations)
    {
        var kernels = new RandomKernels(seed);
        kernels.AddLeaves();
        for (var i = 0; i < operations; i++)
        {
            kernels._values.Add(kernels.Operation());
        }

        return kernels.Finish($"random{seed}");
    }

    private void AddLeaves()
    {
        for (var count = _random.Next(1, 5); count > 0; count--)
        {
            var access = _random.Next(4) == 0 ? InnerAccess.Uniform : InnerAccess.Varying;
            _values.Add(_b.Load(_b.AddArgument(new KernelArgument(ArgumentKind.Input, DrawDType(), access))));
        }

        for (var count = _random.Next(3); count > 0; count--)
        {
            _values.Add(_b.Scalar(_b.AddArgument(new KernelArgument(ArgumentKind.Scalar, DrawDType(), InnerAccess.Uniform))));
        }

        if (_types.Contains(IrType.Int64) && _random.Next(3) == 0)
        {
            _values.Add(_b.Index(_b.AddArgument(new KernelArgument(ArgumentKind.Index, DType.Int64, InnerAccess.Varying))));
        }

        foreach (var type in _types)
        {
            if (!_values.Exists(value => value.Type == type))
            {
                _values.Add(_b.Convert(_values[_random.Next(_values.Count)], type));
            }
        }
    }

    private DType DrawDType()
    {
        while (true)
        {
            var dtype = s_dtypes[_random.Next(s_dtypes.Length)];
            if (_types.Contains(IrTypes.OfStorage(dtype)))
            {
                return dtype;
            }
        }
    }

    private KernelIr Finish(string name)
    {
        // The last values are the deepest; a random one and a leaf add variety.
        var stored = new List<IrValue> { _values[^1], _values[_random.Next(_values.Count)] };
        if (_random.Next(3) == 0)
        {
            stored.Add(_values[_values.Count / 2]);
        }

        if (_values.Count > 100)
        {
            stored.Add(Everything());
        }

        foreach (var value in stored)
        {
            var dtypes = s_dtypes.Where(dtype => IrTypes.OfStorage(dtype) == value.Type).ToList();
            _b.Store(_b.AddArgument(new KernelArgument(ArgumentKind.Output, dtypes[_random.Next(dtypes.Count)], InnerAccess.Varying)), value);
        }

        return _b.Build(name);
    }

    /// <summary>A mix of the bits of all values, so that a large kernel stays large: what nothing stores is removed.</summary>
    private IrValue Everything()
    {
        var type = _types.Contains(IrType.Int32) ? IrType.Int32 : IrType.Int64;
        var mix = _b.Number(type, 0);
        foreach (var value in _values)
        {
            var bits = value.Type.IsFloat() ? CanonicalBits(value) : value;
            mix = _b.Xor(_b.Mul(mix, _b.Number(type, 31)), _b.Convert(bits, type));
        }

        return mix;
    }

    private IrValue Operation()
    {
        var type = _types[_random.Next(_types.Length)];
        return type switch
        {
            IrType.Bool => Condition(),
            IrType.Int32 or IrType.Int64 => Integer(type),
            _ => Float(type),
        };
    }

    /// <summary>A value of the type, recent ones more often, sometimes a constant.</summary>
    private IrValue Any(IrType type)
    {
        if (_random.Next(6) == 0)
        {
            var edges = EdgeValues.Of(type);
            return _b.Constant(type, edges[_random.Next(edges.Length)]);
        }

        for (var tries = 0; tries < 16; tries++)
        {
            var back = _random.Next(Math.Min(_values.Count, _random.Next(4) == 0 ? _values.Count : 8));
            if (_values[_values.Count - 1 - back] is var value && value.Type == type)
            {
                return value;
            }
        }

        return _values.FindLast(value => value.Type == type);
    }

    private IrValue Condition() => _random.Next(8) switch
    {
        0 => _b.And(Any(IrType.Bool), Any(IrType.Bool)),
        1 => _b.Or(Any(IrType.Bool), Any(IrType.Bool)),
        2 => _b.Xor(Any(IrType.Bool), Any(IrType.Bool)),
        3 => _b.Not(Any(IrType.Bool)),
        4 => _b.Select(Any(IrType.Bool), Any(IrType.Bool), Any(IrType.Bool)),
        5 => _b.Convert(Any(Number()), IrType.Bool),
        _ => Comparison(Number()),
    };

    private IrType Number()
    {
        var numbers = _types.Where(type => type != IrType.Bool).ToArray();
        return numbers[_random.Next(numbers.Length)];
    }

    private IrValue Comparison(IrType type)
    {
        var (a, b) = (Any(type), Any(type));
        return _random.Next(3) switch { 0 => _b.Eq(a, b), 1 => _b.Lt(a, b), _ => _b.Le(a, b) };
    }

    private IrValue Integer(IrType type)
    {
        switch (_random.Next(14))
        {
            case 0: return _b.Add(Any(type), Any(type));
            case 1: return _b.Sub(Any(type), Any(type));
            case 2: return _b.Mul(Any(type), Any(type));
            case 3: return _b.And(Any(type), Any(type));
            case 4: return _b.Or(Any(type), Any(type));
            case 5: return _b.Xor(Any(type), Any(type));
            case 6: return _b.Binary(IrOp.ShiftLeft, Any(type), Count(type));
            case 7: return _b.Binary(IrOp.ShiftRight, Any(type), Count(type));
            case 8: return _b.Binary(IrOp.ShiftRightLogical, Any(type), Count(type));
            case 9: return Select(type);
            case 10: return _b.Convert(Any(Other(type)), type);
            case 11: return Lookup(type);
            case 12: return Bits(type);
            default: return Division(type);
        }
    }

    private IrValue Count(IrType type) => _random.Next(2) == 0 ? _b.Number(type, _random.Next(-70, 70)) : Any(type);

    private IrValue Division(IrType type)
    {
        var op = _random.Next(2) == 0 ? IrOp.Divide : IrOp.Remainder;
        var divisor = Any(type);
        return _b.Binary(op, Any(type), _divides && _random.Next(8) == 0 ? divisor : _b.Or(divisor, _b.Number(type, 1)));
    }

    private IrType Other(IrType type)
    {
        var others = _types.Where(other => other != type).ToArray();
        return others[_random.Next(others.Length)];
    }

    /// <summary>The bits of a float. A NaN is made canonical first: its payload may depend on the target, and here it would show.</summary>
    private IrValue Bits(IrType type) => CanonicalBits(Any(type == IrType.Int32 ? IrType.Float32 : IrType.Float64));

    private IrValue CanonicalBits(IrValue value) => _b.ToBits(_b.Select(_b.Eq(value, value), value, _b.NaN(value.Type)));

    private IrValue Lookup(IrType type)
    {
        if (!_types.Contains(IrType.Int32))
        {
            return Any(type);
        }

        var size = 1 << _random.Next(1, 7);
        var edges = EdgeValues.Of(type);
        var table = Enumerable.Range(0, size).Select(_ => edges[_random.Next(edges.Length)]).ToImmutableArray();
        return _b.TableLookup(type, table, _b.And(Any(IrType.Int32), _b.Int32(size - 1)));
    }

    private IrValue Select(IrType type)
    {
        if (_random.Next(3) > 0)
        {
            return _b.Select(Any(IrType.Bool), Any(type), Any(type));
        }

        var (a, b) = (Any(type), Any(type));
        return _random.Next(2) == 0 ? _b.MinSelect(a, b) : _b.MaxSelect(a, b);
    }

    private IrValue Float(IrType type)
    {
        switch (_random.Next(15))
        {
            case 0: return _b.Add(Any(type), Any(type));
            case 1: return _b.Sub(Any(type), Any(type));
            case 2: return _b.Mul(Any(type), Any(type));
            case 3: return _b.Div(Any(type), Any(type));
            case 4: return _b.Rem(Any(type), Any(type));
            case 5: return _b.Fma(Any(type), Any(type), Any(type));
            case 6: return _b.Sqrt(Any(type));
            case 7: return _b.Floor(Any(type));
            case 8: return _b.Round(Any(type));
            case 9: return _b.Truncate(Any(type));
            case 10 or 11: return Select(type);
            case 12: return _b.FromBits(Any(type == IrType.Float32 ? IrType.Int32 : IrType.Int64), type);
            case 13: return Lookup(type);
            default: return _b.Convert(Any(Other(type)), type);
        }
    }
}
