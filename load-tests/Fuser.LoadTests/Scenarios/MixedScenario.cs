using System.Diagnostics;
using System.Globalization;
using Fuser.Actors;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Small and large runs beside each other, on one device or several in turns.</summary>
/// <param name="device">A device beside the processor; null for the processor alone.</param>
internal sealed class MixedScenario(string name, string description, string? device) : Scenario
{
    private const int K = 9;
    private static readonly int[] Sizes = [16, 16, 16, 16, 1_000, 1_000, 100_000, 1_000_000];
    private static readonly LoadBounds Bounds = new(2_000, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));

    public override string Name => name;

    public override string Description => description;

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        if (device is not null && await MissingAsync(fuser, device, cancellationToken).ConfigureAwait(false) is { } missing)
        {
            return new ScenarioResult(Name, [], [$"skipped: {missing}"], []);
        }

        var function = await fuser.RegisterAsync(ScaleGraph.Parse(K), cancellationToken).ConfigureAwait(false);
        var data = Sizes.Select(ScaleGraph.Data).ToArray();
        RunOptions[] places = device is null ? [RunOptions.Default] : [RunOptions.Default, RunOptions.Default with { Device = device }];
        foreach (var place in places)
        {
            foreach (var x in data.DistinctBy(x => x.Length))
            {
                await ScaleGraph.WarmUpAsync(function, x, K, place, cancellationToken).ConfigureAwait(false);
            }
        }

        var all = await ToTheKneeAsync(string.Join(", ", Sizes.Distinct()) + " elements" + (device is null ? "" : $", cpu and {device} in turns"), settings, Bounds, CallAsync, cancellationToken).ConfigureAwait(false);
        var byKind = new SortedDictionary<(int Size, string Place), LatencyHistogram>();
        var rate = all.AtHalf!.Rate;
        var run = await new OpenLoop(Bounds.MostUnderWay, Bounds.Patience, settings.Tick).RunAsync(rate, settings.WarmUp, 2 * settings.Step(rate), CallAndSortAsync, cancellationToken).ConfigureAwait(false);
        var facts = byKind.Select(kind => string.Create(
            CultureInfo.InvariantCulture,
            $"{kind.Key.Size:N0} elements on {kind.Key.Place} at half the knee, the warm-up included: p50 {kind.Value.Quantile(0.5) / 1e6:0.###} ms, p99 {kind.Value.Quantile(0.99) / 1e6:0.###} ms"));
        return new ScenarioResult(Name, [all, new Series("at half the knee, by size", [run])], [.. facts], []);

        Task<Outcome> CallAsync(LoadRequest request) =>
            ScaleGraph.RunAsync(request, function, data[request.Number % data.Length], K, PlaceOf(request), cancellationToken);

        RunOptions PlaceOf(LoadRequest request) => places[request.Number / data.Length % places.Length];

        async Task<Outcome> CallAndSortAsync(LoadRequest request)
        {
            var outcome = await CallAsync(request).ConfigureAwait(false);
            lock (byKind)
            {
                var kind = (data[request.Number % data.Length].Length, PlaceOf(request).Device ?? "cpu");
                if (!byKind.TryGetValue(kind, out var latency))
                {
                    byKind.Add(kind, latency = new LatencyHistogram());
                }

                latency.Record((long)Stopwatch.GetElapsedTime(request.Due, request.AnsweredAt).TotalNanoseconds);
            }

            return outcome;
        }
    }

    private static async Task<string?> MissingAsync(FuserSystem fuser, string device, CancellationToken cancellationToken)
    {
        var devices = await fuser.GetDevicesAsync(cancellationToken).ConfigureAwait(false);
        return devices.Any(found => found.IsAvailable && found.Name == device)
            ? null
            : $"there is no device {device} here ({string.Join("; ", devices.Where(found => found.Name == device).Select(found => found.Description).DefaultIfEmpty("no driver"))})";
    }
}
