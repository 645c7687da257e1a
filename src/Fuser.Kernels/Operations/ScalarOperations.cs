using System.Collections.Frozen;
using Fuser.Kernels.Operations.Schemas;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Arithmetic on plain numbers, which graphs do beside their tensors (<c>%31 : float = aten::neg(%r)</c>). Semantics
/// are Python's: int stays int except under division, floats are doubles. Evaluated once per call, never in a kernel.
/// </summary>
/// <remarks>The casts keep C# from making a double of both sides of a choice between a double and a long.</remarks>
internal static class ScalarOperations
{
    private static readonly FrozenDictionary<string, Func<FuserValue, FuserValue>> Unary = new Dictionary<string, Func<FuserValue, FuserValue>>
    {
        ["aten::neg"] = a => IsFloat(a) ? (FuserValue)(-a.Float) : unchecked(-a.Integer),
        ["aten::abs"] = Absolute,
        ["aten::sqrt"] = a => System.Math.Sqrt(a.Float),
        ["aten::floor"] = a => IsFloat(a) ? Saturate(System.Math.Floor(a.Float)) : a.Integer,
        ["aten::ceil"] = a => IsFloat(a) ? Saturate(System.Math.Ceiling(a.Float)) : a.Integer,
        ["aten::Int"] = a => Saturate(a),
        ["aten::Float"] = a => a.Float,
        ["aten::Bool"] = a => a.Float != 0,
        ["aten::__not__"] = a => a.Float == 0,
        ["aten::bitwise_not"] = a => a.Kind == FuserValueKind.Boolean ? a.Integer == 0 : ~a.Integer,
        ["aten::round"] = a => System.Math.Round(a.Float, MidpointRounding.ToEven),
        ["aten::trunc"] = a => IsFloat(a) ? Saturate(System.Math.Truncate(a.Float)) : a.Integer,
        ["aten::isnan"] = a => double.IsNaN(a.Float),
        ["aten::isinf"] = a => double.IsInfinity(a.Float),
        ["aten::isfinite"] = a => double.IsFinite(a.Float),
        ["aten::ScalarImplicit"] = a => a,
        ["aten::IntImplicit"] = a => Saturate(a),
        ["aten::FloatImplicit"] = a => a.Float,
        ["prim::abs"] = a => Absolute(a),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<FuserValue, FuserValue, FuserValue>> Binary = new Dictionary<string, Func<FuserValue, FuserValue, FuserValue>>
    {
        ["aten::add"] = (a, b) => AnyFloat(a, b) ? (FuserValue)(a.Float + b.Float) : unchecked(a.Integer + b.Integer),
        ["aten::sub"] = (a, b) => AnyFloat(a, b) ? (FuserValue)(a.Float - b.Float) : unchecked(a.Integer - b.Integer),
        ["aten::mul"] = (a, b) => AnyFloat(a, b) ? (FuserValue)(a.Float * b.Float) : unchecked(a.Integer * b.Integer),
        ["aten::div"] = (a, b) => NotZero(b, "aten::div") is var divisor ? a.Float / divisor.Float : default,
        ["aten::floordiv"] = FloorDivide,
        ["aten::remainder"] = Remainder,
        ["aten::eq"] = (a, b) => AnyFloat(a, b) ? a.Float == b.Float : a.Integer == b.Integer,
        ["aten::ne"] = (a, b) => AnyFloat(a, b) ? a.Float != b.Float : a.Integer != b.Integer,
        ["aten::lt"] = (a, b) => AnyFloat(a, b) ? a.Float < b.Float : a.Integer < b.Integer,
        ["aten::le"] = (a, b) => AnyFloat(a, b) ? a.Float <= b.Float : a.Integer <= b.Integer,
        ["aten::gt"] = (a, b) => AnyFloat(a, b) ? a.Float > b.Float : a.Integer > b.Integer,
        ["aten::ge"] = (a, b) => AnyFloat(a, b) ? a.Float >= b.Float : a.Integer >= b.Integer,
        ["aten::__and__"] = (a, b) => BothBool(a, b) ? (a.Integer & b.Integer) != 0 : a.Integer & b.Integer,
        ["aten::__or__"] = (a, b) => BothBool(a, b) ? (a.Integer | b.Integer) != 0 : a.Integer | b.Integer,
        ["aten::__xor__"] = (a, b) => BothBool(a, b) ? (a.Integer ^ b.Integer) != 0 : a.Integer ^ b.Integer,
        ["aten::__lshift__"] = (a, b) => Shift(a.Integer, b.Integer),
        ["aten::__rshift__"] = (a, b) => Shift(a.Integer, unchecked(-b.Integer)),
        ["aten::fmod"] = (a, b) => a.Float % b.Float,
        ["aten::copysign"] = (a, b) => System.Math.CopySign(a.Float, b.Float),
        ["aten::pow"] = Power,
        ["prim::min"] = (a, b) => AnyFloat(a, b) ? (FuserValue)System.Math.Min(a.Float, b.Float) : System.Math.Min(a.Integer, b.Integer),
        ["prim::max"] = (a, b) => AnyFloat(a, b) ? (FuserValue)System.Math.Max(a.Float, b.Float) : System.Math.Max(a.Integer, b.Integer),
    }.ToFrozenDictionary();

    /// <summary>How TorchScript prints <c>range(lo, hi, step)</c>: the number of its items, and one of them by number.</summary>
    private static readonly FrozenDictionary<string, Func<FuserValue, FuserValue, FuserValue, FuserValue>> Ternary = new Dictionary<string, Func<FuserValue, FuserValue, FuserValue, FuserValue>>
    {
        ["aten::__range_length"] = (lo, hi, step) => RangeLength(lo.Integer, hi.Integer, step.Integer),
        ["aten::__derive_index"] = (index, start, step) => unchecked(start.Integer + (index.Integer * step.Integer)),
    }.ToFrozenDictionary();

    /// <summary>Their rows of the catalogue.</summary>
    public static IEnumerable<KnownOperation> Rows =>
    [
        .. Unary.Keys.Concat(ScalarFunctions.OfOne).Select(kind => Row(kind, "Scalar a -> Scalar")),
        .. Binary.Keys.Concat(ScalarFunctions.OfTwo).Select(kind => Row(kind, "Scalar a, Scalar b -> Scalar")),
        .. Ternary.Keys.Select(kind => Row(kind, "int a, int b, int c -> int")),
    ];

    /// <summary>Whether the kind has a meaning on that many plain numbers.</summary>
    public static bool Has(string kind, int arguments) => ScalarFunctions.Has(kind, arguments) || arguments switch
    {
        1 => Unary.ContainsKey(kind),
        2 => Binary.ContainsKey(kind),
        3 => Ternary.ContainsKey(kind),
        _ => false,
    };

    /// <exception cref="InputException">A division by zero, or a range without a step.</exception>
    public static FuserValue Evaluate(string kind, ReadOnlySpan<FuserValue> arguments)
    {
        switch (arguments.Length)
        {
            case 1 when Unary.TryGetValue(kind, out var unary):
                return unary(arguments[0]);
            case 2 when Binary.TryGetValue(kind, out var binary):
                return binary(arguments[0], arguments[1]);
            case 3:
                return Ternary[kind](arguments[0], arguments[1], arguments[2]);
            default:
                return ScalarFunctions.Evaluate(kind, arguments);
        }
    }

    private static KnownOperation Row(string kind, string schema) => new(kind, OperationFamily.Numbers, schema, "The same of plain numbers, once per call.");

    private static bool IsFloat(FuserValue value) => value.Kind == FuserValueKind.Float;

    private static bool AnyFloat(FuserValue a, FuserValue b) => IsFloat(a) || IsFloat(b);

    private static bool BothBool(FuserValue a, FuserValue b) => a.Kind == FuserValueKind.Boolean && b.Kind == FuserValueKind.Boolean;

    private static FuserValue Absolute(FuserValue value) =>
        IsFloat(value) ? (FuserValue)System.Math.Abs(value.Float) : value.Integer < 0 ? unchecked(-value.Integer) : value.Integer;

    /// <summary>Left by a positive count, right by a negative one; counts beyond the width shift everything out.</summary>
    private static long Shift(long value, long count) => count switch
    {
        >= 64 => 0,
        >= 0 => value << (int)count,
        > -64 => value >> (int)-count,
        _ => value < 0 ? -1 : 0,
    };

    /// <summary>A float, as TorchScript's <c>**</c> gives for ints too.</summary>
    private static FuserValue Power(FuserValue a, FuserValue b) => ScalarFunctions.Power(a.Float, b.Float);

    private static long RangeLength(long from, long to, long step) => step switch
    {
        0 => throw new InputException(ErrorCodes.OperationArgument, "range() got step 0; pass another step"),
        > 0 => from < to ? 1 + (long)(((Int128)to - 1 - from) / step) : 0,
        _ => from > to ? 1 + (long)(((Int128)from - 1 - to) / -(Int128)step) : 0,
    };

    private static FuserValue FloorDivide(FuserValue a, FuserValue b)
    {
        NotZero(b, "aten::floordiv");
        if (AnyFloat(a, b))
        {
            return System.Math.Floor(a.Float / b.Float);
        }

        if (b.Integer == -1)
        {
            return unchecked(-a.Integer);
        }

        var (quotient, remainder) = System.Math.DivRem(a.Integer, b.Integer);
        return remainder != 0 && remainder < 0 != b.Integer < 0 ? quotient - 1 : quotient;
    }

    private static FuserValue Remainder(FuserValue a, FuserValue b)
    {
        NotZero(b, "aten::remainder");
        if (AnyFloat(a, b))
        {
            var remainder = a.Float % b.Float;
            return remainder != 0 && remainder < 0 != b.Float < 0 ? remainder + b.Float : remainder;
        }

        if (b.Integer == -1)
        {
            return 0L;
        }

        var whole = a.Integer % b.Integer;
        return whole != 0 && whole < 0 != b.Integer < 0 ? whole + b.Integer : whole;
    }

    private static FuserValue NotZero(FuserValue divisor, string kind) => divisor.Float != 0
        ? divisor
        : throw new InputException(ErrorCodes.InvalidValue, $"{kind} divides a number by zero; pass another value");

    private static FuserValue Saturate(FuserValue value) => IsFloat(value) ? Saturate(value.Float) : value.Integer;

    private static FuserValue Saturate(double value) => long.CreateSaturating(value);
}
