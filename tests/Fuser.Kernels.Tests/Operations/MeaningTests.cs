using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Tests.Operations.MeaningEvaluator;
using static Fuser.Kernels.Tests.Operations.TestArrays;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>Single answers that have gone wrong elsewhere, each checked by hand.</summary>
public sealed class MeaningTests
{
    private const double NaN = double.NaN;
    private const double Inf = double.PositiveInfinity;

    [Fact]
    public void Halves_round_to_the_even_number() =>
        ShouldEqual(Evaluate("aten::round", F32(0.5, 1.5, 2.5, -0.5, -2.5)), 0, 2, 2, -0.0, -2);

    [Fact]
    public void A_float32_tensor_is_compared_with_a_number_in_float32()
    {
        ShouldEqual(Evaluate("aten::eq", F32(0.1), 0.1), 1);
        ShouldEqual(Evaluate("aten::gt", F32(0.1), 0.1), 0);
        ShouldEqual(Evaluate("aten::eq", F32(0.1), new Runtime(0.1)), 1);
        ShouldEqual(Evaluate("aten::eq", F64((float)0.1), 0.1), 0);
        ShouldEqual(Evaluate("aten::eq", Of(DType.Float16, 0.1), 0.1), 1);
    }

    [Fact]
    public void Fmod_of_float64_is_exact() => ShouldEqual(Evaluate("aten::fmod", F64(16777217), 2.0), 1);

    [Fact]
    public void Remainder_takes_the_sign_of_the_divisor_and_leaves_what_is_smaller_alone()
    {
        ShouldEqual(Evaluate("aten::remainder", F32(1), Inf), 1);
        ShouldEqual(Evaluate("aten::remainder", F32(5, -5, 5, -5), F32(3, 3, -3, -3)), 2, 1, -1, -2);
        ShouldEqual(Evaluate("aten::remainder", F32(6), -3.0), 0);
        ShouldEqual(Evaluate("aten::remainder", Of(DType.Int32, 5, -5, 5, -5), Of(DType.Int32, 3, 3, -3, -3)), 2, 1, -1, -2);
    }

    [Fact]
    public void Lerp_reaches_both_ends()
    {
        ShouldEqual(Evaluate("aten::lerp", F32(1e8), F32(1), 1.0), 1);
        ShouldEqual(Evaluate("aten::lerp", F32(1e8), F32(1), 0.0), 1e8);
    }

    [Fact]
    public void The_upper_bound_of_clamp_wins_and_NaN_stays()
    {
        ShouldEqual(Evaluate("aten::clamp", F32(2), 3, 1), 1);
        ShouldEqual(Evaluate("aten::clamp", F32(NaN), 0, 2), NaN);
        ShouldEqual(Evaluate("aten::clamp", F32(1), NaN, 2), NaN);
        ShouldEqual(Evaluate("aten::clamp", F32(1), new Runtime(NaN), 2), NaN);
    }

    [Fact]
    public void Relu_keeps_NaN_and_minus_zero() => ShouldEqual(Evaluate("aten::relu", F32(NaN, -0.0, -1, 2)), NaN, -0.0, 0, 2);

    [Fact]
    public void Threshold_keeps_NaN_and_replaces_what_equals_it() => ShouldEqual(Evaluate("aten::threshold", F32(NaN, 0, 1), 0, -10), NaN, -10, 1);

    [Theory]
    [InlineData("aten::max")]
    [InlineData("aten::min")]
    [InlineData("aten::maximum")]
    [InlineData("aten::minimum")]
    public void Maximum_and_minimum_hand_NaN_on(string kind) => ShouldEqual(Evaluate(kind, F32(NaN, 1), F32(1, NaN)), NaN, NaN);

    [Theory]
    [InlineData("aten::fmax")]
    [InlineData("aten::fmin")]
    public void Fmax_and_fmin_prefer_the_number(string kind) => ShouldEqual(Evaluate(kind, F32(NaN, 1, NaN), F32(1, NaN, NaN)), 1, 1, NaN);

