using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Tensors;

public sealed class NdArrayTests
{
    [Fact]
    public void Wrapping_copies_nothing()
    {
        var data = new float[6];
        var array = NdArray.From(data, 2, 3);
        array.AsSpan<float>()[4] = 7;
        data[4].ShouldBe(7);
    }

    [Fact]
    public void Elements_come_in_row_major_order_whatever_the_strides()
    {
        var data = Enumerable.Range(0, 12).ToArray().AsMemory();
        NdArray.From(data, new TensorLayout([3, 4], [1, 3])).ToArray<int>().ShouldBe([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
        NdArray.From(data, new TensorLayout([4], [-3], 11)).ToArray<int>().ShouldBe([11, 8, 5, 2]);
        NdArray.From(data, new TensorLayout([2, 2], [0, 5], 1)).ToArray<int>().ShouldBe([1, 6, 1, 6]);
    }

    [Theory]
    [InlineData(new long[] { 3, 4 }, new long[] { 4, 1 }, 1)]
    [InlineData(new long[] { 3 }, new long[] { -1 }, 1)]
    [InlineData(new long[] { 2 }, new long[] { long.MaxValue }, 0)]
    [InlineData(new long[] { 2, 2 }, new long[] { long.MaxValue, long.MaxValue }, 0)]
    [InlineData(new long[] { 1 }, new long[] { 1 }, 12)]
    [InlineData(new long[] { 1 }, new long[] { 1 }, -1)]
    [InlineData(new long[] { 1 }, new long[] { 1 }, long.MaxValue)]
    [InlineData(new long[] { -1 }, new long[] { 1 }, 0)]
    [InlineData(new long[] { 2 }, new long[] { 1, 1 }, 0)]
    [InlineData(new long[] { long.MaxValue, 2 }, new long[] { 0, 0 }, 0)]
    [InlineData(new long[] { 1L << 32, 1L << 31 }, new long[] { 0, 0 }, 0)]
    public void Layouts_outside_the_memory_are_refused(long[] sizes, long[] strides, long offset) =>
        Should.Throw<InputException>(() => NdArray.From(new float[12].AsMemory(), new TensorLayout([.. sizes], [.. strides], offset)));

    [Fact]
    public void Without_elements_any_place_will_do()
    {
        NdArray.From(new float[1].AsMemory(), new TensorLayout([0, 5], [long.MaxValue, 3], 1_000_000)).ToArray<float>().ShouldBeEmpty();
        NdArray.From(Array.Empty<float>(), 0, 3).ElementCount.ShouldBe(0);
    }

    [Fact]
    public void Wrong_element_counts_and_types_are_refused()
    {
        Should.Throw<InputException>(() => NdArray.From(new float[5], 2, 3)).Code.ShouldBe(ErrorCodes.InvalidShape);
        Should.Throw<InputException>(() => NdArray.From(new float[6]).ToArray<int>()).Code.ShouldBe(ErrorCodes.InputDType);
        Should.Throw<InputException>(() => NdArray.From(new decimal[1])).Code.ShouldBe(ErrorCodes.InputDType);
        Should.Throw<InputException>(() => NdArray.From(new int[1], DType.Float64, TensorLayout.Contiguous([1]))).Code.ShouldBe(ErrorCodes.InputDType);
        Should.Throw<ArgumentNullException>(() => (FuserValue)(NdArray)null!);
    }

    [Fact]
    public void A_view_with_more_elements_than_an_array_holds_is_not_copied()
    {
        var view = NdArray.From(new float[1].AsMemory(), new TensorLayout([1L << 40], [0]));
        Should.Throw<InputException>(() => view.ToArray<float>()).Code.ShouldBe(ErrorCodes.SizeLimit);
        Should.Throw<InputException>(() => NdArray.Allocate(DType.Bool, [1L << 31])).Code.ShouldBe(ErrorCodes.SizeLimit);
        Should.Throw<InputException>(() => new TensorLayout([.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)])).Code.ShouldBe(ErrorCodes.SizeLimit);
    }

    [Fact]
    public void Every_dtype_is_allocated_and_has_its_size()
    {
        foreach (var dtype in Enum.GetValues<DType>())
        {
            var array = NdArray.Allocate(dtype, [2, 3]);
            array.DType.ShouldBe(dtype);
            array.Layout.Strides.ShouldBe([3L, 1]);
            DTypeExtensions.FromTorchCode(dtype.TorchCode()).ShouldBe(dtype);
        }

        DTypeExtensions.FromTorchCode(8).ShouldBeNull();
    }

    [Fact]
    public void Bfloat16_rounds_to_nearest_even()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            float value = new BFloat16((ushort)bits);
            ((BFloat16)value).Bits.ShouldBe(float.IsNaN(value) ? (ushort)0x7fc0 : (ushort)bits);
        }

