using System.ComponentModel.DataAnnotations;
using Fuser.Host.Hocon;

namespace Fuser.Host.Configuration;

/// <summary>Bounds of a duration, both included, written as in a file of settings.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationRangeAttribute(string lowest, string highest) : ValidationAttribute
{
    public string Lowest { get; } = lowest;

    public string Highest { get; } = highest;

    public override bool IsValid(object? value) =>
        HoconUnits.TryParseDuration(Lowest, out var low) && HoconUnits.TryParseDuration(Highest, out var high) && value is TimeSpan time && time >= low && time <= high;

    public override string FormatErrorMessage(string name) => $"wanted a time from {Lowest} to {Highest}";
}

/// <summary>Bounds of a size, both included, written as in a file of settings.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SizeRangeAttribute(string lowest, string highest) : ValidationAttribute
{
    public string Lowest { get; } = lowest;

    public string Highest { get; } = highest;

    public override bool IsValid(object? value) =>
        HoconUnits.TryParseSize(Lowest, out var low) && HoconUnits.TryParseSize(Highest, out var high) && value is long bytes && bytes >= low && bytes <= high;

    public override string FormatErrorMessage(string name) => $"wanted a size from {Lowest} to {Highest}";
}
