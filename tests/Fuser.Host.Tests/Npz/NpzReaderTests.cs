using Fuser.Host.Npy;
using Fuser.Host.Npz;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Npz;

/// <summary>What NumPy writes, in every form it writes it in; fixtures/make.py made the files.</summary>
[Collection(Alone.Name)]
public sealed class NpzReaderTests
{
    private static readonly string Fixtures = Path.Combine(Repository.Root, "tests", "Fuser.Host.Tests", "Npz", "fixtures");

    [Theory]
    [InlineData("stored", 1 << 20)]
    [InlineData("deflated", 1 << 20)]
    [InlineData("stored_to_a_pipe", 1 << 20)]
    [InlineData("deflated_to_a_pipe", 1 << 20)]
    [InlineData("stored", 1)]
    [InlineData("deflated", 1)]
    [InlineData("stored_to_a_pipe", 7)]
    [InlineData("deflated_to_a_pipe", 1)]
    [InlineData("deflated_to_a_pipe", 13)]
    public async Task Every_array_is_what_it_is_in_its_own_file(string name, int atOnce)
    {
        var arrays = await NpzReader.ReadAsync(new TrickleStream(Read(name), atOnce), new Audience(), default);
        arrays.Select(array => array.Name).ShouldBe(["x", "y", "zeros", "big_endian", "flag", "number", "empty", "half"]);
        foreach (var (array, read) in arrays)
        {
            var expected = NpyReader.Load(Path.Combine(Fixtures, array + ".npy"));
            read.DType.ShouldBe(expected.DType, array);
            read.Layout.ShouldBe(expected.Layout, array);
            read.ShouldHaveTheBitsOf(expected, array);
        }
    }

    [Fact]
    public async Task An_archive_without_arrays_has_none() =>
        (await NpzReader.ReadAsync(new MemoryStream(Read("none")), new Audience(), default)).ShouldBeEmpty();

    [Fact]
    public async Task Memory_is_claimed_before_it_is_taken_and_no_more_than_the_arrays_need()
    {
        var audience = new Audience();
        await NpzReader.ReadAsync(new MemoryStream(Read("stored")), audience, default);
        audience.Claimed.ShouldBe((37 * 5 * 4) + (37 * 5 * 8) + 20_000 + 28 + 1 + 8 + 18);
        (await Should.ThrowAsync<InputException>(NpzReader.ReadAsync(new MemoryStream(Read("stored")), new Audience(maxBytes: 1000), default))).Code.ShouldBe(ErrorCodes.SizeLimit);
    }

    [Fact]
    public async Task A_large_body_takes_little_more_memory_than_its_arrays()
    {
        const int Bytes = 48 << 20;
        var body = ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros("<f4", $"({Bytes / 4},)", Bytes)));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var arrays = await NpzReader.ReadAsync(new TrickleStream(body, 1 << 16), new Audience(), default);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        arrays[0].Array.ElementCount.ShouldBe(Bytes / 4);
        allocated.ShouldBeInRange(Bytes, Bytes + (8 << 20));
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("deflated")]
    [InlineData("stored_to_a_pipe")]
    [InlineData("deflated_to_a_pipe")]
    public async Task A_body_cut_anywhere_is_refused(string name)
    {
        var body = Read(name);
        for (var length = 0; length < body.Length; length += body.Length - length < 1500 || length < 2000 ? 1 : 97)
        {
            (await Refused(body[..length])).Code.ShouldBe(ErrorCodes.FileFormat, $"{length} bytes");
        }

        (await Refused([.. body, 0])).Message.ShouldContain("follows the end");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_damaged_bit_is_found_or_does_not_matter(bool deflated, bool descriptor)
    {
        var content = Npy.NpyBytes.File(Npy.NpyBytes.Header("<i4", "(5,)"), Npy.NpyBytes.LittleEndian(1, 22, 333, 4444, 55555));
        var body = ZipBytes.Of(new ZipPart("x.npy", content) { Deflated = deflated, Descriptor = descriptor }, new ZipPart("y.npy", content) { Deflated = deflated, Descriptor = descriptor });
        var expected = await NpzReader.ReadAsync(new MemoryStream(body), new Audience(), default);
        var harmless = 0;
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            var damaged = body.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                var arrays = await NpzReader.ReadAsync(new MemoryStream(damaged), new Audience(), default);
                arrays.Select(Text).ShouldBe(expected.Select(Text), customMessage: $"bit {bit}");
                harmless++;
            }
            catch (InputException error)
            {
                error.Code.ShouldBeOneOf(ErrorCodes.FileFormat, ErrorCodes.FileTooLarge, ErrorCodes.InputDType, ErrorCodes.SizeLimit);
            }
        }

        // Dates, versions and attributes: 2 x (2 + 4) bytes in headers, 2 x (4 + 4 + 2 + 2 + 4) in the directory, disk numbers, and flags without a meaning here.
        harmless.ShouldBeInRange(100, 450);
    }

    private static string Text(NpzArray array) => $"{array.Name} {string.Join(' ', array.Array.ToArray<int>())}";

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Fixtures, name + ".npz"));

    private static Task<InputException> Refused(byte[] body) => Should.ThrowAsync<InputException>(NpzReader.ReadAsync(new MemoryStream(body), new Audience(), default));
}
