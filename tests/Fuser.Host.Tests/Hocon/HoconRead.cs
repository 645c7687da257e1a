using Fuser.Host.Hocon;

namespace Fuser.Host.Tests.Hocon;

/// <summary>Short ways to read a text and to look at the result.</summary>
internal static class HoconRead
{
    /// <summary>The settings as <c>a.b=1</c>, in order; null, {} and [] have nothing after the sign.</summary>
    public static string Flat(string text, params (string Name, string Value)[] environment) =>
        string.Join("; ", Parse(text, environment).Select(setting => $"{setting.Key.Replace(':', '.')}={setting.Value.Value}"));

    public static Dictionary<string, HoconSetting> Parse(string text, params (string Name, string Value)[] environment) =>
        HoconSettings.Parse(text, "test.conf", name => environment.Where(e => e.Name == name).Select(e => e.Value).FirstOrDefault());

    /// <summary>The refusal of a text, which must name file, line and column.</summary>
    public static HoconException Refused(string text, int line, int column)
    {
        var error = Should.Throw<HoconException>(() => Parse(text), text);
        error.Code.ShouldBe("FUS8003");
        (error.Place.Line, error.Place.Column).ShouldBe((line, column), $"{text}\n{error.Message}");
        error.Message.ShouldStartWith($"test.conf, line {line}, col {column}: ");
        return error;
    }
}
