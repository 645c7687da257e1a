using Fuser.Host.Hocon;

namespace Fuser.Host.Tests.Hocon;

/// <summary>The examples of the HOCON specification on concatenation, substitution and self-reference.</summary>
public sealed class HoconSubstitutionTests
{
    [Theory]
    [InlineData("x = [ 1, 2 ] [ 3, 4 ]", "x.0=1; x.1=2; x.2=3; x.3=4")]
    [InlineData("x = { b : 1 } { c : 2 }", "x.b=1; x.c=2")]
    [InlineData("x = { b : 1 } { b : 2 }", "x.b=2")]
    [InlineData("data-center-generic = { cluster-size = 6 }\ndata-center-east = ${data-center-generic} { name = \"east\" }", "data-center-generic.cluster-size=6; data-center-east.cluster-size=6; data-center-east.name=east")]
    [InlineData("data-center-generic = { cluster-size = 6 }\ndata-center-east = ${data-center-generic}\ndata-center-east = { name = east }", "data-center-generic.cluster-size=6; data-center-east.cluster-size=6; data-center-east.name=east")]
    [InlineData("a = { s : 9 }, b = ${a} { s : 1 }", "a.s=9; b.s=1")]
    public void Objects_and_lists_side_by_side_become_one(string text, string expected) => HoconRead.Flat(text).ShouldBe(expected);

    [Theory]
    [InlineData("animal.favorite = cat, key : ${animal.favorite} is my favorite animal", "cat is my favorite animal")]
    [InlineData("a = b, key = ${a}", "b")]
    [InlineData("key = ${a}, a = later", "later")]
    [InlineData("a = 1, key = ${a}, a = 2", "2")]
    [InlineData("key = \"${a}\"", "${a}")]
    [InlineData("a.\"b.c\" = 1, key = ${a.\"b.c\"}", "1")]
    [InlineData("key = x ${?missing} y", "x  y")]
    [InlineData("key = ${HOME_OF_TEST}", "/home/test")]
    [InlineData("key = default, key = ${?MISSING}", "default")]
    [InlineData("key = default, key = ${?HOME_OF_TEST}", "/home/test")]
    [InlineData("HOME_OF_TEST = file, key = ${HOME_OF_TEST}", "file")]
    [InlineData("key = ${does-not-exist}, key = 42", "42")]
    public void Substitutions_take_the_last_value_of_the_whole_or_the_environment(string text, string expected) =>
        HoconRead.Parse(text, ("HOME_OF_TEST", "/home/test"))["key"].Value.ShouldBe(expected);

    [Theory]
    [InlineData("a = ${?x}, b = 1", "b=1")]
    [InlineData("a = [1, ${?x}, 2]", "a.0=1; a.1=2")]
    [InlineData("a = [1] ${?x}", "a.0=1")]
    [InlineData("a = { b : 1 } ${?x}", "a.b=1")]
    [InlineData("a = ${?x}${?y}", "")]
    public void An_optional_substitution_without_a_value_leaves_nothing(string text, string expected) => HoconRead.Flat(text).ShouldBe(expected);

