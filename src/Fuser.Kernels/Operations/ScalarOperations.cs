using System.Collections.Frozen;
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
        ["aten::abs"] = a => IsFloat(a) ? (FuserValue)System.Math.Abs(a.Float) : a.Integer < 0 ? unchecked(-a.Integer) : a.Integer,
        ["aten::sqrt"] = a => System.Math.Sqrt(a.Float),
        ["aten::floor"] = a => IsFloat(a) ? Saturate(System.Math.Floor(a.Float)) : a.Integer,
        ["aten::ceil"] = a => IsFloat(a) ? Saturate(System.Math.Ceiling(a.Float)) : a.Integer,
        ["aten::Int"] = a => Saturate(a),
        ["aten::Float"] = a => a.Float,
        ["aten::Bool"] = a => a.Float != 0,
        ["aten::__not__"] = a => a.Float == 0,
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
        ["prim::min"] = (a, b) => AnyFloat(a, b) ? (FuserValue)System.Math.Min(a.Float, b.Float) : System.Math.Min(a.Integer, b.Integer),
        ["prim::max"] = (a, b) => AnyFloat(a, b) ? (FuserValue)System.Math.Max(a.Float, b.Float) : System.Math.Max(a.Integer, b.Integer),
    }.ToFrozenDictionary();

    /// <summary>Whether the kind has a meaning on that many plain numbers.</summary>
    public static bool Has(string kind, int arguments) => arguments == 1 ? Unary.ContainsKey(kind) : arguments == 2 && Binary.ContainsKey(kind);

    /// <exception cref="InputException">A division by zero.</exception>
    public static FuserValue Evaluate(string kind, ReadOnlySpan<FuserValue> arguments) => arguments.Length == 1
        ? Unary[kind](arguments[0])
        : Binary[kind](arguments[0], arguments[1]);

    private static bool IsFloat(FuserValue value) => value.Kind == FuserValueKind.Float;

    private static bool AnyFloat(FuserValue a, FuserValue b) => IsFloat(a) || IsFloat(b);

    private static bool BothBool(FuserValue a, FuserValue b) => a.Kind == FuserValueKind.Boolean && b.Kind == FuserValueKind.Boolean;

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
        : throw new InputException(ErrorCodes.LaunchFailed, $"{kind} divides a number by zero; pass another value");

    private static FuserValue Saturate(FuserValue value) => IsFloat(value) ? Saturate(value.Float) : value.Integer;

    private static FuserValue Saturate(double value) => long.CreateSaturating(value);
}
