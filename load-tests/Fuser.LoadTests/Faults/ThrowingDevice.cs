using System.Globalization;
using Fuser.Actors;
using Fuser.CudaTesting;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Cuda;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Scenarios;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Faults;

/// <summary>
/// A device whose actor throws again and again: every so many launches its driver, a stand-in, says that the device is lost. Whoever was on it gets an error that says so; the actor is restarted, and
/// those who waited are answered.
/// </summary>
internal static class ThrowingDevice
{
    private const string What = "a device actor that throws";

    /// <summary>Each loss doubles the pause before the next start. Of the requests of ten seconds ten meet one, and the pauses come to one second; with twice as many callers would rightly time out.</summary>
    private const int Every = 100;

    public static async Task<FaultResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        var driver = new CudaStandIn();
        await using var fuser = new FuserSystem(new FuserOptions { CacheDirectory = "" }, accelerators: driver.Catalogue);
        var function = await fuser.RegisterAsync(ScaleGraph.Parse(1), cancellationToken).ConfigureAwait(false);
        var (x, place) = (ScaleGraph.Data(64), RunOptions.Default with { Device = "cuda" });
        await ScaleGraph.WarmUpAsync(function, x, 1, place, cancellationToken).ConfigureAwait(false);
        var launches = 0;
        driver.Fails = call => call == "LaunchKernel" && Interlocked.Increment(ref launches) % Every == 0 ? CudaCodes.IllegalAddress : 0;
        var loop = new OpenLoop(1_000, TimeSpan.FromMinutes(1), text => settings.Tick($"{What}: {text}"));
        var run = await loop.RunAsync(100, TimeSpan.Zero, settings.Time(10, 1.5), request => ScaleGraph.RunAsync(request, function, x, 1, place, cancellationToken), cancellationToken).ConfigureAwait(false);
        driver.Fails = null;
        var after = await ClosedLoop.RunAsync(settings.WarmUp, settings.Probe, request => ScaleGraph.RunAsync(request, function, x, 1, place, cancellationToken), cancellationToken).ConfigureAwait(false);
        var restarts = (await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false)).ActorRestarts;

        List<string> failures = [];
        if (restarts == 0)
        {
            failures.Add($"{What}: it was never restarted, so nothing was tested");
        }

        if (run.ErrorCodes.Keys.Where(code => code is not (ErrorCodes.DeviceLost or ErrorCodes.ActorFailed)).ToList() is { Count: > 0 } others)
        {
            failures.Add($"{What}: errors other than those of a lost device: {string.Join(", ", others)}: {string.Join("; ", run.Problems)}");
        }

        if (after.Tally.Errors > 0)
        {
            failures.Add($"{What}: {after.Tally.Errors} of {after.Tally.Sent} requests failed when it was whole again: {string.Join("; ", after.Problems)}");
        }

        return new FaultResult(
            [new Series(What, [run]), new Series($"{What}, afterwards", [after])],
            [string.Create(CultureInfo.InvariantCulture, $"{What}: {restarts} restarts, {run.Tally.Right} right, {run.Tally.Errors} errors ({string.Join(", ", run.ErrorCodes.Select(code => $"{code.Key}: {code.Value}"))}); afterwards {after.Tally.Right} right")],
            failures);
    }
}
