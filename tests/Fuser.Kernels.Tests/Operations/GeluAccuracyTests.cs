using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>gelu in float32 against gelu in float64, whose own error is nothing beside it.</summary>
public sealed class GeluAccuracyTests
{
    private const int Count = 400_000;

    /// <summary>As documented, in units in the last place of |self| / 2.</summary>
    private const double Bound = 4;

    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void The_error_is_within_the_documented_bound(string approximate)
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, Count).Select(i => (float)(i % 2 == 0 ? (random.NextDouble() * 12) - 6 : (random.NextDouble() * 3) - 1.5)).ToArray();
        var (narrow, wide) = (Gelu(NdArray.From(values), approximate).ToArray<float>(), Gelu(NdArray.From(Array.ConvertAll(values, value => (double)value)), approximate).ToArray<double>());
        var errors = values.Select((value, i) => Math.Abs(narrow[i] - wide[i]) / (MathF.BitIncrement(MathF.Abs(value) / 2) - (MathF.Abs(value) / 2))).ToArray();

        errors.Max().ShouldBeLessThanOrEqualTo(Bound);
        errors.Max().ShouldBeGreaterThan(Bound / 2, "the bound is far too wide, or the measure is wrong");
    }

    private static NdArray Gelu(NdArray x, string approximate) =>
        Programs.RunOn(Kernels.Targets.Simd.SimdTarget.Best, Kernels.Partitioning.FusionMode.Fused, Programs.Text("x", $"%mode : str = prim::Constant[value=\"{approximate}\"](); %y = aten::gelu(%x, %mode)", "y"), x)[0];
}
