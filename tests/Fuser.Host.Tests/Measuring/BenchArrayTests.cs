using Fuser.Host.Measuring;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Measuring;

public sealed class BenchArrayTests
{
    [Fact]
    public void Floats_lie_between_a_tenth_and_nine_tenths_and_spread_evenly()
    {
        var values = BenchArray.Random(DType.Float32, [100_000], 1).Array.ToArray<float>();
        values.Min().ShouldBeInRange(0.1f, 0.101f);
        values.Max().ShouldBeInRange(0.899f, 0.9f);
        values.Average().ShouldBeInRange(0.495f, 0.505f);
    }

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    public void Integers_are_small_and_never_zero(DType dtype)
    {
        var array = BenchArray.Random(dtype, [1000], 1).Array;
        long[] values = dtype switch
        {
            DType.UInt8 => [.. array.ToArray<byte>().Select(v => (long)v)],
            DType.Int32 => [.. array.ToArray<int>().Select(v => (long)v)],
            _ => array.ToArray<long>(),
        };
        values.Distinct().Order().ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_values_and_another_seed_others()
    {
        var first = BenchArray.Random(DType.Float64, [300_000], 7).Array.ToArray<double>();
        BenchArray.Random(DType.Float64, [300_000], 7).Array.ToArray<double>().ShouldBe(first);
        BenchArray.Random(DType.Float64, [300_000], 8).Array.ToArray<double>()[..10].ShouldNotBe(first[..10]);
    }

    [Fact]
    public void A_copy_keeps_layout_and_values()
    {
        var array = NdArray.From<int>(Enumerable.Range(0, 6).ToArray(), new TensorLayout([3, 2], [1, 3]));
        var copy = BenchArray.CopyOf(array);
        copy.Array.Layout.ShouldBe(array.Layout);
        copy.Array.ToArray<int>().ShouldBe(array.ToArray<int>());
        copy.Bytes.ShouldBe(24);
    }
}
