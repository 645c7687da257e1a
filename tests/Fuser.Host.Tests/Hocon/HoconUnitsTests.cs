using Fuser.Host.Hocon;

namespace Fuser.Host.Tests.Hocon;

public sealed class HoconUnitsTests
{
    [Theory]
    [InlineData("5s", 5)]
    [InlineData("5 s", 5)]
    [InlineData("100ms", 0.1)]
    [InlineData("2 minutes", 120)]
    [InlineData("1 minute", 60)]
    [InlineData("1.5h", 5400)]
    [InlineData("1d", 86400)]
    [InlineData("250", 0.25)]
    [InlineData("10 us", 0.00001)]
    [InlineData("100 nanoseconds", 0.0000001)]
    [InlineData("-3 seconds", -3)]
    public void Durations_have_the_units_of_the_specification(string text, double seconds)
    {
        HoconUnits.TryParseDuration(text, out var duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond)));
    }

    [Theory]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("1 kB", 1000)]
    [InlineData("1K", 1024)]
    [InlineData("1k", 1024)]
    [InlineData("1KiB", 1024)]
    [InlineData("2MB", 2_000_000)]
    [InlineData("2M", 2L << 20)]
    [InlineData("1.5 GiB", 3L << 29)]
    [InlineData("1 megabyte", 1_000_000)]
    [InlineData("3 mebibytes", 3L << 20)]
    [InlineData("7", 7)]
    [InlineData("7 B", 7)]
    [InlineData("7 bytes", 7)]
    [InlineData("1t", 1L << 40)]
    [InlineData("7EiB", 7L << 60)]
    public void Sizes_have_the_units_of_the_specification(string text, long bytes)
    {
        HoconUnits.TryParseSize(text, out var size).ShouldBeTrue();
        size.ShouldBe(bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5 parsecs")]
    [InlineData("5S")]
    [InlineData("1e3s")]
    [InlineData("1,5s")]
    [InlineData("99999999999999d")]
    [InlineData("5 s s")]
    public void Other_durations_are_none(string text) => HoconUnits.TryParseDuration(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1 KB")]
    [InlineData("1 mb")]
    [InlineData("8EiB")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("1 MiBs")]
    public void Other_sizes_are_none(string text) => HoconUnits.TryParseSize(text, out _).ShouldBeFalse();
}
