using Fuser.Host.Hocon;
using Microsoft.Extensions.Configuration;

namespace Fuser.Host.Configuration;

/// <summary>Settings that stand in no file: environment variables, options of the command line.</summary>
/// <param name="values">Key, value, and where it comes from in words.</param>
internal sealed class NamedValuesSource(IEnumerable<(string Key, string Value, string Place)> values) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new NamedValuesProvider(values);

    /// <summary>The environment's variables that start with <see cref="SettingName.VariablePrefix"/>.</summary>
    public static NamedValuesSource OfEnvironment(IReadOnlyDictionary<string, string> variables) => new(
        from variable in variables
        where variable.Key.StartsWith(SettingName.VariablePrefix, StringComparison.Ordinal)
        orderby variable.Key
        select (SettingName.OfVariable(variable.Key), variable.Value, $"environment variable {variable.Key}"));

    private sealed class NamedValuesProvider : ConfigurationProvider, IKnowsPlaces
    {
        private readonly Dictionary<string, string> _places = new(StringComparer.OrdinalIgnoreCase);

        public NamedValuesProvider(IEnumerable<(string Key, string Value, string Place)> values)
        {
            foreach (var (key, value, place) in values)
            {
                Data[key] = value;
                _places[key] = place;
            }
        }

        public string? PlaceOf(string key) => _places.GetValueOrDefault(key);
    }
}