    [Fact]
    public void Frac_of_infinity_is_NaN() => ShouldEqual(Evaluate("aten::frac", F32(1.75, -1.75, -Inf)), 0.75, -0.75, NaN);

    [Fact]
    public void Division_of_integers_is_true_division()
    {
        var quotient = Evaluate("aten::div", Of(DType.Int64, 7), 2);

        quotient.DType.ShouldBe(DType.Float32);
        ShouldEqual(quotient, 3.5);
        ShouldEqual(Evaluate("aten::sqrt", Of(DType.Int64, 2)), MathF.Sqrt(2));
    }

    [Fact]
    public void A_number_keeps_all_its_digits_beside_a_float64_tensor()
    {
        ShouldEqual(Evaluate("aten::mul", F64(1), new Runtime(0.1)), 0.1);
        ShouldEqual(Evaluate("aten::add", F64(0), 3.9438292681909304), 3.9438292681909304);
        ShouldEqual(Evaluate("aten::mul", F32(1), -0.0), -0.0);
    }

    [Fact]
    public void A_0_dim_tensor_promotes_only_across_categories()
    {
        ResultType("aten::mul", F32(1, 2), ZeroDim(DType.Float64, 2)).ShouldBe(DType.Float32);
        ResultType("aten::mul", Of(DType.Int32, 1, 2), ZeroDim(DType.Float64, 2)).ShouldBe(DType.Float64);
        ResultType("aten::mul", Of(DType.Int32, 1, 2), 2.5).ShouldBe(DType.Float32);
        ResultType("aten::where", Of(DType.Bool, 1, 0), F32(1, 2), F64(1, 2)).ShouldBe(DType.Float64);
    }

    [Fact]
    public void A_number_with_a_bool_tensor_decides_by_its_category()
    {
        ResultType("aten::add", Of(DType.Bool, 1), true).ShouldBe(DType.Bool);
        ResultType("aten::add", Of(DType.Bool, 1), 1).ShouldBe(DType.Int64);
        ResultType("aten::add", Of(DType.Bool, 1), 1.0).ShouldBe(DType.Float32);
        ShouldEqual(Evaluate("aten::add", Of(DType.Bool, 1, 0, 0), Of(DType.Bool, 1, 1, 0)), 1, 1, 0);
        ShouldEqual(Evaluate("aten::mul", Of(DType.Bool, 1, 0, 0), Of(DType.Bool, 1, 1, 0)), 1, 0, 0);
    }

    [Fact]
    public void Half_precision_is_computed_in_float32_and_rounded_once()
    {
        // 0.1 as float16 is 0.0999755859375; the product 0.00999511778354645 lies nearest to the float16 0.00999450683594.
        var product = Evaluate("aten::mul", Of(DType.Float16, 0.1), 0.1);

        product.DType.ShouldBe(DType.Float16);
        ShouldEqual(product, (double)(Half)(0.0999755859375f * 0.1f));
    }

    [Theory]
    [InlineData(DType.UInt8, 200, 100, 44)]
    [InlineData(DType.Int8, 100, 100, -56)]
    [InlineData(DType.Int16, 30000, 30000, -5536)]
    [InlineData(DType.Int32, 2147483647, 1, -2147483648)]
    public void Integers_wrap(DType dtype, double a, double b, double sum) => ShouldEqual(Evaluate("aten::add", Of(dtype, a), Of(dtype, b)), sum);

    [Theory]
    [InlineData(DType.Int8, -128)]
    [InlineData(DType.Int32, int.MinValue)]
    [InlineData(DType.Int64, long.MinValue)]
    public void The_most_negative_integer_divided_by_minus_one_wraps(DType dtype, double least)
    {
        ShouldEqual(Evaluate("aten::floor_divide", Of(dtype, least), Of(dtype, -1)), least);
        ShouldEqual(Evaluate("aten::remainder", Of(dtype, least), Of(dtype, -1)), 0);
        ShouldEqual(Evaluate("aten::abs", Of(dtype, least)), least);
        ShouldEqual(Evaluate("aten::neg", Of(dtype, least)), least);
    }

