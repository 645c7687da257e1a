using System.Reflection.Emit;
using Fuser.Kernels.Targets.Simd.Emission;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>Values are single numbers and masks are 0 or -1 in an int; plain IL wherever IL has the operation.</summary>
internal sealed class ScalarIsa : LaneIsa
{
    private readonly Instructions _instructions = new(lane => lane.ClrType(), typeof(ScalarLanes), typeof(PerLane));

    public override SimdWidth Width => SimdWidth.None;

    public override int Registers => 16;

    public override bool HasSelectingMinMax => false;

    public override int Count(Lane lane) => 1;

    public override Type ValueType(Lane lane) => lane.ClrType();

    public override Lane MaskLane(Lane compared) => Lane.Int32;

    public override void Broadcast(IlWriter il, Lane lane)
    {
    }

    public override void Special(IlWriter il, string name, Type operand, int arity) => il.Call(_instructions.Find(name, Lane.Int32, operand, arity));

    public override void Operation(IlWriter il, string name, Lane lane, int arity)
    {
        switch (name)
        {
            case "Add": il.Emit(OpCodes.Add); break;
            case "Subtract": il.Emit(OpCodes.Sub); break;
            case "Multiply": il.Emit(OpCodes.Mul); break;
            case "Divide": il.Emit(OpCodes.Div); break;
            case "BitwiseAnd": il.Emit(OpCodes.And); break;
            case "BitwiseOr": il.Emit(OpCodes.Or); break;
            case "Xor": il.Emit(OpCodes.Xor); break;
            case "OnesComplement": il.Emit(OpCodes.Not); break;
            case "ShiftLeft": il.Emit(OpCodes.Shl); break;
            case "ShiftRightArithmetic": il.Emit(OpCodes.Shr); break;
            case "ShiftRightLogical": il.Emit(OpCodes.Shr_Un); break;
            default: il.Call(_instructions.Find(name, lane, arity)); break;
        }
    }

    public override void Compare(IlWriter il, string name, Lane lane)
    {
        switch (name)
        {
            case "Equals":
                il.Emit(OpCodes.Ceq);
                il.Emit(OpCodes.Neg);
                break;
            case "LessThan":
                il.Emit(OpCodes.Clt);
                il.Emit(OpCodes.Neg);
                break;
            default:
                // "Not greater", and for floats "not greater or unordered".
                il.Emit(lane.IsFloat() ? OpCodes.Cgt_Un : OpCodes.Cgt);
                il.Integer(1);
                il.Emit(OpCodes.Sub);
                break;
        }
    }

    public override void MaskForSelect(IlWriter il, Lane lane)
    {
    }

    public override void Reinterpret(IlWriter il, Lane from, Lane to)
    {
        if (from != to)
        {
            il.Call(_instructions.Find(to.IsFloat() ? "AsFloat" : "AsInteger", from, 1));
        }
    }

    public override void Convert(IlWriter il, Lane from, Lane to, int part, Action<int> push)
    {
        push(0);
        switch (to)
        {
            case Lane.Float32: il.Emit(OpCodes.Conv_R4); break;
            case Lane.Float64: il.Emit(OpCodes.Conv_R8); break;
            case Lane.Int32 when !from.IsFloat(): il.Emit(OpCodes.Conv_I4); break;
            case Lane.Int64 when !from.IsFloat(): il.Emit(OpCodes.Conv_I8); break;
            default: il.Call(_instructions.Find(to == Lane.Int32 ? "ConvertToInt32" : "ConvertToInt64", from, 1)); break;
        }
    }
}
