using System.ComponentModel;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// The type rules the catalogue's rows name. The descriptions are printed in <c>docs/operations.md</c>.
/// </summary>
internal static class TypeRules
{
    [Description("The promoted type of the operands, in and out.")]
    public static TypeResolution Promoted(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return new TypeResolution(dtype, dtype);
    }

    [Description("As Promoted, and integers and booleans become float32.")]
    public static TypeResolution PromotedToFloat(OperandTypes types)
    {
        var dtype = ToFloat(types.PromoteOperands());
        return new TypeResolution(dtype, dtype);
    }

    [Description("As Promoted; must come to a floating point type.")]
    public static TypeResolution PromotedFloat(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return dtype.IsFloatingPoint() ? new TypeResolution(dtype, dtype) : throw Unsupported(types, dtype, "floating point tensors");
    }

    [Description("As Promoted; not for booleans.")]
    public static TypeResolution PromotedNumber(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return dtype != DType.Bool ? new TypeResolution(dtype, dtype) : throw Unsupported(types, dtype, "numbers");
    }

    [Description("As Promoted; integers and booleans only.")]
    public static TypeResolution PromotedInteger(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return dtype.IsFloatingPoint() ? throw Unsupported(types, dtype, "integer or bool tensors") : new TypeResolution(dtype, dtype);
    }

    [Description("As Promoted; integers only.")]
    public static TypeResolution PromotedIntegerNotBool(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return dtype.IsInteger() ? new TypeResolution(dtype, dtype) : throw Unsupported(types, dtype, "integer tensors");
    }

    [Description("Promoted in, bool out.")]
    public static TypeResolution Comparison(OperandTypes types) => new(types.PromoteOperands(), DType.Bool);

    [Description("The type of the first operand, in and out.")]
    public static TypeResolution Self(OperandTypes types) => new(types[0].DType, types[0].DType);

    [Description("The type of the first operand, which must not be bool.")]
    public static TypeResolution NumericSelf(OperandTypes types) =>
        types[0].DType != DType.Bool ? Self(types) : throw Unsupported(types, DType.Bool, "a tensor of numbers");

    [Description("The type of the first operand, which must be a floating point type.")]
    public static TypeResolution FloatSelf(OperandTypes types)
    {
        var dtype = types[0].DType;
        return dtype.IsFloatingPoint() ? new TypeResolution(dtype, dtype) : throw Unsupported(types, dtype, "a floating point tensor");
    }

    [Description("All tensors of one floating point type, which is the result's.")]
    public static TypeResolution SameFloat(OperandTypes types)
    {
        var dtype = FloatSelf(types).Result;
        for (var i = 1; i < types.Count; i++)
        {
            if (types[i].IsTensor && types[i].DType != dtype)
            {
                throw Unsupported(types, types[i].DType, $"{dtype.DisplayName()} for {types.Operation.Parameters[i].Name}, as self is");
            }
        }

        return new TypeResolution(dtype, dtype);
    }

    [Description("The first operand's type in, bool out.")]
    public static TypeResolution Predicate(OperandTypes types) => new(types[0].DType, DType.Bool);

    [Description("Truth values in, bool out.")]
    public static TypeResolution Logical(OperandTypes types) => new(DType.Bool, DType.Bool);

    public static DType ToFloat(DType dtype) => dtype.IsFloatingPoint() ? dtype : DType.Float32;

    /// <summary>Refuses numbers that cannot become elements of a dtype. Numbers that are known only at run time are checked for narrow integers.</summary>
    public static void RequireHeld(OperandTypes types, DType dtype, bool mayWrap, params ReadOnlySpan<int> parameters)
    {
        foreach (var parameter in parameters)
        {
            if (!types[parameter].IsTensor)
            {
                NumberRange.Require(types.Operation.Kind, types.Operation.Parameters[parameter].Name, types[parameter].Constant, dtype, mayWrap);
            }
        }
    }

    public static GraphException Unsupported(OperandTypes types, DType dtype, string wanted) => new(
        ErrorCodes.UnsupportedDType,
        $"{types.Operation.Kind} got {dtype.DisplayName()}, wanted {wanted}. Convert the input with aten::to first.");

    /// <summary>A dtype given as a constant code, or by a tensor that has it; null for None.</summary>
    public static DType? NamedType(OperandTypes types, int parameter) => types[parameter] switch
    {
        { IsTensor: true } tensor => tensor.DType,
        { Constant: IntConstant code } => DTypeExtensions.FromTorchCode(code.Value) ?? throw new GraphException(
            ErrorCodes.UnsupportedDType,
            $"{types.Operation.Kind} got the dtype code {code.Value}, wanted 0 to 7 (uint8, int8, int16, int32, int64, float16, float32, float64), 11 (bool) or 15 (bfloat16)."),
        _ => null,
    };
}