    [Theory]
    [InlineData("path : \"a:b:c\", path : ${path}\":d\"", "path=a:b:c:d")]
    [InlineData("path : [ /etc, /home ], path : ${path} [ /usr/bin ]", "path.0=/etc; path.1=/home; path.2=/usr/bin")]
    [InlineData("path : a, path : ${path}b, path : ${path}c", "path=abc")]
    [InlineData("foo : { a : { c : 1 } }\nfoo : ${foo.a}\nfoo : { a : 2 }", "foo.a=2; foo.c=1")]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }", "bar.foo=42; bar.baz=42")]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }\nbar : { foo : 43 }", "bar.foo=43; bar.baz=43")]
    [InlineData("bar : { a : ${foo.d}, b : 1 }\nbar.b = 3\nfoo : { c : ${bar.b}, d : 2 }\nfoo.d = 4", "bar.a=4; bar.b=3; foo.c=3; foo.d=4")]
    [InlineData("a : ${?a}foo", "a=foo")]
    [InlineData("a = ${b}, b = { x : ${a.y}, y : 1 }", "a.x=1; a.y=1; b.x=1; b.y=1")]
    [InlineData("o = { y : 5 }, bar : { foo : 42 } ${o} { baz : ${bar.foo}, q : ${bar.y} }", "o.y=5; bar.foo=42; bar.y=5; bar.baz=42; bar.q=5")]
    [InlineData("a = { p : 1 }, a = ${a} { p : ${a.p}2 }", "a.p=12")]
    [InlineData("a = 1, a = [${a}, 2]", "a.0=1; a.1=2")]
    [InlineData("a = ${?b}, b = ${?a}, c = 1", "c=1")]
    public void A_reference_to_itself_means_what_was_there_before(string text, string expected) => HoconRead.Flat(text).ShouldBe(expected);

    [Theory]
    [InlineData("dirs = [/a], dirs += /b", "dirs.0=/a; dirs.1=/b")]
    [InlineData("dirs += /b", "dirs.0=/b")]
    [InlineData("x { dirs += 1, dirs += 2 }", "x.dirs.0=1; x.dirs.1=2")]
    [InlineData("keys += { name = a }, keys += { name = b }", "keys.0.name=a; keys.1.name=b")]
    public void Plus_and_equals_appends_to_a_list(string text, string expected) => HoconRead.Flat(text).ShouldBe(expected);

    [Theory]
    [InlineData("a = ${a}", 1, 5)]
    [InlineData("a = ${b}\nb = ${a}", 2, 5)]
    [InlineData("a : ${b}, b : ${c}, c : ${a}", 1, 25)]
    [InlineData("a : { b : ${c} }\nc : ${a.b}", 2, 5)]
    [InlineData("a = ${nothing.there}", 1, 5)]
    [InlineData("a = x\nb = ${a.c}", 2, 5)]
    public void A_value_that_is_nowhere_or_leads_to_itself_is_refused(string text, int line, int column) =>
        HoconRead.Refused(text, line, column).Message.ShouldContain("has no value");

    [Fact]
    public void Values_that_multiply_are_refused_in_bounded_time_and_memory()
    {
        var texts = string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i} = ${{a{i - 1}}}${{a{i - 1}}}\n"));
        Should.Throw<HoconException>(() => HoconRead.Parse("a0 = xxxxxxxxxx\n" + texts)).Message.ShouldContain("longer than");
        Should.Throw<HoconException>(() => HoconRead.Parse("a0 = [1]\n" + texts)).Message.ShouldContain("more than");
        Should.Throw<HoconException>(() => HoconRead.Parse("a0 = { x = 1 }\n" + texts)).Message.ShouldContain("more than");
        Should.Throw<HoconException>(() => HoconRead.Parse("a = " + new string('[', 100_000))).Message.ShouldContain("nested deeper");
        Should.Throw<HoconException>(() => HoconRead.Parse(string.Concat(Enumerable.Repeat("a.", 10_000)) + "b = 1")).Message.ShouldContain("more than 32 names");
        Should.Throw<HoconException>(() => HoconRead.Parse($"a = \"{new string('x', 100_000)}\"")).Message.ShouldContain("longer than");
    }

    [Fact]
    public void Damaged_texts_give_settings_or_a_refusal_and_nothing_else()
    {
        const string Good = "a { b = ${?c} [1, 2], \"x y\" : \"\"\"q\"\"\" }\nc += 5s # z\ninclude \"none.conf\"\nd = ${a.b} {e:1} \"\\u0041\"";
        var random = new Random(11);
        const string Alphabet = "{}[]()\"\\$?=:+,.#/ \n\tabcu01-\u0000\u2028";
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var text = Good.ToCharArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            try
            {
                HoconRead.Parse(new string(text));
            }
            catch (HoconException error)
            {
                error.Place.Line.ShouldBeGreaterThan(0);
                refused++;
            }
        }

        refused.ShouldBeInRange(10_000, 20_000);
    }
}
