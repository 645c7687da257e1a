using System.CommandLine;
using Fuser.LoadTests.Reports;
using Fuser.LoadTests.Scenarios;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests;

/// <summary>Runs the scenarios that were asked for, one after the other, and writes what they came to.</summary>
internal sealed class LoadTestRun(LoadTestOptions options, ProgressLine progress, TimeProvider clock)
{
    private const int Sound = 0;
    private const int NotSound = 1;

    public async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (folder, quick) = (Path.Combine(Repository.Root, options.Output(arguments)), options.IsQuick(arguments));
        var reader = await CircumstancesReader.StartAsync(Repository.Root, quick, clock, cancellationToken).ConfigureAwait(false);
        var results = new List<ScenarioResult>();
        var scenarios = options.Scenarios(arguments);
        foreach (var scenario in scenarios)
        {
            if (scenario.Missing is { } missing)
            {
                progress.Write($"{scenario.Name}: skipped: {missing}");
                continue;
            }

            progress.Write($"{scenario.Name}: {scenario.Description}");
            var said = new HashSet<string>();
            var settings = new ScenarioSettings
            {
                IsQuick = quick,
                Seconds = options.Seconds(arguments, scenario),
                Progress = text =>
                {
                    said.Add(text);
                    progress.Write($"  {text}");
                },
                Tick = progress.Tick,
            };
            var own = await CircumstancesReader.StartAsync(Repository.Root, quick, clock, cancellationToken).ConfigureAwait(false);
            var result = await RunAsync(scenario, settings, cancellationToken).ConfigureAwait(false);
            await LoadReport.WriteAsync(folder, result, own.End(), cancellationToken).ConfigureAwait(false);
            results.Add(result);
            Show(result, said);
        }

        if (results.Count > 1)
        {
            var summary = MarkdownReport.Summary(results, reader.End());
            await File.WriteAllTextAsync(Path.Combine(folder, "summary.md"), summary, cancellationToken).ConfigureAwait(false);
        }

        progress.Write($"results are in {folder}");
        return results.TrueForAll(result => result.IsSound) ? Sound : NotSound;
    }

    /// <summary>A scenario that breaks is one that failed; the others still have their turn.</summary>
    private static async Task<ScenarioResult> RunAsync(Scenario scenario, ScenarioSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await scenario.RunAsync(settings, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            settings.Progress(error.ToString());
            return new ScenarioResult(scenario.Name, [], [], [$"it broke off: {error.GetType().Name}: {error.Message}"]);
        }
    }

    /// <param name="said">What was shown while it ran.</param>
    private void Show(ScenarioResult result, HashSet<string> said)
    {
        var tally = result.Tally;
        progress.Write($"  sent {tally.Sent}, right {tally.Right}, errors {tally.Errors}, not sent {tally.Unsent}, lost {tally.Lost}, wrong {tally.Wrong}, duplicated {tally.Duplicated}: {(result.IsSound ? "sound" : "NOT SOUND")}");
        foreach (var line in result.Facts.Where(fact => !said.Contains(fact)).Concat(result.Failures.Select(failure => $"failed: {failure}")))
        {
            progress.Write($"  {line}");
        }
    }
}
