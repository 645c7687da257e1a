using System.Globalization;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Half of what a node holds, for a long time: memory, handles and threads stay where they are.</summary>
internal sealed class SoakScenario : Scenario
{
    private const int Samples = 300;
    private static readonly LoadBounds Bounds = new(512, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(2));

    public override string Name => "soak";

    public override string Description => "one node over HTTP at half its knee, 16 KiB and now and then 1 MiB, for half an hour: memory, handles and threads flat";

    public override bool IsLong => true;

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var node = await NodeProcess.StartAsync("soak").ConfigureAwait(false);
        using var small = await HttpCaller.CreateAsync(node.Address, 1 << 12, TimeSpan.FromMinutes(1), cancellationToken).ConfigureAwait(false);
        using var large = await HttpCaller.CreateAsync(node.Address, 1 << 18, TimeSpan.FromMinutes(1), cancellationToken).ConfigureAwait(false);
        var knee = await ToTheKneeAsync("to the knee", settings with { Seconds = null }, Bounds, CallAsync, cancellationToken).ConfigureAwait(false);

        var duration = settings.Time(30 * 60, 20);
        var rate = knee.AtHalf!.Rate;
        settings.Progress(string.Create(CultureInfo.InvariantCulture, $"{rate:0}/s for {duration.TotalMinutes:0.#} minutes"));
        var flatness = new Flatness();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampling = SampleAsync(node, flatness, duration / Samples, over.Token);
        var soak = await new OpenLoop(Bounds.MostUnderWay, Bounds.Patience, settings.Tick).RunAsync(rate, settings.WarmUp, duration, CallAsync, cancellationToken).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await sampling.ConfigureAwait(false);
        var (facts, failures) = flatness.Judge(duration);
        return new ScenarioResult(Name, [knee, new Series("soak", [soak])], facts, failures);

        Task<Outcome> CallAsync(LoadRequest request) => (request.Number % 50 == 0 ? large : small).CallAsync(request, cancellationToken);
    }

    private static async Task SampleAsync(NodeProcess node, Flatness flatness, TimeSpan every, CancellationToken over)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            while (await timer.WaitForNextTickAsync(over).ConfigureAwait(false))
            {
                flatness.Add(node.Resources);
            }
        }
        catch (OperationCanceledException)
        {
            return; // the load is over
        }
    }
}
