using System.Text;
using Fuser.Host.Configuration;
using Fuser.Host.Npz;
using Fuser.Host.Tests.Npy;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Npz;

/// <summary>Archives that lie. Each ends in a typed error before memory is taken for what it claims.</summary>
[Collection(Alone.Name)]
public sealed class NpzHostileTests
{
    private static readonly byte[] Good = NpyBytes.File(NpyBytes.Header("<f4", "(3,)"), NpyBytes.LittleEndian(1f, 2f, 3f));

    [Theory]
    [InlineData("../x.npy")]
    [InlineData("/etc/passwd.npy")]
    [InlineData("a/b.npy")]
    [InlineData("a\\b.npy")]
    [InlineData("C:x.npy")]
    [InlineData("x.npy/")]
    [InlineData("x.txt")]
    [InlineData(".npy")]
    [InlineData("x\u0000.npy")]
    [InlineData("x\u001b[31m.npy")]
    public async Task A_name_that_is_a_path_or_no_array_is_refused(string name)
    {
        var error = await Refused<InputException>(ZipBytes.Of(new ZipPart(name, Good)));
        error.Code.ShouldBe(ErrorCodes.FileFormat);
        error.Message.ShouldContain("wanted the name of an input");
        error.Message.ShouldNotContain("\u001b");
    }

    [Fact]
    public async Task Names_must_be_text()
    {
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("\u00e9.npy", Good)))).Message.ShouldContain("not marked as UTF-8");
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("?.npy", Good) { NameBytes = [0xff, .. ".npy"u8], Flags = 0x800 }))).Message.ShouldContain("not UTF-8");
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("", Good)))).Message.ShouldContain("name has 0 bytes");
        (await Refused<InputException>(ZipBytes.Of(new ZipPart(new string('x', 5000) + ".npy", Good)))).Message.ShouldContain("name has 5004 bytes");
        (await NpzReader.ReadAsync(new MemoryStream(ZipBytes.Of(new ZipPart("\u00e9.npy", Good) { Flags = 0x800 })), new Audience(), default))[0].Name.ShouldBe("\u00e9");
    }

    [Theory]
    [InlineData(1, null, "encrypted")]
    [InlineData(0x40, null, "encrypted")]
    [InlineData(0, 9, "method 9")]
    [InlineData(0, 12, "method 12")]
    [InlineData(0, 99, "method 99")]
    public async Task Encryption_and_other_methods_are_refused(int flags, int? method, string expected) =>
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("x.npy", Good) { Flags = flags, Method = method }))).Message.ShouldContain(expected);

    [Theory]
    [InlineData("(1000000000000000000,)")]
    [InlineData("(1000000000, 1000000000)")]
    [InlineData("(4294967296, 4294967296, 4294967296)")]
    public async Task A_shape_of_10_to_the_18_elements_is_refused_at_once(string shape)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var audience = new Audience();
        var error = await Should.ThrowAsync<InputException>(NpzReader.ReadAsync(new MemoryStream(ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros("<f8", shape, 64)) { Descriptor = true })), audience, default));
        error.Code.ShouldBe(ErrorCodes.FileTooLarge);
        audience.Claimed.ShouldBe(0);
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(4 << 20);
    }

    [Fact]
    public async Task A_size_that_does_not_fit_the_array_is_refused_before_memory_is_claimed()
    {
        var audience = new Audience(maxBytes: long.MaxValue);
        var body = ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros("<f4", "(500000000,)", 64)));
        (await Should.ThrowAsync<InputException>(NpzReader.ReadAsync(new MemoryStream(body), audience, default))).Message.ShouldContain("its array takes");
        audience.Claimed.ShouldBe(0);
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("x.npy", [.. Good, 0])))).Message.ShouldContain("its array takes");
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("x.npy", [.. Good, 0]) { Deflated = true, Descriptor = true }))).Message.ShouldContain("goes on after its array");
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("x.npy", Good) { StatedSize = 7, StatedCompressedSize = 9 }))).Message.ShouldContain("is stored, but has");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bomb_is_refused_with_little_memory_taken(bool descriptor)
    {
        const int Bytes = 200_000_000;
        var body = ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros("<f4", $"({Bytes / 4},)", Bytes)) { Deflated = true, Descriptor = descriptor });
        body.Length.ShouldBeLessThan(300_000);
        var audience = new Audience(maxBytes: long.MaxValue, maxExpansion: 100);
        var error = await Should.ThrowAsync<HostException>(NpzReader.ReadAsync(new MemoryStream(body), audience, default));
        error.Code.ShouldBe(ErrorCodes.RequestTooLarge);
        error.Message.ShouldContain("unpacks to more than 100 times");

        // Where the sizes come last, the array is claimed; what is not yet there of it has not been touched.
        audience.Claimed.ShouldBe(descriptor ? Bytes : 0);
    }

    [Fact]
    public async Task A_bomb_in_a_small_array_is_refused_too() =>
        (await Refused<InputException>(ZipBytes.Of(new ZipPart("x.npy", [.. Good, .. new byte[100_000_000]]) { Deflated = true, Descriptor = true }))).Message.ShouldContain("goes on after its array");

    [Fact]
    public async Task Data_and_directory_must_agree()
    {
        var body = ZipBytes.Of(new ZipPart("x.npy", Good), new ZipPart("y.npy", Good));
        var directory = body.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var other = body.ToArray();
        other[directory + 46] = (byte)'z';
        (await Refused<InputException>(other)).Message.ShouldContain("the directory and the data disagree about entry 'x.npy'");

        // An archive in front of another, as in attacks that show two readers two contents.
        (await Refused<InputException>([.. body, .. body])).Message.ShouldContain("follows the end");
        (await Refused<InputException>([.. "PK"u8, 0, 0, .. body])).Code.ShouldBe(ErrorCodes.FileFormat);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("hello", "does not start with PK")]
    [InlineData("PK", "does not start with PK")]
    [InlineData("PK\u0003\u0004", "truncated")]
    [InlineData("\u0093NUMPY", "a single array")]
    public async Task Other_bodies_are_refused_by_what_they_are(string body, string expected) =>
        (await Refused<InputException>(Encoding.Latin1.GetBytes(body))).Message.ShouldContain(expected);

    [Fact]
    public async Task Extra_fields_that_lie_are_refused()
    {
        byte[][] lies = [[1], [1, 0, 200, 0], [1, 0, 4, 0, 0, 0, 0, 0], [1, 0, 16, 0, .. Enumerable.Repeat((byte)0xff, 16)], [1, 0, 0, 0, 1, 0, 0, 0]];
        foreach (var lie in lies)
        {
            (await Refused<InputException>(ZipBytes.Of(new ZipPart("x.npy", Good) { Extra = lie, StatedSize = uint.MaxValue, StatedCompressedSize = uint.MaxValue }))).Code.ShouldBe(ErrorCodes.FileFormat);
        }
    }

    private static Task<T> Refused<T>(byte[] body)
        where T : Exception => Should.ThrowAsync<T>(NpzReader.ReadAsync(new TrickleStream(body, 1 << 14), new Audience(), default));
}
