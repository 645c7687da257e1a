using System.Text.Json;
using System.Xml.Linq;
using Fuser.Compare.Reports;
using Fuser.LoadTests.Reports;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Tests;

/// <summary>The scenarios of this process, a second or two each: every answer is right, and the reports are whole. How fast anything was decides nothing.</summary>
public sealed class ScenarioTests
{
    private static readonly Circumstances Here = new(MachineDescription.Read(), "abc", DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1), true, double.NaN, 0);

    public static TheoryData<string> Names => ["ask", "distinct-graphs", "first-call-storm", "mixed-sizes", "mixed-devices"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_embedded_scenario_loses_nothing_and_is_reported(string name)
    {
        var scenario = ScenarioCatalogue.All.Single(scenario => scenario.Name == name);
        var result = await scenario.RunAsync(new ScenarioSettings { IsQuick = true }, default);
        result.Scenario.ShouldBe(name);
        result.Failures.ShouldBeEmpty();
        (result.Tally.Wrong, result.Tally.Lost, result.Tally.Duplicated).ShouldBe((0, 0, 0));
        if (result.Series.Count == 0)
        {
            result.Facts.ShouldHaveSingleItem().ShouldStartWith("skipped: there is no device");
        }
        else
        {
            result.Tally.Right.ShouldBeGreaterThan(0);
        }

        var folder = Directory.CreateTempSubdirectory("fuser-load-tests-");
        try
        {
            await LoadReport.WriteAsync(folder.FullName, result, Here, default);
            ShouldBeWhole(folder.FullName, result);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void ShouldBeWhole(string folder, ScenarioResult result)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, $"{result.Scenario}.json")));
        json.RootElement.GetProperty("tally").GetProperty("right").GetInt64().ShouldBe(result.Tally.Right);
        json.RootElement.GetProperty("commit").GetString().ShouldBe("abc");
        json.RootElement.GetProperty("series").GetArrayLength().ShouldBe(result.Series.Count);
        XDocument.Load(Path.Combine(folder, $"{result.Scenario}.svg")).Root!.Name.LocalName.ShouldBe("svg");
        var page = File.ReadAllText(Path.Combine(folder, $"{result.Scenario}.md"));
        page.ShouldContain("commit abc");
        page.ShouldContain($"({result.Scenario}.svg)");
    }
}
