using System.Text;

namespace Fuser.Host.Configuration;

/// <summary>The names of settings in files, in the environment, and of the properties they set.</summary>
internal static class SettingName
{
    /// <summary>The object all settings stand in.</summary>
    public const string Root = "fuser";

    /// <summary>What environment variables with settings start with.</summary>
    public const string VariablePrefix = "FUSER__";

    /// <summary><c>MaxBodyBytes</c> is <c>max-body-bytes</c>.</summary>
    public static string OfProperty(string property)
    {
        var name = new StringBuilder();
        foreach (var c in property)
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0)
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }

    /// <summary><c>FUSER__LIMITS__MAX_BODY_BYTES</c> is <c>fuser:limits:max-body-bytes</c>.</summary>
    public static string OfVariable(string variable) =>
        variable.Replace("__", ":", StringComparison.Ordinal).Replace('_', '-').ToLowerInvariant();

    /// <summary>A key as people write it, with dots.</summary>
    public static string Display(string key) => key.Replace(':', '.');
}
