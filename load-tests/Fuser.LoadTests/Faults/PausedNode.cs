using System.Globalization;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Scenarios;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Faults;

/// <summary>A node whose process stands still for longer than its callers wait: each of them gets an error in time, and whoever comes afterwards the right answer.</summary>
internal static class PausedNode
{
    private const string What = "a node paused";

    public static async Task<FaultResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            return FaultResult.Skipped(What, "there is no signal that stops a process on Windows");
        }

        var duration = settings.Time(20, 4);
        var deadline = duration / 10;
        await using var node = await NodeProcess.StartAsync("paused").ConfigureAwait(false);
        using var caller = await HttpCaller.CreateAsync(node.Address, 1 << 10, deadline, cancellationToken).ConfigureAwait(false);
        var before = await ClosedLoop.RunAsync(settings.WarmUp, settings.Probe, request => caller.CallAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        var loop = new OpenLoop(2_000, TimeSpan.FromMinutes(1), text => settings.Tick($"{What}: {text}"));
        var pausing = PauseAsync(node, duration / 3, 2.5 * deadline, cancellationToken);
        var during = await loop.RunAsync(50, TimeSpan.Zero, duration, request => caller.CallAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        await pausing.ConfigureAwait(false);
        var after = await loop.RunAsync(50, TimeSpan.Zero, settings.Step(50), request => caller.CallAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);

        List<string> failures = [];
        if (during.Tally.Errors == 0)
        {
            failures.Add($"{What}: no caller noticed, so nothing was tested");
        }

        if (after.Tally.Errors > 0)
        {
            failures.Add($"{What}: {after.Tally.Errors} of {after.Tally.Sent} requests failed when it was back: {string.Join("; ", after.Problems)}");
        }

        return new FaultResult(
            [new Series(What, [during]) { Alone = before }, new Series($"{What}, afterwards", [after])],
            [string.Create(CultureInfo.InvariantCulture, $"{What}: for {2.5 * deadline.TotalSeconds:0.#} s, deadline {deadline.TotalSeconds:0.#} s: {during.Tally.Right} right, {during.Tally.Errors} errors; afterwards {after.Tally.Right} right")],
            failures);
    }

    private static async Task PauseAsync(NodeProcess node, TimeSpan delay, TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, cancellationToken).ConfigureAwait(false); // the fault comes when the load has run for a while
        await node.PauseAsync(pause, cancellationToken).ConfigureAwait(false);
    }
}
