using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Simd.Lanes;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>The table: primitive x kind of lane -> the operation of the vector classes that does it.</summary>
internal static class Primitives
{
    public static string Name(IrOp op, Lane lane) => op switch
    {
        IrOp.Add => "Add",
        IrOp.Subtract => "Subtract",
        IrOp.Multiply => "Multiply",
        IrOp.Divide => lane.IsFloat() ? "Divide" : "IntegerDivide",
        IrOp.Remainder => lane.IsFloat() ? "FloatRemainder" : "IntegerRemainder",
        IrOp.FusedMultiplyAdd => "FusedMultiplyAdd",
        IrOp.SquareRoot => "Sqrt",
        IrOp.Floor => "Floor",
        IrOp.Round => "Round",
        IrOp.Truncate => "Truncate",
        IrOp.And => "BitwiseAnd",
        IrOp.Or => "BitwiseOr",
        IrOp.Xor => "Xor",
        IrOp.ShiftLeft => "ShiftLeft",
        IrOp.ShiftRight => "ShiftRightArithmetic",
        IrOp.ShiftRightLogical => "ShiftRightLogical",
        IrOp.Equal => "Equals",
        IrOp.LessThan => "LessThan",
        IrOp.LessOrEqual => "LessThanOrEqual",
        IrOp.Select => "ConditionalSelect",
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"{op} is not one operation on {lane} lanes"),
    };
}
