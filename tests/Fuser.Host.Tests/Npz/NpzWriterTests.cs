using System.IO.Compression;
using System.IO.Pipelines;
using Fuser.Host.Npy;
using Fuser.Host.Npz;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Npz;

public sealed class NpzWriterTests
{
    private static readonly NpzArray[] Arrays =
    [
        new("out_0", NdArray.From(Enumerable.Range(0, 100_000).Select(i => i * 0.5f).ToArray(), 1000, 100)),
        new("out_1", NdArray.Scalar(7L)),
        new("out_2", NdArray.From(Array.Empty<double>(), 0, 3)),
        new("out_3", NdArray.From([true, false, true])),
    ];

    [Fact]
    public async Task Other_readers_understand_it()
    {
        var (bytes, length) = await WriteAsync(Arrays);
        length.ShouldBe(bytes.Length);
        using var archive = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        archive.Entries.Select(entry => entry.FullName).ShouldBe(["out_0.npy", "out_1.npy", "out_2.npy", "out_3.npy"]);
        foreach (var (entry, array) in archive.Entries.Zip(Arrays))
        {
            using var content = entry.Open();
            NpyReader.Read(content, entry.Name).ShouldHaveTheBitsOf(array.Array, entry.Name);
        }
    }

    [Fact]
    public async Task What_is_written_is_read_back_as_it_arrives()
    {
        var (bytes, _) = await WriteAsync(Arrays);
        var read = await NpzReader.ReadAsync(new TrickleStream(bytes, 1000), new Audience(), default);
        read.Select(array => array.Name).ShouldBe(Arrays.Select(array => array.Name));
        foreach (var (array, expected) in read.Zip(Arrays))
        {
            array.Array.Shape.ShouldBe(expected.Array.Shape);
            array.Array.ShouldHaveTheBitsOf(expected.Array, array.Name);
        }

        (await WriteAsync(Arrays)).Bytes.ShouldBe(bytes); // equal arrays, equal bytes
    }

    [Fact]
    public async Task Bfloat16_is_written_as_the_float32_that_holds_it()
    {
        var bits = Enumerable.Range(0, 65_536).Select(i => (ushort)i).ToArray();
        var (bytes, length) = await WriteAsync([new("b", NdArray.From(bits, DType.BFloat16, TensorLayout.Contiguous([65_536])))]);
        length.ShouldBe(bytes.Length);
        var read = (await NpzReader.ReadAsync(new MemoryStream(bytes), new Audience(), default))[0].Array;
        read.DType.ShouldBe(DType.Float32);
        read.ToArray<float>().Select(BitConverter.SingleToUInt32Bits).ShouldBe(bits.Select(b => (uint)b << 16));
    }

    [Fact]
    public async Task No_arrays_are_an_archive_too()
    {
        var (bytes, _) = await WriteAsync([]);
        (await NpzReader.ReadAsync(new MemoryStream(bytes), new Audience(), default)).ShouldBeEmpty();
    }

    [Fact]
    public void An_array_with_gaps_is_a_mistake_of_the_caller() =>
        Should.Throw<ArgumentException>(() => new NpzWriter([new("x", NdArray.From(new float[10].AsMemory(), new TensorLayout([5], [2])))]));

    private static async Task<(byte[] Bytes, long Length)> WriteAsync(NpzArray[] arrays)
    {
        var writer = new NpzWriter(arrays);
        using var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await writer.WriteAsync(pipe, default);
        await pipe.CompleteAsync();
        return (stream.ToArray(), writer.Length);
    }
}
