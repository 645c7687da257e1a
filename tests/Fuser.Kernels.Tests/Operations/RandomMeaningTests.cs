using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Tests.Operations.MeaningEvaluator;
using static Fuser.Kernels.Tests.Operations.TestArrays;

namespace Fuser.Kernels.Tests.Operations;

public sealed class RandomMeaningTests
{
    private const int Count = 20_000;

    [Theory]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Uniform_numbers_fill_the_unit_interval_and_never_reach_one(DType dtype)
    {
        var numbers = Numbers(Evaluate("aten::rand_like", Filled(DType.Float32, 0), dtype, null, null, null, null));

        numbers.ShouldAllBe(number => number >= 0 && number < 1);
        numbers.Average().ShouldBe(0.5, 0.01);
        numbers.Count(number => number < 0.25).ShouldBeInRange((int)(Count * 0.23), (int)(Count * 0.27));
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers() =>
        Bytes(Evaluate("aten::rand_like", Filled(DType.Float32, 0))).ShouldBe(Bytes(Evaluate("aten::rand_like", Filled(DType.Float32, 7))));

    [Fact]
    public void Bernoulli_takes_its_probability_from_the_tensor_or_from_the_number()
    {
        Numbers(Evaluate("aten::bernoulli", Filled(DType.Float32, 0.3), null)).Average().ShouldBe(0.3, 0.02);
        Numbers(Evaluate("aten::bernoulli", Filled(DType.Float32, 0), 0.8, null)).Average().ShouldBe(0.8, 0.02);
        Numbers(Evaluate("aten::bernoulli", Filled(DType.Float32, 1))).ShouldAllBe(number => number == 1);
        Numbers(Evaluate("aten::bernoulli", Filled(DType.Float32, 0))).ShouldAllBe(number => number == 0);
        ResultType("aten::bernoulli", Filled(DType.Int32, 0), 0.5, null).ShouldBe(DType.Int32);
        Should.Throw<GraphException>(() => ResultType("aten::bernoulli", Filled(DType.Int32, 1), null)).Code.ShouldBe(ErrorCodes.UnsupportedDType);
    }

    [Fact]
    public void Dropout_drops_as_often_as_asked_and_scales_the_rest()
    {
        var numbers = Numbers(Evaluate("aten::dropout", Filled(DType.Float32, 3), 0.25, true));

        numbers.ShouldAllBe(number => number == 0 || number == 3 * (1f / 0.75f));
        numbers.Count(number => number == 0).ShouldBeInRange((int)(Count * 0.23), (int)(Count * 0.27));
    }

    [Fact]
    public void Dropout_of_everything_of_nothing_and_outside_training()
    {
        Numbers(Evaluate("aten::dropout", Filled(DType.Float32, 3), 1.0, true)).ShouldAllBe(number => number == 0);
        Numbers(Evaluate("aten::dropout", Filled(DType.Float32, 3), 0.0, true)).ShouldAllBe(number => number == 3);
        Numbers(Evaluate("aten::dropout", Filled(DType.Int32, 3), 0.5, false)).ShouldAllBe(number => number == 3);
        Should.Throw<GraphException>(() => Evaluate("aten::dropout", Filled(DType.Float32, 3), 0.5, new Runtime(true)));
    }

    [Fact]
    public void Alpha_dropout_keeps_mean_and_variance_of_normalised_input()
    {
        var input = Of(DType.Float32, [.. Enumerable.Range(0, Count).Select(i => i % 2 == 0 ? 1.0 : -1.0)]);
        var numbers = Numbers(Evaluate("aten::alpha_dropout", input, 0.2, true));

        numbers.Average().ShouldBe(0, 0.03);
        numbers.Average(number => number * number).ShouldBe(1, 0.05);
        Numbers(Evaluate("aten::alpha_dropout", input, 1.0, true)).ShouldAllBe(number => number == 0);
    }

    private static NdArray Filled(DType dtype, double value) => Of(dtype, [.. Enumerable.Repeat(value, Count)]);
}
