using Microsoft.Extensions.Configuration;

namespace Fuser.Host.Hocon;

/// <summary>A provider that can say where a value came from, for errors about it.</summary>
internal interface IKnowsPlaces
{
    /// <summary>Where the value of a key stands, in words; null when this provider has none.</summary>
    string? PlaceOf(string key);
}

/// <summary>A HOCON file as a source of configuration.</summary>
/// <param name="path">The file.</param>
/// <param name="environment">Gives environment variables for substitutions.</param>
internal sealed class HoconConfigurationSource(string path, Func<string, string?> environment) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new HoconConfigurationProvider(path, environment);
}

/// <summary>Holds what a HOCON file says, and where it says it.</summary>
internal sealed class HoconConfigurationProvider(string path, Func<string, string?> environment) : ConfigurationProvider, IKnowsPlaces
{
    private Dictionary<string, HoconSetting> _settings = [];

    /// <exception cref="HoconException">The file cannot be read.</exception>
    public override void Load()
    {
        _settings = HoconSettings.Load(path, environment);
        Data = _settings.ToDictionary(setting => setting.Key, setting => setting.Value.Value, StringComparer.OrdinalIgnoreCase);
    }

    public string? PlaceOf(string key) => _settings.TryGetValue(key, out var setting) ? setting.Place.ToString() : null;
}
