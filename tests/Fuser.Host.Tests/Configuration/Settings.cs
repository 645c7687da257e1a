using Fuser.Host.Configuration;

namespace Fuser.Host.Tests.Configuration;

/// <summary>Options from a text, the environment and the command line.</summary>
internal static class Settings
{
    public static HostOptions Load(string text, (string Name, string Value)[]? environment = null, (string Key, string Value, string Place)[]? commandLine = null)
    {
        using var temporary = new TemporaryDirectory();
        var variables = (environment ?? []).ToDictionary(variable => variable.Name, variable => variable.Value);
        return HostConfiguration.Load(temporary.Text("node.conf", text), variables, commandLine ?? []);
    }

    public static HostException Refused(string code, string text, params string[] parts)
    {
        var error = Should.Throw<HostException>(() => Load(text));
        error.Code.ShouldBe(code, error.Message);
        foreach (var part in parts)
        {
            error.Message.ShouldContain(part);
        }

        return error;
    }
}