    [Theory]
    [InlineData("aten::floor_divide")]
    [InlineData("aten::remainder")]
    [InlineData("aten::fmod")]
    public void An_integer_divided_by_zero_is_an_error_when_it_happens(string kind)
    {
        Should.Throw<DivideByZeroException>(() => Evaluate(kind, Of(DType.Int32, 1), Of(DType.Int32, 0)));
        Should.Throw<DivideByZeroException>(() => Evaluate(kind, Of(DType.Int32, 1), 0));
    }

    [Fact]
    public void Shift_counts_outside_the_width_push_everything_out()
    {
        ShouldEqual(Evaluate("aten::bitwise_left_shift", Of(DType.Int32, 1, 1, 1), Of(DType.Int32, 32, -1, 31)), 0, 0, int.MinValue);
        ShouldEqual(Evaluate("aten::__rshift__", Of(DType.Int32, -8, 8, -8, 8), Of(DType.Int32, 40, 40, -1, -1)), -1, 0, -1, 0);
        ShouldEqual(Evaluate("aten::__rshift__", Of(DType.UInt8, 255, 255), Of(DType.UInt8, 8, 7)), 0, 1);
        ShouldEqual(Evaluate("aten::__lshift__", Of(DType.Int8, 1, 1), Of(DType.Int8, 7, 8)), -128, 0);
    }

    [Fact]
    public void Integer_powers_wrap_and_negative_exponents_leave_only_units()
    {
        ShouldEqual(Evaluate("aten::pow", Of(DType.Int8, 3), 5), -13);
        ShouldEqual(Evaluate("aten::pow", Of(DType.Int64, 3, 2, 0, -1), Of(DType.Int64, 39, 64, 0, 3)), 4052555153018976267, 0, 1, -1);
        ShouldEqual(Evaluate("aten::pow", Of(DType.Int32, 1, -1, -1, 2, 0), Of(DType.Int32, -3, -3, -2, -1, -1)), 1, -1, 1, 0, 0);
        Should.Throw<GraphException>(() => Evaluate("aten::pow", Of(DType.Int32, 2), -1)).Code.ShouldBe(ErrorCodes.OperationArgument);
    }

    [Fact]
    public void Floats_to_integers_truncate_saturate_and_turn_NaN_into_zero()
    {
        ShouldEqual(Evaluate("aten::to", F32(1.9, -1.9, 3e9, -3e9, NaN, Inf), DType.Int32), 1, -1, int.MaxValue, int.MinValue, 0, int.MaxValue);
        ShouldEqual(Evaluate("aten::to", F32(300, -1.5, 65.9), DType.UInt8), 44, 255, 65);
        ShouldEqual(Evaluate("aten::to", F32(0, -0.0, 0.1, NaN), DType.Bool), 0, 0, 1, 1);
    }

    [Fact]
    public void The_target_of_a_conversion_is_found_in_every_overload()
    {
        var x = Of(DType.Int64, 1);
        ResultType("aten::to", x, DType.Float32, false, false, null).ShouldBe(DType.Float32);
        ResultType("aten::to", x, "cuda:0", DType.Float16, false, false, null).ShouldBe(DType.Float16);
        ResultType("aten::to", x, Of(DType.Int8, 1), false, false, null).ShouldBe(DType.Int8);
        ResultType("aten::to", x, "cpu", null, false, false).ShouldBe(DType.Int64);
        ResultType("aten::to", x, null, DType.Float64, false, false).ShouldBe(DType.Float64);
        ResultType("aten::to", x, DType.Int16, false, false).ShouldBe(DType.Int16);
        ResultType("aten::to", x, false, false).ShouldBe(DType.Int64);
        ResultType("aten::to", x, null, 0, "cpu", false, false, false, null).ShouldBe(DType.Int64);
        ResultType("aten::to", x, DType.BFloat16, 0, "cpu", false, false, false, null).ShouldBe(DType.BFloat16);
        ResultType("aten::type_as", x, Of(DType.Bool, 1)).ShouldBe(DType.Bool);
        ResultType("aten::_cast_Half", x, false).ShouldBe(DType.Float16);
    }

