namespace Fuser.Kernels.Operations;

/// <summary>Other names under which PyTorch prints an operation of the catalogue, with the same parameters.</summary>
internal static class OperationAliases
{
    public static readonly (string Alias, string Kind)[] Rows =
    [
        ("aten::multiply", "aten::mul"),
        ("aten::subtract", "aten::sub"),
        ("aten::divide", "aten::div"),
        ("aten::negative", "aten::neg"),
        ("aten::absolute", "aten::abs"),
        ("aten::not_equal", "aten::ne"),
        ("aten::less", "aten::lt"),
        ("aten::less_equal", "aten::le"),
        ("aten::greater", "aten::gt"),
        ("aten::greater_equal", "aten::ge"),
        ("aten::__and__", "aten::bitwise_and"),
        ("aten::__or__", "aten::bitwise_or"),
        ("aten::__xor__", "aten::bitwise_xor"),
        ("aten::__lshift__", "aten::bitwise_left_shift"),
        ("aten::__rshift__", "aten::bitwise_right_shift"),
        ("aten::max", "aten::maximum"),
        ("aten::min", "aten::minimum"),
        ("aten::clip", "aten::clamp"),
        ("aten::sgn", "aten::sign"),
        ("aten::fix", "aten::trunc"),
        ("aten::arcsin", "aten::asin"),
        ("aten::arccos", "aten::acos"),
        ("aten::arctan", "aten::atan"),
        ("aten::arctan2", "aten::atan2"),
        ("aten::arcsinh", "aten::asinh"),
        ("aten::arccosh", "aten::acosh"),
        ("aten::arctanh", "aten::atanh"),
        ("aten::special_exp2", "aten::exp2"),
        ("aten::special_expm1", "aten::expm1"),
        ("aten::special_log1p", "aten::log1p"),
        ("aten::special_erf", "aten::erf"),
        ("aten::special_erfc", "aten::erfc"),
        ("aten::special_expit", "aten::sigmoid"),
        ("aten::special_logit", "aten::logit"),
        ("aten::special_xlogy", "aten::xlogy"),
        ("aten::special_round", "aten::round"),
        ("aten::special_gammaln", "aten::lgamma"),
        ("aten::special_sinc", "aten::sinc"),
    ];
}
