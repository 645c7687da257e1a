using System.Collections;
using System.Reflection;
using Fuser.Host.Hocon;
using Fuser.Kernels;
using Microsoft.Extensions.Configuration;

namespace Fuser.Host.Configuration;

/// <summary>
/// Binds a configuration to options. Unlike the platform's binder it knows durations and sizes, and nothing is overlooked: every key must
/// be a setting, and every problem names the place of the value.
/// </summary>
internal sealed class SettingsBinder
{
    private readonly IConfigurationRoot _configuration;
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Code, string Text)> _problems = [];

    private SettingsBinder(IConfigurationRoot configuration) => _configuration = configuration;

    /// <summary>Fills options with what the configuration says below <paramref name="prefix"/>, the only key it may have at the top.</summary>
    /// <param name="rules">What must hold between settings: the key it is about, and what is wrong.</param>
    /// <exception cref="HostException">A key is no setting, or a value is wrong. The message has every problem with its place.</exception>
    public static void Bind(IConfigurationRoot configuration, string prefix, object options, Func<IEnumerable<(string Key, string Problem)>> rules)
    {
        var binder = new SettingsBinder(configuration);
        binder.BindObject(prefix, options);
        binder.FindUnknown();
        if (binder._problems.Count == 0)
        {
            binder._problems.AddRange(rules().Select(rule => (ErrorCodes.ConfigurationValue, $"{binder.PlaceOf(rule.Key)}{SettingName.Display(rule.Key)}: {rule.Problem}.")));
        }

        if (binder._problems.Count > 0)
        {
            throw new HostException(binder._problems[0].Code, string.Join(" ", binder._problems.Select(problem => problem.Text)));
        }
    }

    private void BindObject(string key, object target)
    {
        if (_configuration[key] is { } text)
        {
            Wrong(key, text, "wanted an object with settings");
        }

        _used.Add(key);
        foreach (var property in target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = $"{key}:{SettingName.OfProperty(property.Name)}";
            _known.Add(name);
            if (SettingText.IsValue(property.PropertyType))
            {
                BindValue(name, property, target);
            }
            else if (property.GetValue(target) is IList list)
            {
                BindList(name, list);
            }
            else
            {
                BindObject(name, property.GetValue(target)!);
            }
        }
    }

    private void BindValue(string key, PropertyInfo property, object target)
    {
        _used.Add(key);
        if (_configuration.GetSection(key).GetChildren().FirstOrDefault() is { } child)
        {
            _used.UnionWith(Keys().Where(inner => IsBelow(inner, key)));
            Wrong(child.Path, null, $"{SettingName.Display(key)} is one value, and not an object or a list");
        }
        else if (_configuration[key] is { } text)
        {
            if (SettingText.TryRead(property, text, out var value, out var problem))
            {
                property.SetValue(target, value);
            }
            else
            {
                Wrong(key, text, problem);
            }
        }
    }

    private void BindList(string key, IList list)
    {
        if (_configuration[key] is { } text)
        {
            Wrong(key, text, "wanted a list");
        }

        _used.Add(key);
        var type = list.GetType().GetGenericArguments()[0];
        foreach (var child in _configuration.GetSection(key).GetChildren())
        {
            var item = Activator.CreateInstance(type)!;
            if (!int.TryParse(child.Key, out _))
            {
                _used.UnionWith(Keys().Where(inner => IsBelow(inner, key)));
                Wrong(child.Path, null, $"{SettingName.Display(key)} is a list, and not an object");
                return;
            }

            BindObject(child.Path, item);
            list.Add(item);
        }
    }

    private void FindUnknown()
    {
        foreach (var key in Keys().Where(key => !_used.Contains(key)))
        {
            var nearest = EditDistance.Nearest(key, _known.Concat(_known.Select(known => known[(known.IndexOf(':') + 1)..])));
            var hint = nearest is null ? "hocon/reference.conf lists all settings" : $"the nearest is {SettingName.Display(nearest.StartsWith(SettingName.Root + ':', StringComparison.Ordinal) ? nearest : $"{SettingName.Root}:{nearest}")}";
            _problems.Add((ErrorCodes.ConfigurationKey, $"{PlaceOf(key)}there is no setting {SettingName.Display(key)}; {hint}."));
        }
    }

    /// <summary>Keys that hold a value, or an object or list without content; not those of objects and lists with content.</summary>
    private IEnumerable<string> Keys() => _configuration.AsEnumerable()
        .Select(entry => entry.Key)
        .Where(key => _configuration.Providers.Any(provider => provider.TryGet(key, out _)));

    private static bool IsBelow(string key, string outer) => key.StartsWith(outer + ':', StringComparison.OrdinalIgnoreCase);

    private void Wrong(string key, string? text, string problem)
    {
        var got = text is null ? "" : $" got '{text}',";
        _problems.Add((ErrorCodes.ConfigurationValue, $"{PlaceOf(key)}{SettingName.Display(key)}:{got} {problem}."));
    }

    /// <summary>Where the value that counts comes from, as the beginning of a message.</summary>
    private string PlaceOf(string key)
    {
        foreach (var provider in _configuration.Providers.Reverse())
        {
            if (provider.TryGet(key, out _))
            {
                return provider is IKnowsPlaces places && places.PlaceOf(key) is { } place ? $"{place}: " : "";
            }
        }

        return "";
    }
}