    [Fact]
    public void A_cast_of_a_16_bit_float_to_an_integer_rounds_first()
    {
        // 2.9999 rounds to the float16 3; cut off unrounded it would be 2.
        ShouldEqual(Evaluate("aten::to", F32(2.9999), DType.Float16), 3);
        var b = new IrBuilder();
        b.TryGetConstant(ValueConversion.Convert(b, b.Float32(2.9999f), DType.Float16, DType.Int32), out var bits).ShouldBeTrue();
        bits.ShouldBe(3UL);
    }

    [Fact]
    public void The_factor_one_costs_nothing()
    {
        Primitives("aten::add", F32(1), F32(1), 1).ShouldBe([IrOp.Add]);
        Primitives("aten::sub", F32(1), 2, true).ShouldBe([IrOp.Subtract]);
        Primitives("aten::addcmul", F32(1), F32(1), F32(1), 1.0).ShouldBe([IrOp.FusedMultiplyAdd]);
        Primitives("aten::add", F32(1), F32(1), 2).ShouldBe([IrOp.FusedMultiplyAdd]);
    }

    [Fact]
    public void Known_bounds_of_clamp_cost_a_compare_and_a_select_each() =>
        Primitives("aten::clamp", F32(1), 0.0, 1.0).ShouldBe([IrOp.LessThan, IrOp.Select, IrOp.LessThan, IrOp.Select]);

    [Fact]
    public void Steps_that_eager_rounds_one_by_one_are_not_fused() =>
        Primitives("aten::lerp", F32(1), F32(1), F32(1)).ShouldNotContain(IrOp.FusedMultiplyAdd);

    [Fact]
    public void Activations_are_right_at_the_edges()
    {
        ShouldEqual(Evaluate("aten::silu", F32(-Inf, Inf, -0.0, 200, -200)), NaN, Inf, -0.0, 200, -0.0);
        ShouldEqual(Evaluate("aten::mish", F32(Inf, -Inf, 1e30, 0)), Inf, NaN, 1e30f, 0);
        ShouldEqual(Evaluate("aten::softplus", F32(20, 21, Inf, -Inf), 1, 20), 20, 21, Inf, 0);
        ShouldEqual(Evaluate("aten::softplus", F32(10.5), 2, 20), 10.5);
        ShouldEqual(Evaluate("aten::log_sigmoid", F32(-1e30, 1e30, -Inf, Inf)), -1e30f, 0, -Inf, 0);
        ShouldEqual(Evaluate("aten::sigmoid", F32(Inf, -Inf, NaN, 0)), 1, 0, NaN, 0.5);
        ShouldEqual(Evaluate("aten::gelu", F32(Inf, 0, NaN)), Inf, 0, NaN);
        ShouldEqual(Evaluate("aten::logit", F32(0, 1, 0.5, 2)), -Inf, Inf, 0, NaN);
        ShouldEqual(Evaluate("aten::hardshrink", F32(0.5, -0.5, 0.75, NaN), 0.5), 0, 0, 0.75, NaN);
        ShouldEqual(Evaluate("aten::softshrink", F32(0.5, 0.75, -0.75, NaN), 0.5), 0, 0.25, -0.25, NaN);
        ShouldEqual(Evaluate("aten::hardsigmoid", F32(-4, 0, 4, NaN)), 0, 0.5, 1, NaN);
        ShouldEqual(Evaluate("aten::prelu", F32(-2, 3), ZeroDim(DType.Float32, 0.25)), -0.5, 3);
        ShouldEqual(Evaluate("aten::softsign", F32(1, -1)), 0.5, -0.5);
    }

