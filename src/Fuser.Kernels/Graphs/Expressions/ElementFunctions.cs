using System.Collections.Frozen;

namespace Fuser.Kernels.Graphs;

/// <summary>Functions of <see cref="Math"/>, <see cref="MathF"/>, <see cref="float"/> and <see cref="double"/> as operations on tensors.</summary>
internal static class ElementFunctions
{
    private static readonly FrozenDictionary<string, Func<GraphTensor, GraphTensor>> Unary = new Dictionary<string, Func<GraphTensor, GraphTensor>>(StringComparer.Ordinal)
    {
        ["Abs"] = static x => x.Abs(),
        ["Acos"] = static x => x.Acos(),
        ["Acosh"] = static x => x.Acosh(),
        ["Asin"] = static x => x.Asin(),
        ["Asinh"] = static x => x.Asinh(),
        ["Atan"] = static x => x.Atan(),
        ["Atanh"] = static x => x.Atanh(),
        ["Ceiling"] = static x => x.Ceil(),
        ["Cos"] = static x => x.Cos(),
        ["Cosh"] = static x => x.Cosh(),
        ["DegreesToRadians"] = static x => x.DegreesToRadians(),
        ["Exp"] = static x => x.Exp(),
        ["Exp2"] = static x => x.Exp2(),
        ["ExpM1"] = static x => x.Expm1(),
        ["Floor"] = static x => x.Floor(),
        ["IsFinite"] = static x => x.IsFinite(),
        ["IsInfinity"] = static x => x.IsInf(),
        ["IsNaN"] = static x => x.IsNaN(),
        ["IsNegative"] = static x => x.Signbit(),
        ["Log"] = static x => x.Log(),
        ["Log10"] = static x => x.Log10(),
        ["Log2"] = static x => x.Log2(),
        ["LogP1"] = static x => x.Log1p(),
        ["RadiansToDegrees"] = static x => x.RadiansToDegrees(),
        ["Round"] = static x => x.Round(),
        ["Sin"] = static x => x.Sin(),
        ["Sinh"] = static x => x.Sinh(),
        ["Sqrt"] = static x => x.Sqrt(),
        ["Tan"] = static x => x.Tan(),
        ["Tanh"] = static x => x.Tanh(),
        ["Truncate"] = static x => x.Trunc(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <returns>The result, or null when there is no such operation. At least one argument is a tensor.</returns>
    public static GraphTensor? Translate(string name, ReadOnlySpan<ElementLambda.Element> arguments) => arguments switch
    {
        [{ Tensor: { } x }] => Unary.GetValueOrDefault(name)?.Invoke(x),
        [{ Tensor: { } x }, var y] => Binary(name, x, y),
        [var x, { Tensor: { } y }] => ConstantFirst(name, x, y),
        [var x, var low, var high] when name == "Clamp" => Clamp(x, low, high),
        _ => null,
    };

    private static GraphTensor? Binary(string name, GraphTensor x, ElementLambda.Element y) => (name, y.Tensor) switch
    {
        ("Atan2", _) => x.Atan2(ElementLambda.Tensor(y, x)),
        ("CopySign", _) => x.CopySign(y.Operand),
        ("Pow", _) => x.Pow(y.Operand),
        ("Max", null) => x.Clamp(y.Operand, GraphOperand.None),
        ("Max", { } other) => x.Maximum(other),
        ("Min", null) => x.Clamp(GraphOperand.None, y.Operand),
        ("Min", { } other) => x.Minimum(other),
        ("MaxNumber", { } other) => x.Fmax(other),
        ("MinNumber", { } other) => x.Fmin(other),
        ("Hypot", { } other) => x.Hypot(other),
        _ => null,
    };

    private static GraphTensor? ConstantFirst(string name, ElementLambda.Element x, GraphTensor y) => name switch
    {
        "Atan2" => ElementLambda.Tensor(x, y).Atan2(y),
        "Pow" => y.PowOf(x.Operand),
        "Max" or "Min" => Binary(name, y, x),
        _ => null,
    };

    private static GraphTensor? Clamp(ElementLambda.Element x, ElementLambda.Element low, ElementLambda.Element high)
    {
        if (x.Tensor is not { } value)
        {
            return null;
        }

        if (low.Tensor is null && high.Tensor is null)
        {
            return value.Clamp(low.Operand, high.Operand);
        }

        return Binary("Min", Binary("Max", value, low)!, high);
    }
}
