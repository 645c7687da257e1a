namespace Fuser.Host.Hocon;

/// <summary>One value of a file.</summary>
/// <param name="Value">Its text; null for null, an empty object or an empty list.</param>
/// <param name="Place">Where it stands.</param>
internal readonly record struct HoconSetting(string? Value, HoconPlace Place);

/// <summary>A file as configuration sources have it: one entry per value, keys joined with ':', list items numbered from 0.</summary>
internal static class HoconSettings
{
    /// <summary>Reads a file and those it includes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="environment">Gives the value of an environment variable for a substitution that no setting answers.</param>
    /// <param name="limits">What it may cost; the defaults when null.</param>
    /// <exception cref="HoconException">A file cannot be read; says where and why.</exception>
    public static Dictionary<string, HoconSetting> Load(string path, Func<string, string?> environment, HoconLimits? limits = null)
    {
        limits ??= HoconLimits.Default;
        return Flatten(new HoconLoader(limits).Load(path), limits, environment);
    }

    /// <summary>As <see cref="Load"/>, with the file's content at hand.</summary>
    public static Dictionary<string, HoconSetting> Parse(string text, string file, Func<string, string?> environment, HoconLimits? limits = null)
    {
        limits ??= HoconLimits.Default;
        return Flatten(new HoconLoader(limits).Parse(file, text), limits, environment);
    }

    private static Dictionary<string, HoconSetting> Flatten(HoconObject root, HoconLimits limits, Func<string, string?> environment)
    {
        var settings = new Dictionary<string, HoconSetting>(StringComparer.OrdinalIgnoreCase);
        AddMembers(settings, "", HoconResolver.Resolve(root, limits, environment));
        return settings;
    }

    private static void AddMembers(Dictionary<string, HoconSetting> settings, string prefix, HoconObject members)
    {
        foreach (var name in members.Names)
        {
            var value = members.Values(name)[0];
            if (name.Contains(':'))
            {
                throw new HoconException(value.Place, $"the key '{name}' has a ':' in it, which separates the parts of a key; no setting has one");
            }

            Add(settings, prefix + name, value);
        }
    }

    private static void Add(Dictionary<string, HoconSetting> settings, string key, HoconNode value)
    {
        switch (value)
        {
            case HoconObject { Names.Count: > 0 } members:
                AddMembers(settings, key + ':', members);
                return;
            case HoconList { Items.Count: > 0 } list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    Add(settings, $"{key}:{i}", list.Items[i]);
                }

                return;
        }

        if (!settings.TryAdd(key, new HoconSetting((value as HoconText)?.Text, value.Place)))
        {
            throw new HoconException(value.Place, $"the key '{key.Replace(':', '.')}' was given in other letters at {settings[key].Place}; capitals make no difference here, remove one of the two");
        }
    }
}
