namespace Fuser.Host.Tests.Hocon;

/// <summary>The examples of the HOCON specification, section by section, as far as its syntax goes.</summary>
public sealed class HoconSyntaxTests
{
    [Theory]
    [InlineData("""{ "foo" : { "bar" : 10, "baz" : "x" } }""", "foo.bar=10; foo.baz=x")]
    [InlineData("""{ "a" : [1, 2.5, true, false, null, "x"] }""", "a.0=1; a.1=2.5; a.2=true; a.3=false; a.4=; a.5=x")]
    [InlineData("", "")]
    [InlineData("  \n\n # nothing\n", "")]
    [InlineData("{}", "")]
    [InlineData("\uFEFFa=1", "a=1")]
    public void Json_and_nothing_are_hocon(string text, string expected) => HoconRead.Flat(text).ShouldBe(expected);

    [Theory]
    [InlineData("a = 1 # one\n// two\nb = 2 // three", "a=1; b=2")]
    [InlineData("a = \"# no // comment\"", "a=# no // comment")]
    [InlineData("a = [1, # one\n 2 // two\n]", "a.0=1; a.1=2")]
    [InlineData("a /* b = 1", null)]
    public void Comments_go_to_the_end_of_the_line(string text, string? expected)
    {
        if (expected is null)
        {
            HoconRead.Refused(text, 1, 4);
        }
        else
        {
            HoconRead.Flat(text).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("a : 1, b = 2\nc { d = 3 }\ne\n", null)]
    [InlineData("a : 1, b = 2\nc { d = 3 }\ne : { f : 4 }", "a=1; b=2; c.d=3; e.f=4")]
    [InlineData("a { b { c = 1 } }", "a.b.c=1")]
    [InlineData("a =\n\n  1", "a=1")]
    [InlineData("a = {\n}", "a=")]
    public void Braces_at_the_root_and_signs_before_braces_may_be_left_out(string text, string? expected)
    {
        if (expected is null)
        {
            HoconRead.Refused(text, 3, 2).Message.ShouldContain("after the key 'e'");
        }
        else
        {
            HoconRead.Flat(text).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("[1,2,3,]", "0=1; 1=2; 2=3")]
    [InlineData("[1\n2\n3]", "0=1; 1=2; 2=3")]
    [InlineData("[\n1,\n2\n,3\n]", "0=1; 1=2; 2=3")]
    [InlineData("[]", "=")]
    public void Commas_may_be_ends_of_lines_and_one_may_trail(string list, string expected) =>
        HoconRead.Flat("x = " + list).ShouldBe(string.Join("; ", expected.Split("; ").Select(item => item == "=" ? "x=" : "x." + item)));

    [Theory]
    [InlineData("x = [1,2,3,,]", 1, 12)]
    [InlineData("x = [,1,2,3]", 1, 6)]
    [InlineData("x = [1,,2,3]", 1, 8)]
    [InlineData("a = 1,, b = 2", 1, 7)]
    [InlineData(", a = 1", 1, 1)]
    public void Two_commas_or_a_leading_one_are_refused(string text, int line, int column) => HoconRead.Refused(text, line, column);

    [Fact]
    public void A_later_object_is_merged_into_an_earlier_one_and_anything_else_replaces_it()
    {
        HoconRead.Flat("""{ "foo" : { "a" : 42 }, "foo" : { "b" : 43 } }""").ShouldBe("foo.a=42; foo.b=43");
        HoconRead.Flat("""{ "foo" : { "a" : 42 }, "foo" : null, "foo" : { "b" : 43 } }""").ShouldBe("foo.b=43");
        HoconRead.Flat("a = 1, a = 2").ShouldBe("a=2");
        HoconRead.Flat("a { x = 1 }, a = 2").ShouldBe("a=2");
        HoconRead.Flat("a = [1, 2], a = [3]").ShouldBe("a.0=3");
        HoconRead.Flat("a.b.c = 1, a.b { d = 2 }, a { b.c = 3 }").ShouldBe("a.b.c=3; a.b.d=2");
    }

    [Theory]
    [InlineData("a = foo", "foo")]
    [InlineData("a = foo bar baz  ", "foo bar baz")]
    [InlineData("a = 10.0foo", "10.0foo")]
    [InlineData("a = truefoo", "truefoo")]
    [InlineData("a = foo/bar", "foo/bar")]
    [InlineData("a = foo \"b a r\" 3.14 true", "foo b a r 3.14 true")]
    [InlineData("a = 1.5e+3", "1.5e+3")]
    [InlineData("a = -1E-2", "-1E-2")]
    [InlineData("a = \"\\t\\\"\\\\\\/\\u00e9\"", "\t\"\\/\u00e9")]
    [InlineData("a = \"\"", "")]
    [InlineData("a = \"\"\"x \"y\" \\n\nz\"\"\"", "x \"y\" \\n\nz")]
    [InlineData("a = \"\"\"foo\"\"\"\"", "foo\"")]
    [InlineData("a = \"null\"", "null")]
    [InlineData("a = null x", "null x")]
    [InlineData("a = 5 MiB", "5 MiB")]
    public void Text_is_quoted_unquoted_or_both(string text, string expected) => HoconRead.Parse(text)["a"].Value.ShouldBe(expected);

    [Theory]
    [InlineData("foo.bar : 42", "foo.bar=42")]
    [InlineData("foo.bar.baz : 42", "foo.bar.baz=42")]
    [InlineData("10.0foo : 42", "10.0foo=42")]
    [InlineData("foo10.0 : 42", "foo10.0=42")]
    [InlineData("\"10.0foo\" = 42", "10.0foo=42")]
    [InlineData("1.2.3 : 42", "1.2.3=42")]
    [InlineData("a b c : 42", "a b c=42")]
    [InlineData("true : 42", "true=42")]
    [InlineData("\"\".a = 1", ".a=1")]
    [InlineData("a.\"b.c\".d = 1", "a.b.c.d=1")]
    [InlineData("includes = 1", "includes=1")]
    [InlineData("\"include\" = 1", "include=1")]
    public void Keys_are_paths(string text, string expected) => HoconRead.Flat(text).ShouldBe(expected);

    [Fact]
    public void A_quoted_key_is_one_name_whatever_is_in_it()
    {
        HoconRead.Flat("\"a.b\" = 1, a.b = 2").ShouldBe("a.b=1; a.b=2");
        HoconRead.Parse("a.\"b.c\" = 1").Keys.ShouldBe(["a:b.c"]);
    }

    [Theory]
    [InlineData("[1]", 1, 1, "the file is a list")]
    [InlineData("a = 1 }", 1, 7, "without a '{'")]
    [InlineData("{ a = 1", 1, 8, "wanted '}'")]
    [InlineData("{ a = 1 } b", 1, 11, "after the end of the object")]
    [InlineData("a = [1", 1, 7, "")]
    [InlineData("a = [1 = 2]", 1, 8, "double quotes")]
    [InlineData("a = http://x", 1, 9, "double quotes")]
    [InlineData("a = 1 + 2", 1, 7, "double quotes")]
    [InlineData("a = \"x", 1, 5, "no closing quote")]
    [InlineData("a = \"x\ny\"", 1, 5, "no closing quote")]
    [InlineData("a = \"\"\"x", 1, 5, "no closing")]
    [InlineData("a = \"\\q\"", 1, 6, "escape")]
    [InlineData("a = \"\\u12\"", 1, 6, "escape")]
    [InlineData("a = \"\tx\"", 1, 6, "escape")]
    [InlineData("a = `x`", 1, 5, "double quotes")]
    [InlineData("a..b = 1", 1, 1, "empty")]
    [InlineData(".a = 1", 1, 1, "empty")]
    [InlineData("a. = 1", 1, 1, "empty")]
    [InlineData("= 1", 1, 1, "wanted a key")]
    [InlineData("a = ", 1, 5, "wanted a value")]
    [InlineData("a", 1, 2, "after the key 'a'")]
    [InlineData("a + 1", 1, 3, "after the key 'a'")]
    [InlineData("${x} = 1", 1, 1, "a key cannot have a substitution")]
    [InlineData("a = $x", 1, 5, "write ${path}")]
    [InlineData("a = ${x", 1, 8, "wanted '}'")]
    [InlineData("a = ${}", 1, 7, "wanted a key")]
    [InlineData("\"a:b\" = 1", 1, 9, "':'")]
    [InlineData("a = 1\nb = 2\nA = 3", 3, 5, "line 1, col 5")]
    [InlineData("a = 1\r\nb = ]", 2, 5, "")]
    [InlineData("a = [1] x", 1, 5, "cannot be joined")]
    [InlineData("a = {} x", 1, 5, "cannot be joined")]
    [InlineData("a = {} []", 1, 5, "cannot be joined")]
    [InlineData("a = x\u0001", 1, 6, "U+0001")]
    public void What_is_wrong_is_refused_with_its_place(string text, int line, int column, string expected) =>
        HoconRead.Refused(text, line, column).Message.ShouldContain(expected);

    [Fact]
    public void A_value_knows_where_it_stands()
    {
        var settings = HoconRead.Parse("a {\n  b = 1\n  c : [ x,\n    y ]\n}\nd = \"1\" 2");
        settings["a:b"].Place.ToString().ShouldBe("test.conf, line 2, col 7");
        settings["a:c:1"].Place.ToString().ShouldBe("test.conf, line 4, col 5");
        settings["d"].Place.ToString().ShouldBe("test.conf, line 6, col 5");
    }
}
