using Fuser.Host.Hocon;

namespace Fuser.Host.Tests.Hocon;

public sealed class HoconIncludeTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("include \"other.conf\"")]
    [InlineData("include file(\"other.conf\")")]
    [InlineData("include required(\"other.conf\")")]
    [InlineData("include required( file( \"other.conf\" ) )")]
    [InlineData("include\"other.conf\"")]
    public void A_file_is_included_where_the_statement_stands(string statement)
    {
        _temporary.Text("other.conf", "x = 1, y = 2");
        Load($"y = 0\n{statement}\nx = 3").ShouldBe("y=2; x=3");
        Load($"a {{ {statement} }}").ShouldBe("a.x=1; a.y=2");
        Load($"a.b {{\n {statement}\n z = 3 }}").ShouldBe("a.b.x=1; a.b.y=2; a.b.z=3");
    }

    [Fact]
    public void Substitutions_of_an_included_file_look_there_first_and_then_in_the_whole()
    {
        _temporary.Text("other.conf", "x : 10, y : ${x}, z : ${outside}");
        Load("outside = 5, a : { include \"other.conf\" }").ShouldBe("outside=5; a.x=10; a.y=10; a.z=5");
        Load("outside = 5, a : { include \"other.conf\" }, a : { x : 42 }").ShouldBe("outside=5; a.x=42; a.y=42; a.z=5");
    }

    [Fact]
    public void Names_are_relative_to_the_file_they_stand_in()
    {
        Directory.CreateDirectory(_temporary.Of("sub"));
        _temporary.Text("sub/one.conf", "include \"two.json\"");
        _temporary.Text("sub/two.json", "{\"x\": 1}");
        Load("include \"sub/one.conf\"").ShouldBe("x=1");
    }

    [Fact]
    public void A_missing_file_counts_only_when_it_is_required()
    {
        Load("a = 1\ninclude \"none.conf\"").ShouldBe("a=1");
        var error = Refused("a = 1\ninclude required(\"none.conf\")");
        error.Message.ShouldContain("does not exist");
        error.Place.Line.ShouldBe(2);
    }

    [Theory]
    [InlineData("include url(\"http://example.org/x.conf\")", "not supported")]
    [InlineData("include classpath(\"x.conf\")", "not supported")]
    [InlineData("include required(classpath(\"x.conf\"))", "not supported")]
    [InlineData("include \"http://example.org/x.conf\"", "only files")]
    [InlineData("include \"other\"", "extension")]
    [InlineData("include \"other.properties\"", "extension")]
    [InlineData("include other.conf", "double quotes")]
    [InlineData("include = 1", "stands in quotes itself")]
    [InlineData("include file(\"x.conf\"", "wanted ')'")]
    [InlineData("a = [{ include \"x.conf\" }]", "inside a list")]
    [InlineData("a = [{ b += 1 }]", "inside a list")]
    public void What_is_not_supported_is_refused(string text, string expected) => Refused(text).Message.ShouldContain(expected);

    [Fact]
    public void Files_that_include_each_other_are_refused()
    {
        _temporary.Text("one.conf", "include \"two.conf\"");
        _temporary.Text("two.conf", "x = 1\ninclude \"one.conf\"");
        var error = Refused("include \"one.conf\"");
        error.Message.ShouldContain("includes itself");
        error.Place.File.ShouldEndWith("two.conf");
        error.Place.Line.ShouldBe(2);
    }

    [Fact]
    public void Long_chains_many_files_and_large_ones_are_refused()
    {
        for (var i = 0; i < 20; i++)
        {
            _temporary.Text($"{i}.conf", $"include \"{i + 1}.conf\"");
        }

        Refused("include \"0.conf\"").Message.ShouldContain("one file too many");
        _temporary.Text("small.conf", "x = 1");
        Refused(string.Concat(Enumerable.Repeat("include \"small.conf\"\n", 101))).Message.ShouldContain("one file too many");
        _temporary.Text("large.conf", new string('#', (1 << 20) + 1));
        Refused("include \"large.conf\"").Message.ShouldContain("larger than");
        File.WriteAllBytes(_temporary.Of("binary.conf"), [0xFF, 0xFE]);
        Refused("include \"binary.conf\"").Message.ShouldContain("not text in UTF-8");
    }

    private string Load(string text)
    {
        var file = _temporary.Text("main.conf", text);
        return string.Join("; ", HoconSettings.Load(file, _ => null).Select(setting => $"{setting.Key.Replace(':', '.')}={setting.Value.Value}"));
    }

    private HoconException Refused(string text)
    {
        var error = Should.Throw<HoconException>(() => Load(text), text);
        error.Message.ShouldContain("line ");
        return error;
    }
}
