using System.CommandLine;

namespace Fuser.LoadTests.Tests;

public sealed class OptionsTests
{
    private static readonly LoadTestOptions Options = new(ScenarioCatalogue.All);

    [Fact]
    public void Without_names_all_are_run_but_the_soak()
    {
        var parsed = Parse();
        Options.Scenarios(parsed).Count.ShouldBe(ScenarioCatalogue.All.Count - 1);
        Options.Scenarios(parsed).ShouldNotContain(scenario => scenario.Name == "soak");
        Options.Output(parsed).ShouldBe("load-tests/results");
        Options.Output(Parse("--quick")).ShouldBe("out/load-tests");
    }

    [Fact]
    public void A_time_for_one_scenario_wins_over_that_for_all()
    {
        var parsed = Parse("http", "soak", "--seconds", "2.5", "--seconds", "soak=1800");
        Options.Scenarios(parsed).Select(scenario => (scenario.Name, Options.Seconds(parsed, scenario))).ShouldBe([("http", 2.5), ("soak", 1800)]);
        Options.Seconds(Parse(), ScenarioCatalogue.All[0]).ShouldBeNull();
    }

    [Theory]
    [InlineData("there is no scenario 'https'", "https")]
    [InlineData("--seconds got 'https=3'", "--seconds", "https=3")]
    [InlineData("--seconds got 'http=0'", "--seconds", "http=0")]
    [InlineData("--seconds got '1e99'", "--seconds", "1e99")]
    public void What_makes_no_sense_is_refused(string expected, params string[] arguments) =>
        string.Join('\n', Options.Root.Parse(arguments).Errors.Select(error => error.Message)).ShouldContain(expected);

    [Fact]
    public void Every_scenario_is_in_the_documentation()
    {
        var readme = File.ReadAllText(Path.Combine(Targets.Repository.Root, "load-tests", "README.md"));
        foreach (var scenario in ScenarioCatalogue.All)
        {
            readme.ShouldContain($"load-tests/run {scenario.Name}");
        }
    }

    private static ParseResult Parse(params string[] arguments)
    {
        var parsed = Options.Root.Parse(arguments);
        parsed.Errors.ShouldBeEmpty();
        return parsed;
    }
}