    [Fact]
    public void Sums_in_the_log_domain_and_hypot_do_not_overflow()
    {
        ShouldEqual(Evaluate("aten::logaddexp", F32(Inf, -Inf, 1000, Inf), F32(Inf, -Inf, -1000, -Inf)), Inf, -Inf, 1000, Inf);
        ShouldEqual(Evaluate("aten::logaddexp2", F32(Inf, -Inf, 3), F32(Inf, -Inf, 3)), Inf, -Inf, 4);
        ShouldEqual(Evaluate("aten::hypot", F32(3e30, Inf, NaN, 3), F32(4e30, NaN, -Inf, 4)), 5e30f, Inf, Inf, 5);
        ShouldEqual(Evaluate("aten::xlogy", F32(0, 0, 2), F32(0, NaN, 1)), 0, NaN, 0);
    }

    [Fact]
    public void A_number_becomes_a_0_dim_tensor_of_its_category_or_of_the_dtype_named()
    {
        ResultType("aten::scalar_tensor", 2.5).ShouldBe(DType.Float32);
        ResultType("aten::tensor", 2, null, null, false).ShouldBe(DType.Int64);
        ResultType("aten::tensor", true).ShouldBe(DType.Bool);
        ResultType("prim::NumToTensor", 2.5).ShouldBe(DType.Float64);
        ShouldEqual(Evaluate("aten::scalar_tensor", new Runtime(2.5), DType.Int8), 2);
    }

    [Fact]
    public void Nan_to_num_knows_the_largest_number_of_each_type()
    {
        ShouldEqual(Evaluate("aten::nan_to_num", Of(DType.Float16, NaN, Inf, -Inf)), 0, 65504, -65504);
        ShouldEqual(Evaluate("aten::nan_to_num", F32(NaN, Inf, -Inf, 2), 1.5, null, -7.0), 1.5, float.MaxValue, -7, 2);
    }

    [Fact]
    public void Powers_take_the_short_way_only_where_it_is_the_same_function()
    {
        ShouldEqual(Evaluate("aten::pow", F32(-3, Inf, -0.0), 2), 9, Inf, 0);
        ShouldEqual(Evaluate("aten::pow", F32(-3), 3.0), -27);
        ShouldEqual(Evaluate("aten::pow", F32(4, -Inf), 0.5), 2, NaN);
        ShouldEqual(Evaluate("aten::pow", F32(NaN, 5), 0.0), 1, 1);
        ShouldEqual(Evaluate("aten::pow", 2, F32(3, -1)), 8, 0.5);
    }

    /// <summary>What the operation costs, without constants, loads and the store.</summary>
    private static IrOp[] Primitives(string kind, params object?[] arguments) =>
        [.. Lower(kind, arguments).Nodes.Select(node => node.Op).Where(op => op is not (IrOp.Constant or IrOp.Load or IrOp.Store))];

    private static NdArray F32(params ReadOnlySpan<double> values) => Of(DType.Float32, values);

    private static NdArray F64(params ReadOnlySpan<double> values) => Of(DType.Float64, values);

    /// <summary>Numbers are equal, NaN equals NaN, and zeros have the same sign.</summary>
    private static void ShouldEqual(NdArray got, params double[] wanted)
    {
        var numbers = Numbers(got);
        numbers.Select(OneNaN).Select(BitConverter.DoubleToInt64Bits).ShouldBe(
            wanted.Select(OneNaN).Select(BitConverter.DoubleToInt64Bits), $"got {string.Join(", ", numbers)}, wanted {string.Join(", ", wanted)}");
    }

    private static double OneNaN(double value) => double.IsNaN(value) ? double.NaN : value;
}
