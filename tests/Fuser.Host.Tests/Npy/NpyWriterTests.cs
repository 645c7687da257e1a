using System.Text;
using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Npy;

public sealed class NpyWriterTests
{
    [Fact]
    public void Bytes_are_exactly_what_numpy_writes()
    {
        var expected = new byte[128 + 8];
        expected.AsSpan(0, 128).Fill((byte)' ');
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"u8];
        start.CopyTo(expected, 0);
        expected[127] = (byte)'\n';
        NpyBytes.LittleEndian(1f, 2f).CopyTo(expected, 128);
        Write(NdArray.From([1f, 2f])).ShouldBe(expected);
    }

    [Fact]
    public void Every_element_type_comes_back()
    {
        RoundTrip([true, false, true]);
        RoundTrip<byte>([0, 7, 255]);
        RoundTrip<sbyte>([-128, 0, 127]);
        RoundTrip<short>([short.MinValue, 1, short.MaxValue]);
        RoundTrip([int.MinValue, 1, int.MaxValue]);
        RoundTrip([long.MinValue, 1, long.MaxValue]);
        RoundTrip([Half.MinValue, Half.Epsilon, Half.NegativeZero]);
        RoundTrip([float.NegativeInfinity, float.Epsilon, float.NegativeZero]);
        RoundTrip([double.NegativeInfinity, double.Epsilon, double.NegativeZero]);
    }

    [Fact]
    public void Bfloat16_is_written_as_float32_with_the_same_values()
    {
        var back = Read(Write(NdArray.From([(BFloat16)1.5f, (BFloat16)(-3.25f)])));
        back.DType.ShouldBe(DType.Float32);
        back.ToArray<float>().ShouldBe([1.5f, -3.25f]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Strided_arrays_are_written_row_major(int size)
    {
        // [2, 3] seen backwards along both axes, with a gap between rows.
        var layout = new TensorLayout([2, 3], [-4, -1], 6);
        var array = size switch
        {
            1 => NdArray.From<byte>(Enumerable.Range(0, 8).Select(i => (byte)i).ToArray(), layout),
            2 => NdArray.From<short>(Enumerable.Range(0, 8).Select(i => (short)i).ToArray(), layout),
            4 => NdArray.From<int>(Enumerable.Range(0, 8).ToArray(), layout),
            _ => NdArray.From<double>(Enumerable.Range(0, 8).Select(i => (double)i).ToArray(), layout),
        };
        var bytes = Write(array);
        Encoding.ASCII.GetString(bytes, 0, 128).ShouldContain("'fortran_order': False, 'shape': (2, 3), ");
        double[] expected = [6, 5, 4, 2, 1, 0];
        Numbers(Read(bytes)).ShouldBe(expected);
    }

    [Fact]
    public void Repeated_elements_of_a_broadcast_view_are_written_out()
    {
        var back = Read(Write(NdArray.From<float>(new[] { 1f, 2f }, new TensorLayout([3, 2], [0, 1]))));
        back.ToArray<float>().ShouldBe([1, 2, 1, 2, 1, 2]);
    }

    [Fact]
    public void Arrays_without_axes_and_without_elements_are_written()
    {
        Read(Write(NdArray.Scalar(2.5))).ToArray<double>().ShouldBe([2.5]);
        var empty = Read(Write(NdArray.Allocate(DType.Float32, [0, 5])));
        empty.Shape.ShouldBe([0, 5]);
    }

    [Fact]
    public void An_array_larger_than_one_piece_is_written_whole_in_any_order()
    {
        var values = Enumerable.Range(0, 600_000).ToArray();
        Read(Write(NdArray.From(values, 600, 1000))).ToArray<int>().ShouldBe(values);
        Read(Write(NdArray.From<int>(values, new TensorLayout([600_000], [-1], 599_999)))).ToArray<int>().ShouldBe(values.Reverse());
    }

    private static double[] Numbers(NdArray array) => array.DType switch
    {
        DType.UInt8 => [.. array.ToArray<byte>().Select(v => (double)v)],
        DType.Int16 => [.. array.ToArray<short>().Select(v => (double)v)],
        DType.Int32 => [.. array.ToArray<int>().Select(v => (double)v)],
        _ => array.ToArray<double>(),
    };

    private static void RoundTrip<T>(T[] values)
        where T : unmanaged
    {
        var back = Read(Write(NdArray.From(values, 1, values.Length)));
        back.Shape.ShouldBe([1, values.Length]);
        NpyBytes.LittleEndian(back.ToArray<T>()).ShouldBe(NpyBytes.LittleEndian(values));
    }

    private static byte[] Write(NdArray array)
    {
        var stream = new MemoryStream();
        NpyWriter.Write(stream, array);
        return stream.ToArray();
    }

    private static NdArray Read(byte[] bytes) => NpyReader.Read(new MemoryStream(bytes), "written.npy");
}
