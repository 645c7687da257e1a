using Fuser.Host.Npy;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Npy;

public sealed class NpyReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_format_version_reads_the_same(byte major)
    {
        var array = Read(NpyBytes.File(NpyBytes.Header("<f4", "(2, 3)"), NpyBytes.LittleEndian(1f, 2f, 3f, 4f, 5f, 6f), major));
        array.DType.ShouldBe(DType.Float32);
        array.Shape.ShouldBe([2, 3]);
        array.ToArray<float>().ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void Big_endian_elements_are_swapped()
    {
        Read(NpyBytes.File(NpyBytes.Header(">f4", "(2,)"), NpyBytes.BigEndian(1.5f, -2f))).ToArray<float>().ShouldBe([1.5f, -2f]);
        Read(NpyBytes.File(NpyBytes.Header(">f8", "(2,)"), NpyBytes.BigEndian(1.5, -2.0))).ToArray<double>().ShouldBe([1.5, -2.0]);
        Read(NpyBytes.File(NpyBytes.Header(">f2", "(2,)"), NpyBytes.BigEndian((Half)1.5f, (Half)(-2f)))).ToArray<Half>().ShouldBe([(Half)1.5f, (Half)(-2f)]);
        Read(NpyBytes.File(NpyBytes.Header(">i2", "(2,)"), NpyBytes.BigEndian<short>(258, -2))).ToArray<short>().ShouldBe([(short)258, (short)-2]);
        Read(NpyBytes.File(NpyBytes.Header(">i4", "(1,)"), NpyBytes.BigEndian(0x01020304))).ToArray<int>().ShouldBe([0x01020304]);
        Read(NpyBytes.File(NpyBytes.Header(">i8", "(1,)"), NpyBytes.BigEndian(0x0102030405060708))).ToArray<long>().ShouldBe([0x0102030405060708]);
    }

    [Fact]
    public void More_big_endian_elements_than_one_piece_holds_are_all_swapped()
    {
        var values = Enumerable.Range(0, 300_001).ToArray();
        Read(NpyBytes.File(NpyBytes.Header(">i4", "(300001,)"), NpyBytes.BigEndian(values))).ToArray<int>().ShouldBe(values);
    }

    [Fact]
    public void Fortran_order_becomes_strides_without_moving_data()
    {
        var array = Read(NpyBytes.File(NpyBytes.Header("<i4", "(2, 3)", fortranOrder: true), NpyBytes.LittleEndian(1, 4, 2, 5, 3, 6)));
        array.Layout.Strides.ShouldBe([1, 2]);
        array.ToArray<int>().ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void Any_byte_but_zero_is_true()
    {
        var array = Read(NpyBytes.File(NpyBytes.Header("|b1", "(4,)"), [0, 1, 2, 255]));
        array.DType.ShouldBe(DType.Bool);
        NpyBytes.LittleEndian(array.ToArray<bool>()).ShouldBe([0, 1, 1, 1]);
    }

    [Theory]
    [InlineData("()", 1)]
    [InlineData("(0,)", 0)]
    [InlineData("(3,)", 3)]
    [InlineData("(3, 0)", 0)]
    [InlineData("(4611686018427387904, 4611686018427387904, 0)", 0)]
    [InlineData("(2L, 2L)", 4)]
    [InlineData("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)", 1)]
    public void Shapes_of_any_rank_are_read(string shape, int elements) =>
        Read(NpyBytes.File(NpyBytes.Header("<f8", shape), new byte[elements * 8])).ElementCount.ShouldBe(elements);

    [Fact]
    public void Keys_may_come_in_any_order_with_any_quotes_and_blanks() =>
        Read(NpyBytes.File("{\"shape\" : ( 2 , ) ,\n 'fortran_order':False,'descr':\"<i8\"}", NpyBytes.LittleEndian(7L, 8L))).ToArray<long>().ShouldBe([7, 8]);

    [Fact]
    public void A_pipe_reads_like_a_file()
    {
        var values = Enumerable.Range(0, 500_000).Select(i => (float)i).ToArray();
        var bytes = NpyBytes.File(NpyBytes.Header("<f4", "(500, 1000)"), NpyBytes.LittleEndian(values));
        NpyReader.Read(new PipeStream(bytes), "pipe").ToArray<float>().ShouldBe(values);
        Should.Throw<InputException>(() => NpyReader.Read(new PipeStream(bytes[..^1]), "pipe")).Code.ShouldBe(ErrorCodes.FileFormat);
        Should.Throw<InputException>(() => NpyReader.Read(new PipeStream([.. bytes, 0]), "pipe")).Code.ShouldBe(ErrorCodes.FileFormat);
    }

    [Fact]
    public void Every_npy_file_of_the_corpus_is_read_and_written_back_with_the_same_data()
    {
        var files = Directory.GetFiles(Repository.CorpusRoot, "*.npy", SearchOption.AllDirectories);
        files.Length.ShouldBeGreaterThan(100);
        foreach (var file in files)
        {
            var array = NpyReader.Load(file);
            var again = new MemoryStream();
            NpyWriter.Write(again, array);
            again.Position = 0;
            var back = NpyReader.Read(again, file);
            back.Shape.ShouldBe(array.Shape);
            back.DType.ShouldBe(array.DType);
            if (array.Layout.IsContiguous)
            {
                // Same bytes after the header; the header may differ in padding only.
                again.ToArray()[^(int)(array.ElementCount * array.DType.ItemSize())..].ShouldBe(File.ReadAllBytes(file)[^(int)(array.ElementCount * array.DType.ItemSize())..], file);
            }
        }
    }

    private static NdArray Read(byte[] bytes) => NpyReader.Read(new MemoryStream(bytes), "test.npy");
}
