using System.IO.Compression;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Tests;

public sealed class BodyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_body_with_another_number_is_a_whole_archive(int elements)
    {
        var body = await NpzBody.CreateAsync(ScaleGraph.Data(elements), default);
        foreach (var s in new[] { 3.0, 16_381.0 })
        {
            var bytes = body.ToArray(s);
            bytes.Length.ShouldBe(body.Length);

            // Both readers check every checksum.
            var arrays = await NpzArrays.ReadAsync(new MemoryStream(bytes), default);
            arrays.Select(array => array.Name).ShouldBe(["x", "s"]);
            arrays[0].Array.ToArray<float>().ShouldBe(ScaleGraph.Data(elements));
            arrays[1].Array.ToArray<double>().ShouldBe([s]);
            using var archive = new ZipArchive(new MemoryStream(bytes));
            foreach (var entry in archive.Entries)
            {
                await using var content = await entry.OpenAsync();
                await content.CopyToAsync(Stream.Null);
            }

            using var http = body.With(s);
            (await http.ReadAsByteArrayAsync()).ShouldBe(bytes);
            http.Headers.ContentLength.ShouldBe(bytes.Length);
        }
    }

    [Fact]
    public void Products_and_sums_are_exact_and_requests_differ()
    {
        (999L * ScaleGraph.FactorOf(16_380) + 10_000).ShouldBeLessThan(1L << 24);
        Enumerable.Range(0, 16_381).Select(number => ScaleGraph.FactorOf(number)).Distinct().Count().ShouldBe(16_381);
    }

    [Fact]
    public void Any_other_bit_is_wrong()
    {
        var x = ScaleGraph.Data(2000);
        var right = Array.ConvertAll(x, element => (element * 5) + 3);
        ScaleGraph.IsRight(right, x, 5, 3).ShouldBeTrue();
        ScaleGraph.IsRight(right, x, 6, 3).ShouldBeFalse(); // the answer to another request
        ScaleGraph.IsRight(right.AsSpan(1), x, 5, 3).ShouldBeFalse();
        right[1999] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(right[1999]) ^ 1);
        ScaleGraph.IsRight(right, x, 5, 3).ShouldBeFalse();
        ScaleGraph.IsRight([-0f], [0f], 5, 0).ShouldBeFalse();
    }
}
