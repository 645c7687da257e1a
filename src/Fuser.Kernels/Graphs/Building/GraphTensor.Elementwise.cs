namespace Fuser.Kernels.Graphs;

/// <content>Elementwise operations of one or two operands. A number as second operand does not decide the element type; a tensor does.</content>
public sealed partial class GraphTensor
{
    /// <summary><c>aten::abs</c>: absolute value.</summary>
    public GraphTensor Abs() => Emit("abs", this);

    /// <summary><c>aten::neg</c>: minus x.</summary>
    public GraphTensor Neg() => Emit("neg", this);

    /// <summary><c>aten::sigmoid</c>: 1 / (1 + exp(-x)).</summary>
    public GraphTensor Sigmoid() => Emit("sigmoid", this);

    /// <summary><c>aten::relu</c>: max(x, 0), NaN kept.</summary>
    public GraphTensor Relu() => Emit("relu", this);

    /// <summary><c>aten::log</c>: natural logarithm.</summary>
    public GraphTensor Log() => Emit("log", this);

    /// <summary><c>aten::log10</c>: logarithm to base 10.</summary>
    public GraphTensor Log10() => Emit("log10", this);

    /// <summary><c>aten::log1p</c>: log(1 + x).</summary>
    public GraphTensor Log1p() => Emit("log1p", this);

    /// <summary><c>aten::log2</c>: logarithm to base 2.</summary>
    public GraphTensor Log2() => Emit("log2", this);

    /// <summary><c>aten::lgamma</c>: logarithm of the absolute value of the gamma function.</summary>
    public GraphTensor Lgamma() => Emit("lgamma", this);

    /// <summary><c>aten::exp</c>: e to the x.</summary>
    public GraphTensor Exp() => Emit("exp", this);

    /// <summary><c>aten::expm1</c>: exp(x) - 1.</summary>
    public GraphTensor Expm1() => Emit("expm1", this);

    /// <summary><c>aten::exp2</c>: 2 to the x.</summary>
    public GraphTensor Exp2() => Emit("exp2", this);

    /// <summary><c>aten::erf</c>: error function.</summary>
    public GraphTensor Erf() => Emit("erf", this);

    /// <summary><c>aten::erfc</c>: 1 - erf(x).</summary>
    public GraphTensor Erfc() => Emit("erfc", this);

    /// <summary><c>aten::cos</c>: cosine of radians.</summary>
    public GraphTensor Cos() => Emit("cos", this);

    /// <summary><c>aten::acos</c>: inverse cosine.</summary>
    public GraphTensor Acos() => Emit("acos", this);

    /// <summary><c>aten::cosh</c>: hyperbolic cosine.</summary>
    public GraphTensor Cosh() => Emit("cosh", this);

    /// <summary><c>aten::acosh</c>: inverse hyperbolic cosine.</summary>
    public GraphTensor Acosh() => Emit("acosh", this);

    /// <summary><c>aten::sin</c>: sine of radians.</summary>
    public GraphTensor Sin() => Emit("sin", this);

    /// <summary><c>aten::asin</c>: inverse sine.</summary>
    public GraphTensor Asin() => Emit("asin", this);

    /// <summary><c>aten::sinh</c>: hyperbolic sine.</summary>
    public GraphTensor Sinh() => Emit("sinh", this);

    /// <summary><c>aten::asinh</c>: inverse hyperbolic sine.</summary>
    public GraphTensor Asinh() => Emit("asinh", this);

    /// <summary><c>aten::tan</c>: tangent of radians.</summary>
    public GraphTensor Tan() => Emit("tan", this);

    /// <summary><c>aten::atan</c>: inverse tangent.</summary>
    public GraphTensor Atan() => Emit("atan", this);

    /// <summary><c>aten::tanh</c>: hyperbolic tangent.</summary>
    public GraphTensor Tanh() => Emit("tanh", this);

    /// <summary><c>aten::atanh</c>: inverse hyperbolic tangent.</summary>
    public GraphTensor Atanh() => Emit("atanh", this);

    /// <summary><c>aten::sqrt</c>: square root.</summary>
    public GraphTensor Sqrt() => Emit("sqrt", this);

    /// <summary><c>aten::rsqrt</c>: 1 / sqrt(x).</summary>
    public GraphTensor Rsqrt() => Emit("rsqrt", this);

    /// <summary><c>aten::ceil</c>: the smallest whole number not below x.</summary>
    public GraphTensor Ceil() => Emit("ceil", this);

    /// <summary><c>aten::floor</c>: the largest whole number not above x.</summary>
    public GraphTensor Floor() => Emit("floor", this);

