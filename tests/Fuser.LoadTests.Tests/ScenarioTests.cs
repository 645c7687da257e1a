using System.Text.Json;
using System.Xml.Linq;
using Fuser.Compare.Reports;
using Fuser.LoadTests.Reports;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Tests;

/// <summary>The scenarios of this process, a second or two each: every answer is right, and the reports are whole.</summary>
public sealed class ScenarioTests
{
    private static readonly ScenarioSettings Quick = new(IsQuick: true, TimeSpan.FromSeconds(1), static _ => { });

    public static TheoryData<string> Names => ["ask", "distinct-graphs", "first-call-storm", "mixed-sizes"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_embedded_scenario_loses_nothing_and_is_reported(string name)
    {
        Scenario scenario = name switch
        {
            "ask" => new AskScenario(),
            "distinct-graphs" => new DistinctGraphsScenario(),
            "first-call-storm" => new FirstCallStormScenario(),
            _ => new MixedScenario("mixed-sizes", "", null),
        };
        var result = await scenario.RunAsync(Quick, default);
        result.Scenario.ShouldBe(name);
        result.Failures.ShouldBeEmpty();
        (result.Tally.Wrong, result.Tally.Lost, result.Tally.Duplicated).ShouldBe((0, 0, 0));
        result.Tally.Right.ShouldBeGreaterThan(0);

        var directory = Directory.CreateTempSubdirectory("fuser-load-tests-");
        try
        {
            LoadReport.Write(directory.FullName, result, MachineDescription.Read(), "abc", DateTimeOffset.UnixEpoch);
            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory.FullName, $"{name}.json")));
            json.RootElement.GetProperty("tally").GetProperty("Right").GetInt64().ShouldBe(result.Tally.Right);
            XDocument.Load(Path.Combine(directory.FullName, $"{name}.svg")).Root!.Name.LocalName.ShouldBe("svg");
            (await File.ReadAllTextAsync(Path.Combine(directory.FullName, $"{name}.md"))).ShouldContain("commit abc");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
