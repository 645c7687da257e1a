namespace Fuser.Kernels.Ir;

/// <summary>The words lowerings are written in: one method per primitive, and the exact idioms made of two or three of them.</summary>
internal sealed partial class IrBuilder
{
    public IrValue Float32(float value) => Constant(IrType.Float32, BitConverter.SingleToUInt32Bits(value));

    public IrValue Float64(double value) => Constant(IrType.Float64, BitConverter.DoubleToUInt64Bits(value));

    public IrValue Int32(int value) => Constant(IrType.Int32, (uint)value);

    public IrValue Int64(long value) => Constant(IrType.Int64, (ulong)value);

    public IrValue Bool(bool value) => Constant(IrType.Bool, value ? 1UL : 0UL);

    /// <summary>A number as a constant of a float or integer type; float32 rounds it once.</summary>
    public IrValue Number(IrType type, double value) => type switch
    {
        IrType.Float32 => Float32((float)value),
        IrType.Float64 => Float64(value),
        IrType.Int32 => Int32((int)value),
        IrType.Int64 => Int64((long)value),
        _ => Bool(value != 0),
    };

    public IrValue Add(IrValue a, IrValue b) => Binary(IrOp.Add, a, b);

    public IrValue Sub(IrValue a, IrValue b) => Binary(IrOp.Subtract, a, b);

    public IrValue Mul(IrValue a, IrValue b) => Binary(IrOp.Multiply, a, b);

    public IrValue Div(IrValue a, IrValue b) => Binary(IrOp.Divide, a, b);

    public IrValue Rem(IrValue a, IrValue b) => Binary(IrOp.Remainder, a, b);

    public IrValue Fma(IrValue a, IrValue b, IrValue c) => FusedMultiplyAdd(a, b, c);

    public IrValue Sqrt(IrValue a) => Unary(IrOp.SquareRoot, a);

    public IrValue Floor(IrValue a) => Unary(IrOp.Floor, a);

    public IrValue Round(IrValue a) => Unary(IrOp.Round, a);

    public IrValue Truncate(IrValue a) => Unary(IrOp.Truncate, a);

    /// <summary>-floor(-a): no rounding happens on the way, and ceil(-0.5) is -0 as it should be.</summary>
    public IrValue Ceiling(IrValue a) => Neg(Floor(Neg(a)));

    public IrValue And(IrValue a, IrValue b) => Binary(IrOp.And, a, b);

    public IrValue Or(IrValue a, IrValue b) => Binary(IrOp.Or, a, b);

    public IrValue Xor(IrValue a, IrValue b) => Binary(IrOp.Xor, a, b);

    /// <summary>Bitwise for integers, logical for booleans.</summary>
    public IrValue Not(IrValue a) => Xor(a, a.Type == IrType.Bool ? Bool(true) : Constant(a.Type, AllOnes(a.Type)));

    public IrValue Shl(IrValue a, int count) => Binary(IrOp.ShiftLeft, a, Number(a.Type, count));

    public IrValue Sar(IrValue a, int count) => Binary(IrOp.ShiftRight, a, Number(a.Type, count));

    public IrValue Shr(IrValue a, int count) => Binary(IrOp.ShiftRightLogical, a, Number(a.Type, count));

    public IrValue Eq(IrValue a, IrValue b) => Binary(IrOp.Equal, a, b);

    public IrValue Ne(IrValue a, IrValue b) => Not(Eq(a, b));

    public IrValue Lt(IrValue a, IrValue b) => Binary(IrOp.LessThan, a, b);

    public IrValue Le(IrValue a, IrValue b) => Binary(IrOp.LessOrEqual, a, b);

    public IrValue Gt(IrValue a, IrValue b) => Lt(b, a);

    public IrValue Ge(IrValue a, IrValue b) => Le(b, a);

    /// <summary>a != a: the only value unequal to itself.</summary>
    public IrValue IsNaN(IrValue a) => Ne(a, a);

    /// <summary>Flips the sign bit of a float (also of NaN and zero); two's complement for integers.</summary>
    public IrValue Neg(IrValue a) => a.Type.IsFloat()
        ? FromBits(Xor(ToBits(a), SignMask(a.Type)), a.Type)
        : Sub(Number(a.Type, 0), a);

    /// <summary>Clears the sign bit of a float; MIN stays MIN for integers.</summary>
    public IrValue Abs(IrValue a) => a.Type.IsFloat()
        ? FromBits(And(ToBits(a), Not(SignMask(a.Type))), a.Type)
        : Select(Lt(a, Number(a.Type, 0)), Neg(a), a);

    /// <summary>The magnitude of one float with the sign of another; plus for NaN, see <see cref="SignedBits"/>.</summary>
    public IrValue CopySign(IrValue magnitude, IrValue sign) => FromBits(
        Or(And(ToBits(magnitude), Not(SignMask(magnitude.Type))), And(SignedBits(sign), SignMask(sign.Type))), magnitude.Type);

    /// <summary>
    /// A float's bits for looking at its sign: those of NaN are 0, because which sign a computed NaN has is up to the processor (and to
    /// the order of operands a compiler chose).
    /// </summary>
    public IrValue SignedBits(IrValue a)
    {
        var bits = ToBits(a);
        return Select(IsNaN(a), Number(bits.Type, 0), bits);
    }

    /// <summary>a &lt; b ? a : b. Not NaN-propagating: callers choose where NaN goes.</summary>
    public IrValue MinSelect(IrValue a, IrValue b) => Select(Lt(a, b), a, b);

    /// <summary>a &gt; b ? a : b. Not NaN-propagating: callers choose where NaN goes.</summary>
    public IrValue MaxSelect(IrValue a, IrValue b) => Select(Lt(b, a), a, b);

    /// <summary>A float's bits as the integer type of its size.</summary>
    public IrValue ToBits(IrValue a) => Bitcast(a, a.Type == IrType.Float32 ? IrType.Int32 : IrType.Int64);

    public IrValue FromBits(IrValue bits, IrType type) => Bitcast(bits, type);

    /// <summary>The sign bit of a float type, in its integer type.</summary>
    public IrValue SignMask(IrType type) => type == IrType.Float32 ? Int32(int.MinValue) : Int64(long.MinValue);

    public IrValue Infinity(IrType type) => Number(type, double.PositiveInfinity);

    public IrValue NaN(IrType type) => Number(type, double.NaN);

    private static ulong AllOnes(IrType type) => type.Size() == 4 ? uint.MaxValue : ulong.MaxValue;
}
