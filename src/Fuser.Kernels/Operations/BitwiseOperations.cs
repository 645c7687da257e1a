using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Bitwise operations on integers and booleans, shifts, and logical operations on anything.</summary>
internal static class BitwiseOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::bitwise_and", "Operand self, Operand other", PromotedInteger, c => c.B.And(c[0], c[1]),
            "self & other; booleans: logical and."),
        new("aten::bitwise_or", "Operand self, Operand other", PromotedInteger, c => c.B.Or(c[0], c[1]),
            "self | other; booleans: logical or."),
        new("aten::bitwise_xor", "Operand self, Operand other", PromotedInteger, c => c.B.Xor(c[0], c[1]),
            "self ^ other; booleans: exclusive or."),
        new("aten::bitwise_not", "Tensor self", PromotedInteger, c => c.B.Not(c[0]),
            "~self; booleans: not."),
        new("aten::bitwise_left_shift", "Operand self, Operand other", PromotedIntegerNotBool, ShiftLeft,
            "self << other; 0 for counts below 0 or not below the width of the type."),
        new("aten::bitwise_right_shift", "Operand self, Operand other", PromotedIntegerNotBool, ShiftRight,
            "self >> other, copying the sign; counts below 0 or not below the width leave only the sign: 0 or -1."),
        new("aten::logical_and", "Operand self, Operand other", Logical, c => c.B.And(c[0], c[1]),
            "Whether both are not zero. NaN counts as not zero."),
        new("aten::logical_or", "Operand self, Operand other", Logical, c => c.B.Or(c[0], c[1]),
            "Whether at least one is not zero."),
        new("aten::logical_xor", "Operand self, Operand other", Logical, c => c.B.Xor(c[0], c[1]),
            "Whether exactly one is not zero."),
        new("aten::logical_not", "Tensor self", Logical, c => c.B.Not(c[0]),
            "Whether self is zero."),
    ];

    private static IrValue ShiftLeft(MeaningContext c) =>
        c.B.Select(InRange(c, c[1], Width(c)), c.B.Binary(IrOp.ShiftLeft, c[0], c[1]), c.Number(0));

    private static IrValue ShiftRight(MeaningContext c)
    {
        var most = c.Compute == DType.UInt8 ? Width(c) : Width(c) - 1;
        var count = c.B.Select(InRange(c, c[1], most), c[1], c.Number(most));
        return c.B.Binary(IrOp.ShiftRight, c[0], count);
    }

    private static IrValue InRange(MeaningContext c, IrValue count, int limit) =>
        c.B.And(c.B.Le(c.Number(0), count), c.B.Lt(count, c.Number(limit)));

    private static int Width(MeaningContext c) => c.Compute.ItemSize() * 8;
}