    /// <summary><c>aten::trunc</c>: x without its fraction.</summary>
    public GraphTensor Trunc() => Emit("trunc", this);

    /// <summary><c>aten::round</c>: the nearest whole number, halves to the even one.</summary>
    public GraphTensor Round() => Emit("round", this);

    /// <summary><c>aten::frac</c>: x - trunc(x).</summary>
    public GraphTensor Frac() => Emit("frac", this);

    /// <summary><c>aten::reciprocal</c>: 1 / x.</summary>
    public GraphTensor Reciprocal() => Emit("reciprocal", this);

    /// <summary><c>aten::square</c>: x * x.</summary>
    public GraphTensor Square() => Emit("square", this);

    /// <summary><c>aten::sign</c>: -1, 0 or 1.</summary>
    public GraphTensor Sign() => Emit("sign", this);

    /// <summary><c>aten::sgn</c>: -1, 0 or 1.</summary>
    public GraphTensor Sgn() => Emit("sgn", this);

    /// <summary><c>aten::signbit</c>: whether the sign is minus, that of -0.0 too; false for NaN.</summary>
    public GraphTensor Signbit() => Emit("signbit", this);

    /// <summary><c>aten::isnan</c>: whether x is NaN.</summary>
    public GraphTensor IsNaN() => Emit("isnan", this);

    /// <summary><c>aten::isinf</c>: whether x is infinite.</summary>
    public GraphTensor IsInf() => Emit("isinf", this);

    /// <summary><c>aten::isfinite</c>: whether x is neither infinite nor NaN.</summary>
    public GraphTensor IsFinite() => Emit("isfinite", this);

    /// <summary><c>aten::logical_not</c>: whether x is zero.</summary>
    public GraphTensor LogicalNot() => Emit("logical_not", this);

    /// <summary><c>aten::bitwise_not</c>: all bits turned; logical not for bool.</summary>
    public GraphTensor BitwiseNot() => Emit("bitwise_not", this);

    /// <summary><c>aten::deg2rad</c>: x * pi / 180.</summary>
    public GraphTensor DegreesToRadians() => Emit("deg2rad", this);

    /// <summary><c>aten::rad2deg</c>: x * 180 / pi.</summary>
    public GraphTensor RadiansToDegrees() => Emit("rad2deg", this);

    /// <summary><c>aten::silu</c>: x * sigmoid(x).</summary>
    public GraphTensor Silu() => Emit("silu", this);

    /// <summary><c>aten::mish</c>: x * tanh(softplus(x)).</summary>
    public GraphTensor Mish() => Emit("mish", this);

    /// <summary><c>aten::selu</c>: scaled exponential linear unit.</summary>
    public GraphTensor Selu() => Emit("selu", this);

    /// <summary><c>aten::hardsigmoid</c>: relu6(x + 3) / 6.</summary>
    public GraphTensor HardSigmoid() => Emit("hardsigmoid", this);

    /// <summary><c>aten::hardswish</c>: x * relu6(x + 3) / 6.</summary>
    public GraphTensor HardSwish() => Emit("hardswish", this);

    /// <summary><c>aten::mul</c>: x * y.</summary>
    public GraphTensor Mul(GraphOperand y) => Emit("mul", this, y);

    /// <summary><c>aten::div</c>: x / y, true division of whole numbers too.</summary>
    public GraphTensor Div(GraphOperand y) => Emit("div", this, y);

    /// <summary><c>aten::true_divide</c>: x / y.</summary>
    public GraphTensor TrueDivide(GraphOperand y) => Emit("true_divide", this, y);

    /// <summary><c>aten::floor_divide</c>: floor(x / y).</summary>
    public GraphTensor FloorDivide(GraphOperand y) => Emit("floor_divide", this, y);

    /// <summary><c>aten::fmod</c>: what is left of x / y, with the sign of x.</summary>
    public GraphTensor Fmod(GraphOperand y) => Emit("fmod", this, y);

    /// <summary><c>aten::remainder</c>: what is left of x / y, with the sign of y.</summary>
    public GraphTensor Remainder(GraphOperand y) => Emit("remainder", this, y);

    /// <summary><c>aten::pow</c>: x to the y.</summary>
    public GraphTensor Pow(GraphOperand y) => Emit("pow", this, y);

    /// <summary><c>aten::bitwise_and</c>: bits set in both; logical and for bool.</summary>
    public GraphTensor BitwiseAnd(GraphOperand y) => Emit("bitwise_and", this, y);

    /// <summary><c>aten::bitwise_or</c>: bits set in either; logical or for bool.</summary>
    public GraphTensor BitwiseOr(GraphOperand y) => Emit("bitwise_or", this, y);

