namespace Fuser.Kernels.Ir;

/// <summary>
/// The primitives. Everything else is lowered onto them, so a target that does these exactly is exact.
/// Floating point arithmetic rounds once, to nearest even, and keeps subnormals; integer arithmetic wraps.
/// </summary>
internal enum IrOp
{
    /// <summary>Immediate: the bits of the constant.</summary>
    Constant,

    /// <summary>Immediate: the argument; its pointer leads to one value of the node's type, in 8 bytes.</summary>
    Scalar,

    /// <summary>Immediate: the argument. Yields <see cref="IrTypes.OfStorage"/> of its dtype.</summary>
    Load,

    /// <summary>Immediate: the argument; i64, the logical index of the current element.</summary>
    Index,

    /// <summary>Floats and integers.</summary>
    Add,

    /// <summary>Floats and integers.</summary>
    Subtract,

    /// <summary>Floats and integers.</summary>
    Multiply,

    /// <summary>Floats: correctly rounded. Integers: towards zero; a zero divisor is an error, MIN / -1 wraps.</summary>
    Divide,

    /// <summary>As C fmod for floats (exact) and C % for integers (a zero divisor is an error, MIN % -1 is 0).</summary>
    Remainder,

    /// <summary>a * b + c with one rounding; floats only.</summary>
    FusedMultiplyAdd,

    /// <summary>Floats only.</summary>
    SquareRoot,

    /// <summary>To an integral value, downwards; floats only. Keeps the sign of zero.</summary>
    Floor,

    /// <summary>To an integral value, to nearest even; floats only. Keeps the sign of zero.</summary>
    Round,

    /// <summary>To an integral value, towards zero; floats only. Keeps the sign of zero.</summary>
    Truncate,

    /// <summary>Integers and booleans.</summary>
    And,

    /// <summary>Integers and booleans.</summary>
    Or,

    /// <summary>Integers and booleans.</summary>
    Xor,

    /// <summary>Integers; the count (same type) is taken modulo the width.</summary>
    ShiftLeft,

    /// <summary>Integers, copying the sign; the count is taken modulo the width.</summary>
    ShiftRight,

    /// <summary>Integers, filling with zeros; the count is taken modulo the width.</summary>
    ShiftRightLogical,

    /// <summary>Floats (false for NaN) and integers; yields bool. So do the next two.</summary>
    Equal,

    /// <summary>Signed for integers.</summary>
    LessThan,

    /// <summary>Signed for integers.</summary>
    LessOrEqual,

    /// <summary>A: bool; B when true, C when false. Both are computed.</summary>
    Select,

    /// <summary>
    /// Between numeric types: floats to integers truncate, saturate and turn NaN into 0; i64 to i32 keeps the
    /// low bits; i32 to i64 extends the sign; bool becomes 0 or 1; anything to bool is "not equal to zero".
    /// </summary>
    Convert,

    /// <summary>The same bits as the other type of the same size (i32/f32, i64/f64).</summary>
    Bitcast,

    /// <summary>A: i32 index, in range by construction; immediate: which table of the kernel.</summary>
    TableLookup,

    /// <summary>A: the value; immediate: the argument. Has no value itself. Narrow integers keep the low bits.</summary>
    Store,
}

internal static class IrOps
{
    /// <summary>How many operands the primitive takes.</summary>
    public static int Arity(this IrOp op) => op switch
    {
        IrOp.Constant or IrOp.Scalar or IrOp.Load or IrOp.Index => 0,
        IrOp.SquareRoot or IrOp.Floor or IrOp.Round or IrOp.Truncate or IrOp.Convert or IrOp.Bitcast or IrOp.TableLookup or IrOp.Store => 1,
        IrOp.FusedMultiplyAdd or IrOp.Select => 3,
        _ => 2,
    };
}
