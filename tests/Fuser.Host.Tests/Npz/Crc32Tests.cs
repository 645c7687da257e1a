using Fuser.Host.Npz;

namespace Fuser.Host.Tests.Npz;

public sealed class Crc32Tests
{
    [Fact]
    public void The_check_value_is_the_standard_one()
    {
        Crc32 checksum = default;
        checksum.Value.ShouldBe(0u);
        checksum.Append("123456789"u8);
        checksum.Value.ShouldBe(0xCBF43926u);
    }

    [Fact]
    public void Every_length_and_every_cut_gives_what_the_tables_give()
    {
        var random = new Random(3);
        var bytes = new byte[700];
        random.NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var expected = ~Crc32.ByTables(~0u, bytes.AsSpan(0, length));
            Crc32 whole = default;
            whole.Append(bytes.AsSpan(0, length));
            whole.Value.ShouldBe(expected, $"{length} bytes");

            var cut = random.Next(length + 1);
            Crc32 parts = default;
            parts.Append(bytes.AsSpan(0, cut));
            parts.Append(bytes.AsSpan(cut, length - cut));
            parts.Value.ShouldBe(expected, $"{length} bytes, cut at {cut}");
        }
    }
}
