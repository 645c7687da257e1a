using Fuser.LoadTests.Faults;

namespace Fuser.LoadTests.Scenarios;

/// <summary>One node, or one runtime, under load while something goes wrong.</summary>
internal sealed class FaultsScenario : Scenario
{
    public override string Name => "faults";

    public override string Description => "one node under load: its process paused, slow consumers, a full disk; and in this process a device actor that throws";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        Func<ScenarioSettings, CancellationToken, Task<FaultResult>>[] faults = [PausedNode.RunAsync, SlowConsumers.RunAsync, FullDisk.RunAsync, ThrowingDevice.RunAsync];
        var results = new List<FaultResult>();
        foreach (var fault in faults)
        {
            results.Add(await fault(settings, cancellationToken).ConfigureAwait(false));
            foreach (var fact in results[^1].Facts)
            {
                settings.Progress(fact);
            }
        }

        return new ScenarioResult(
            Name, [.. results.SelectMany(result => result.Series)], [.. results.SelectMany(result => result.Facts)], [.. results.SelectMany(result => result.Failures)]);
    }
}