        ((BFloat16)BitConverter.UInt32BitsToSingle(0x3f808000)).Bits.ShouldBe((ushort)0x3f80);
        ((BFloat16)BitConverter.UInt32BitsToSingle(0x3f818000)).Bits.ShouldBe((ushort)0x3f82);
        ((BFloat16)float.MaxValue).Bits.ShouldBe((ushort)0x7f80);
    }

    /// <summary>torch.promote_types, in the order of the enumeration.</summary>
    [Fact]
    public void Promotion_is_PyTorchs_table()
    {
        string[] table =
        [
            "b1 u1 i1 i2 i4 i8 f2 bf f4 f8",
            "u1 u1 i2 i2 i4 i8 f2 bf f4 f8",
            "i1 i2 i1 i2 i4 i8 f2 bf f4 f8",
            "i2 i2 i2 i2 i4 i8 f2 bf f4 f8",
            "i4 i4 i4 i4 i4 i8 f2 bf f4 f8",
            "i8 i8 i8 i8 i8 i8 f2 bf f4 f8",
            "f2 f2 f2 f2 f2 f2 f2 f4 f4 f8",
            "bf bf bf bf bf bf f4 bf f4 f8",
            "f4 f4 f4 f4 f4 f4 f4 f4 f4 f8",
            "f8 f8 f8 f8 f8 f8 f8 f8 f8 f8",
        ];
        string[] names = ["b1", "u1", "i1", "i2", "i4", "i8", "f2", "bf", "f4", "f8"];
        for (var a = 0; a < 10; a++)
        {
            for (var b = 0; b < 10; b++)
            {
                names[(int)TypePromotion.Promote((DType)a, (DType)b)].ShouldBe(table[a].Split(' ')[b], $"{(DType)a} with {(DType)b}");
            }
        }
    }

    [Fact]
    public void Lower_priorities_decide_only_by_a_higher_category()
    {
        TypePromotion.Combine(DType.Float16, DType.Float64, null).ShouldBe(DType.Float16);
        TypePromotion.Combine(DType.Int32, DType.Float64, null).ShouldBe(DType.Float64);
        TypePromotion.Combine(DType.Int32, null, DType.Float64).ShouldBe(DType.Float32);
        TypePromotion.Combine(DType.UInt8, null, DType.Int64).ShouldBe(DType.UInt8);
        TypePromotion.Combine(DType.Bool, null, DType.Int64).ShouldBe(DType.Int64);
        TypePromotion.Combine(null, DType.Float16, DType.Float64).ShouldBe(DType.Float16);
        TypePromotion.Combine(null, null, DType.Bool).ShouldBe(DType.Bool);
    }

    [Fact]
    public void Shapes_broadcast_from_the_last_axis()
    {
        Broadcast([4, 1], [3]).ShouldBe([4L, 3]);
        Broadcast([], [2, 0]).ShouldBe([2L, 0]);
        Broadcast([1], [0]).ShouldBe([0L]);
        Shapes.TryBroadcast([2], [0]).ShouldBeNull();
        Shapes.TryBroadcast([2, 3], [3, 2]).ShouldBeNull();
    }

    private static ImmutableArray<long> Broadcast(ImmutableArray<long> a, ImmutableArray<long> b) => Shapes.TryBroadcast(a, b)!.Value;
}
