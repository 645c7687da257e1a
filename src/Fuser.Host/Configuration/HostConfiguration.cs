using Fuser.Host.Hocon;
using Microsoft.Extensions.Configuration;

namespace Fuser.Host.Configuration;

/// <summary>Puts the settings of a node together: a file, over it the environment, over both the command line.</summary>
internal static class HostConfiguration
{
    /// <summary>Reads, binds and checks the settings.</summary>
    /// <param name="file">A HOCON file; null for none.</param>
    /// <param name="environment">All environment variables.</param>
    /// <param name="commandLine">Settings of the command line: key with ':', value, and the option it came from.</param>
    /// <exception cref="HoconException">The file cannot be read.</exception>
    /// <exception cref="HostException">A setting is unknown or wrong.</exception>
    public static HostOptions Load(string? file, IReadOnlyDictionary<string, string> environment, IEnumerable<(string Key, string Value, string Place)> commandLine)
    {
        var builder = new ConfigurationBuilder();
        if (file is not null)
        {
            builder.Add(new HoconConfigurationSource(file, name => environment.GetValueOrDefault(name)));
        }

        builder.Add(NamedValuesSource.OfEnvironment(environment)).Add(new NamedValuesSource(commandLine));
        var options = new HostOptions();
        SettingsBinder.Bind(builder.Build(), SettingName.Root, options, () => HostOptionsRules.Broken(options));
        return options;
    }

    /// <summary>This process's environment.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string)variable.Value!;
        }

        return variables;
    }
}