    /// <summary><c>aten::bitwise_xor</c>: bits set in one only.</summary>
    public GraphTensor BitwiseXor(GraphOperand y) => Emit("bitwise_xor", this, y);

    /// <summary><c>aten::bitwise_left_shift</c>: x shifted left by y bits.</summary>
    public GraphTensor ShiftLeft(GraphOperand y) => Emit("bitwise_left_shift", this, y);

    /// <summary><c>aten::bitwise_right_shift</c>: x shifted right by y bits, keeping the sign.</summary>
    public GraphTensor ShiftRight(GraphOperand y) => Emit("bitwise_right_shift", this, y);

    /// <summary><c>aten::eq</c>: x equal to y.</summary>
    public GraphTensor Eq(GraphOperand y) => Emit("eq", this, y);

    /// <summary><c>aten::ne</c>: x not equal to y.</summary>
    public GraphTensor Ne(GraphOperand y) => Emit("ne", this, y);

    /// <summary><c>aten::lt</c>: x less than y.</summary>
    public GraphTensor Lt(GraphOperand y) => Emit("lt", this, y);

    /// <summary><c>aten::le</c>: x less than or equal to y.</summary>
    public GraphTensor Le(GraphOperand y) => Emit("le", this, y);

    /// <summary><c>aten::gt</c>: x greater than y.</summary>
    public GraphTensor Gt(GraphOperand y) => Emit("gt", this, y);

    /// <summary><c>aten::ge</c>: x greater than or equal to y.</summary>
    public GraphTensor Ge(GraphOperand y) => Emit("ge", this, y);

    /// <summary><c>aten::copysign</c>: the magnitude of x with the sign of y.</summary>
    public GraphTensor CopySign(GraphOperand y) => Emit("copysign", this, y);

    /// <summary><c>aten::xlogy</c>: x * log(y), and 0 where x is 0.</summary>
    public GraphTensor Xlogy(GraphOperand y) => Emit("xlogy", this, y);

    /// <summary><c>aten::atan2</c>: the angle of the point (y, x), this being the y.</summary>
    public GraphTensor Atan2(GraphTensor y) => Emit("atan2", this, y);

    /// <summary><c>aten::maximum</c>: the larger one; NaN if either is.</summary>
    public GraphTensor Maximum(GraphTensor y) => Emit("maximum", this, y);

    /// <summary><c>aten::minimum</c>: the smaller one; NaN if either is.</summary>
    public GraphTensor Minimum(GraphTensor y) => Emit("minimum", this, y);

    /// <summary><c>aten::max</c>: the larger one; NaN if either is.</summary>
    public GraphTensor Max(GraphTensor y) => Emit("max", this, y);

    /// <summary><c>aten::min</c>: the smaller one; NaN if either is.</summary>
    public GraphTensor Min(GraphTensor y) => Emit("min", this, y);

    /// <summary><c>aten::fmax</c>: the larger one; the other if one is NaN.</summary>
    public GraphTensor Fmax(GraphTensor y) => Emit("fmax", this, y);

    /// <summary><c>aten::fmin</c>: the smaller one; the other if one is NaN.</summary>
    public GraphTensor Fmin(GraphTensor y) => Emit("fmin", this, y);

    /// <summary><c>aten::hypot</c>: sqrt(x * x + y * y) without overflow.</summary>
    public GraphTensor Hypot(GraphTensor y) => Emit("hypot", this, y);

    /// <summary><c>aten::logaddexp</c>: log(exp(x) + exp(y)) without overflow.</summary>
    public GraphTensor LogAddExp(GraphTensor y) => Emit("logaddexp", this, y);

    /// <summary><c>aten::logical_and</c>: whether both are not zero.</summary>
    public GraphTensor LogicalAnd(GraphTensor y) => Emit("logical_and", this, y);

    /// <summary><c>aten::logical_or</c>: whether either is not zero.</summary>
    public GraphTensor LogicalOr(GraphTensor y) => Emit("logical_or", this, y);

    /// <summary><c>aten::logical_xor</c>: whether exactly one is not zero.</summary>
    public GraphTensor LogicalXor(GraphTensor y) => Emit("logical_xor", this, y);

    /// <summary><c>aten::prelu</c>: x where it is positive, else x times the weight.</summary>
    public GraphTensor Prelu(GraphTensor y) => Emit("prelu", this, y);

    /// <summary><c>aten::type_as</c>: x in the element type of the other.</summary>
    public GraphTensor TypeAs(GraphTensor y) => Emit("type_as", this, y);
}
