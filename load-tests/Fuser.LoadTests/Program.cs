using System.CommandLine;
using System.Diagnostics;
using Fuser.Compare.Reports;
using Fuser.LoadTests.Reports;
using Fuser.LoadTests.Scenarios;

Scenario[] scenarios =
[
    new AskScenario(),
    new DistinctGraphsScenario(),
    new FirstCallStormScenario(),
    new MixedScenario("mixed-sizes", "runs of 16 to a million elements beside each other, in this process", null),
    new MixedScenario("mixed-devices", "the same, on the processor and an OpenCL device in turns", "opencl"),
    new HttpScenario(),
    new ClusterScenario(),
    new ClusterFaultsScenario(),
    new SoakScenario(),
];

var names = new Argument<string[]>("SCENARIO") { Description = $"{string.Join(", ", scenarios.Select(scenario => scenario.Name))}; all of them but soak without any.", Arity = ArgumentArity.ZeroOrMore };
var quick = new Option<bool>("--quick") { Description = "Seconds instead of minutes; figures mean nothing then." };
var output = new Option<string>("--output") { Description = "Where results go.", HelpName = "DIR", DefaultValueFactory = _ => "load-tests/results" };
var minutes = new Option<double>("--soak") { Description = "Minutes that a soak takes.", HelpName = "MINUTES", DefaultValueFactory = _ => 30 };
var root = new RootCommand("Load tests. Exit code 1 when an answer was lost, wrong or came twice, or a scenario failed.") { names, quick, output, minutes };
root.SetAction(RunAsync);
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);

async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    var wanted = arguments.GetValue(names) is { Length: > 0 } chosen ? chosen : [.. scenarios.Where(scenario => scenario is not SoakScenario).Select(scenario => scenario.Name)];
    if (wanted.FirstOrDefault(name => !Array.Exists(scenarios, scenario => scenario.Name == name)) is { } unknown)
    {
        await Console.Error.WriteLineAsync($"error: there is no scenario '{unknown}', only {string.Join(", ", scenarios.Select(scenario => scenario.Name))}").ConfigureAwait(false);
        return 2;
    }

    var soak = arguments.GetValue(quick) ? TimeSpan.FromSeconds(5) : TimeSpan.FromMinutes(arguments.GetValue(minutes));
    var machine = MachineDescription.Read();
    var sound = true;
    foreach (var scenario in wanted.Select(name => scenarios.Single(scenario => scenario.Name == name)))
    {
        if (scenario.Missing is { } missing)
        {
            Console.WriteLine($"{scenario.Name}: skipped: {missing}");
            continue;
        }

        Console.WriteLine($"{scenario.Name}: {scenario.Description}");
        var settings = new ScenarioSettings(arguments.GetValue(quick), soak, progress => Console.WriteLine($"  {progress}"));
        var result = await scenario.RunAsync(settings, cancellationToken).ConfigureAwait(false);
        LoadReport.Write(arguments.GetValue(output)!, result, machine, await CommitAsync().ConfigureAwait(false), TimeProvider.System.GetUtcNow());
        var tally = result.Tally;
        Console.WriteLine($"  sent {tally.Sent}, right {tally.Right}, errors {tally.Errors}, lost {tally.Lost}, wrong {tally.Wrong}, duplicated {tally.Duplicated}: {(result.IsSound ? "sound" : "NOT SOUND")}");
        foreach (var line in result.Facts.Concat(result.Failures))
        {
            Console.WriteLine($"  {line}");
        }

        sound &= result.IsSound;
    }

    return sound ? 0 : 1;
}

static async Task<string> CommitAsync()
{
    try
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short=12", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var text = await git.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await git.WaitForExitAsync().ConfigureAwait(false);
        return text.Trim();
    }
    catch (System.ComponentModel.Win32Exception)
    {
        return "unknown";
    }
}
