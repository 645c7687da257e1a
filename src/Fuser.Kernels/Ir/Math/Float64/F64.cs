namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>
/// A float64 value of a kernel under construction, with the arithmetic operators, so that a lowering reads as the formula it
/// is. A number converts to a constant without a builder; it takes the builder of the value it meets. Every operator is
/// one primitive, rounded once; negation and <see cref="Abs"/> work on the sign bit.
/// </summary>
internal readonly struct F64
{
    private readonly IrBuilder? _builder;
    private readonly IrValue _value;
    private readonly double _constant;

    public F64(IrBuilder builder, IrValue value) => (_builder, _value) = (builder, value);

    private F64(double constant) => _constant = constant;

    public IrBuilder Builder => _builder ?? throw new InternalFuserException(ErrorCodes.Internal, "a float64 expression of constants alone has no builder");

    /// <summary>The value as an operand of the builder it belongs to.</summary>
    public IrValue Value => In(Builder);

    /// <summary>The 64 bits.</summary>
    public I64 Bits => new(Builder, Builder.ToBits(Value));

    public static implicit operator F64(double constant) => new(constant);

    public static F64 operator +(F64 a, F64 b) => Of(IrOp.Add, a, b);

    public static F64 operator -(F64 a, F64 b) => Of(IrOp.Subtract, a, b);

    public static F64 operator *(F64 a, F64 b) => Of(IrOp.Multiply, a, b);

    public static F64 operator /(F64 a, F64 b) => Of(IrOp.Divide, a, b);

    public static F64 operator -(F64 a) => new(a.Builder, a.Builder.Neg(a.Value));

    public static Truth operator <(F64 a, F64 b) => Compare(IrOp.LessThan, a, b);

    public static Truth operator >(F64 a, F64 b) => Compare(IrOp.LessThan, b, a);

    public static Truth operator <=(F64 a, F64 b) => Compare(IrOp.LessOrEqual, a, b);

    public static Truth operator >=(F64 a, F64 b) => Compare(IrOp.LessOrEqual, b, a);

    /// <summary>a == b as IEEE has it: false for NaN, true for zeros of either sign.</summary>
    public static Truth Same(F64 a, F64 b) => Compare(IrOp.Equal, a, b);

    /// <summary>a * b + c, rounded once.</summary>
    public static F64 Fma(F64 a, F64 b, F64 c)
    {
        var builder = a._builder ?? b._builder ?? c.Builder;
        return new F64(builder, builder.Fma(a.In(builder), b.In(builder), c.In(builder)));
    }

    public static F64 Sqrt(F64 a) => new(a.Builder, a.Builder.Sqrt(a.Value));

    public static F64 Abs(F64 a) => new(a.Builder, a.Builder.Abs(a.Value));

    public static F64 Floor(F64 a) => new(a.Builder, a.Builder.Floor(a.Value));

    /// <summary>To the nearest integer, ties to even.</summary>
    public static F64 Round(F64 a) => new(a.Builder, a.Builder.Round(a.Value));

    public static F64 Select(Truth condition, F64 whenTrue, F64 whenFalse)
    {
        var builder = condition.Builder;
        return new F64(builder, builder.Select(condition.Value, whenTrue.In(builder), whenFalse.In(builder)));
    }

    /// <summary>x limited to [low, high]; NaN passes.</summary>
    public static F64 Clamp(F64 x, double low, double high) => AtMost(Select(x < low, low, x), high);

    /// <summary>The smaller of x and the limit; NaN passes.</summary>
    public static F64 AtMost(F64 x, double limit) => Select(limit < x, limit, x);

    /// <summary>The value, its sign flipped where <paramref name="sign"/> is negative (or -0).</summary>
    public static F64 FlipSign(F64 value, F64 sign) => (value.Bits ^ (sign.Bits & long.MinValue)).AsF64;

    /// <summary>The polynomial with the given coefficients (bits of float64, lowest power first) in Horner form.</summary>
    public static F64 Polynomial(ReadOnlySpan<ulong> bits, F64 x)
    {
        F64 sum = BitConverter.UInt64BitsToDouble(bits[^1]);
        for (var i = bits.Length - 2; i >= 0; i--)
        {
            sum = Fma(sum, x, BitConverter.UInt64BitsToDouble(bits[i]));
        }

        return sum;
    }

    internal IrValue In(IrBuilder builder) => _builder is null ? builder.Float64(_constant) : _value;

    private static F64 Of(IrOp op, F64 a, F64 b)
    {
        var builder = a._builder ?? b.Builder;
        return new F64(builder, builder.Binary(op, a.In(builder), b.In(builder)));
    }

    private static Truth Compare(IrOp op, F64 a, F64 b)
    {
        var builder = a._builder ?? b.Builder;
        return new Truth(builder, builder.Binary(op, a.In(builder), b.In(builder)));
    }
}
