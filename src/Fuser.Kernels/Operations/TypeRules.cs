using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>The type rules the catalogue's rows name.</summary>
internal static class TypeRules
{
    /// <summary>The promoted type of the operands, in and out: add, mul, maximum.</summary>
    public static TypeResolution Promoted(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return new TypeResolution(dtype, dtype);
    }

    /// <summary>As <see cref="Promoted"/>, and integers and booleans become the default float: div, exp, sqrt.</summary>
    public static TypeResolution PromotedToFloat(OperandTypes types)
    {
        var dtype = ToFloat(types.PromoteOperands());
        return new TypeResolution(dtype, dtype);
    }

    /// <summary>Promoted in, bool out: comparisons.</summary>
    public static TypeResolution Comparison(OperandTypes types) => new(types.PromoteOperands(), DType.Bool);

    /// <summary>The type of the first operand in and out.</summary>
    public static TypeResolution Self(OperandTypes types) => new(types[0].DType, types[0].DType);

    /// <summary>The type of the first operand, which must be a floating point type, as PyTorch insists for activations.</summary>
    public static TypeResolution FloatSelf(OperandTypes types)
    {
        var dtype = types[0].DType;
        return dtype.IsFloatingPoint() ? new TypeResolution(dtype, dtype) : throw Unsupported(types, dtype, "a floating point tensor");
    }

    /// <summary>The first operand's type in, bool out: isnan, signbit.</summary>
    public static TypeResolution Predicate(OperandTypes types) => new(types[0].DType, DType.Bool);

    /// <summary>Truth values in, bool out: logical_and.</summary>
    public static TypeResolution Logical(OperandTypes types) => new(DType.Bool, DType.Bool);

    /// <summary>Promoted, integers and booleans only: bitwise operations.</summary>
    public static TypeResolution Integral(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return dtype.IsFloatingPoint() ? throw Unsupported(types, dtype, "integer or bool tensors") : new TypeResolution(dtype, dtype);
    }

    public static DType ToFloat(DType dtype) => dtype.IsFloatingPoint() ? dtype : DType.Float32;

    public static GraphException Unsupported(OperandTypes types, DType dtype, string wanted) => new(
        ErrorCodes.UnsupportedDType,
        $"{types.Operation.Kind} got {dtype.DisplayName()}, wanted {wanted}. Convert the input with aten::to first.");
}
