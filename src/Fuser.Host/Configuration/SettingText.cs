using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Fuser.Host.Hocon;

namespace Fuser.Host.Configuration;

/// <summary>Turns the text of one setting into the value of its property, and checks its bounds.</summary>
internal static class SettingText
{
    /// <summary>Whether a property holds one value, and not an object or a list of settings.</summary>
    public static bool IsValue(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var bare && (bare.IsEnum || bare == typeof(string) || bare == typeof(bool) || bare == typeof(int) || bare == typeof(long) || bare == typeof(double) || bare == typeof(TimeSpan));

    /// <summary>Reads a value.</summary>
    /// <param name="problem">What is wanted instead, when the text cannot be read or is out of bounds.</param>
    /// <returns>Whether it could be read.</returns>
    public static bool TryRead(PropertyInfo property, string text, out object? value, out string problem)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        (value, problem) = Read(property, type, text);
        if (value is null)
        {
            return false;
        }

        foreach (var bound in property.GetCustomAttributes<ValidationAttribute>(inherit: true))
        {
            if (!bound.IsValid(value))
            {
                problem = bound switch
                {
                    RangeAttribute range => $"wanted a number from {range.Minimum} to {range.Maximum}",
                    StringLengthAttribute length => $"wanted {length.MinimumLength} to {length.MaximumLength} characters",
                    RequiredAttribute => "wanted a text that is not empty",
                    _ => bound.FormatErrorMessage(property.Name),
                };
                return false;
            }
        }

        return true;
    }

    private static (object? Value, string Wanted) Read(PropertyInfo property, Type type, string text) => type switch
    {
        _ when type == typeof(string) => (text, ""),
        _ when type == typeof(bool) => (Truth(text), "wanted true or false"),
        _ when type == typeof(int) => (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null, "wanted a whole number"),
        _ when type == typeof(long) && IsSize(property) => (HoconUnits.TryParseSize(text, out var bytes) ? bytes : null, "wanted a size such as 512MiB"),
        _ when type == typeof(long) => (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null, "wanted a whole number"),
        _ when type == typeof(double) => (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null, "wanted a number"),
        _ when type == typeof(TimeSpan) => (HoconUnits.TryParseDuration(text, out var time) ? time : null, "wanted a time such as 5s, 100ms or 2 minutes"),
        _ => (Choice(type, text), $"wanted {string.Join(" or ", Enum.GetNames(type).Select(SettingName.OfProperty))}"),
    };

    /// <summary>The words that the HOCON specification takes for truth values.</summary>
    private static object? Truth(string text) => text switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => null,
    };

    private static object? Choice(Type type, string text)
    {
        var name = Enum.GetNames(type).FirstOrDefault(name => SettingName.OfProperty(name).Equals(text, StringComparison.OrdinalIgnoreCase));
        return name is null ? null : Enum.Parse(type, name);
    }

    private static bool IsSize(PropertyInfo property) => property.Name.EndsWith("Bytes", StringComparison.Ordinal) || property.IsDefined(typeof(SizeRangeAttribute));
}
