using System.Collections.Frozen;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Mathematical functions of plain numbers (<c>math.exp</c> in a script): float64, by the formula the kernels use, so that no library's
/// last bit gets into a result. Built and folded at each call, which takes microseconds: a graph has few of them.
/// </summary>
internal static class ScalarFunctions
{
    public static FrozenSet<string> OfOne { get; } = FrozenSet.Create(
        "aten::exp", "aten::expm1", "aten::exp2", "aten::log", "aten::log1p", "aten::log2", "aten::log10", "aten::sin", "aten::cos", "aten::tan", "aten::asin",
        "aten::acos", "aten::atan", "aten::sinh", "aten::cosh", "aten::tanh", "aten::asinh", "aten::acosh", "aten::atanh", "aten::erf", "aten::erfc", "aten::lgamma",
        "aten::degrees", "aten::radians");

    private const double DegreesPerRadian = 180 / System.Math.PI;

    public static FrozenSet<string> OfTwo { get; } = FrozenSet.Create("aten::atan2", "aten::log");

    /// <summary>Whether the kind is such a function of that many numbers.</summary>
    public static bool Has(string kind, int arguments) => arguments switch
    {
        1 => OfOne.Contains(kind),
        2 => OfTwo.Contains(kind),
        _ => false,
    };

    public static double Evaluate(string kind, ReadOnlySpan<FuserValue> arguments) => (kind, arguments.Length) switch
    {
        ("aten::degrees", _) => arguments[0].Float * DegreesPerRadian,
        ("aten::radians", _) => arguments[0].Float * (1 / DegreesPerRadian),
        ("aten::log", 2) => Call(kind, arguments[0].Float) / Call(kind, arguments[1].Float),
        (_, 1) => Call(kind, arguments[0].Float),
        _ => Call(kind, arguments[0].Float, arguments[1].Float),
    };

    /// <summary>As the kernels compute it with a constant exponent: squares are products, roots are roots.</summary>
    public static double Power(double value, double exponent) => Call(
        "aten::pow",
        [Float64, new OperandType(OperandRank.Number, DType.Float64, new FloatConstant(exponent))],
        [value, exponent]);

    private static OperandType Float64 => new(OperandRank.ZeroDimensional, DType.Float64);

    private static double Call(string kind, params ReadOnlySpan<double> values)
    {
        var types = new OperandType[values.Length];
        Array.Fill(types, Float64);
        return Call(kind, types, values);
    }

    private static double Call(string kind, ReadOnlySpan<OperandType> types, ReadOnlySpan<double> values)
    {
        var builder = new IrBuilder();
        var operands = new IrValue?[values.Length];
        for (var i = 0; i < operands.Length; i++)
        {
            operands[i] = builder.Float64(values[i]);
        }

        var (result, _) = OperationLowering.Apply(builder, OperandTypes.Create(OperationCatalogue.Find(kind)!, types), operands);
        return builder.TryGetConstant(result, out var bits)
            ? BitConverter.UInt64BitsToDouble(bits)
            : throw new InternalFuserException(ErrorCodes.Internal, $"{kind} of constants was not folded");
    }
}
