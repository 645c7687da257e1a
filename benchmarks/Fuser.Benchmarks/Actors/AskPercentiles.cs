using System.Diagnostics;
using Fuser.Actors.Core;

namespace Fuser.Benchmarks.Actors;

/// <summary>Latency percentiles, throughput and bytes of warm Asks with 1, 8 and 64 concurrent askers (closed loop).</summary>
internal static class AskPercentiles
{
    private static readonly TimeSpan PerCell = TimeSpan.FromSeconds(1);
    private const int SamplesPerAsker = 4_000_000;

    internal static async Task RunAsync()
    {
        await using var system = new ActorSystem("percentiles");
        ActorRef echo = system.ActorOf(Props.Create(static () => new EchoActor()));
        ActorRef second = system.ActorOf(Props.Create(() => new EchoActor(echo)));
        ActorRef chain = system.ActorOf(Props.Create(() => new EchoActor(second)));
        ActorRef inline = system.ActorOf(Props.Create(static () => new EchoActor()).WithDispatcher(Dispatcher.CallerWhenIdle()));
        ActorRef pinned = system.ActorOf(Props.Create(static () => new EchoActor()).WithDispatcher(Dispatcher.Pinned));

        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, closed loop, {PerCell.TotalSeconds:0} s a cell");
        Console.WriteLine($"{"actor",-16} {"askers",6} {"k/s",8} {"p50 us",8} {"p99 us",8} {"p99.9 us",9} {"B/Ask",7}");
        foreach ((string name, ActorRef actor) in new[] { ("one hop", echo), ("three hops", chain), ("caller-when-idle", inline), ("pinned", pinned) })
        {
            foreach (int askers in new[] { 1, 8, 64 })
            {
                await MeasureAsync(actor, askers, TimeSpan.FromMilliseconds(300));
                Console.WriteLine($"{name,-16} {askers,6} {await MeasureAsync(actor, askers, PerCell)}");
            }
        }
    }

    private static async Task<string> MeasureAsync(ActorRef actor, int askers, TimeSpan time)
    {
        // Samples are taken into memory that exists before the clock starts, so that the bytes counted are the runtime's.
        int[][] samples = [.. Enumerable.Range(0, askers).Select(_ => new int[Math.Max(50_000, SamplesPerAsker / askers)])];
        int[] counts = new int[askers];
        long[] asked = new long[askers];
        GC.Collect();
        long bytes = GC.GetTotalAllocatedBytes(true);
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, askers).Select(i => Task.Run(() => AskerAsync(i))));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long allocated = GC.GetTotalAllocatedBytes(true) - bytes;

        int[] all = [.. samples.Zip(counts, static (s, n) => s.Take(n)).SelectMany(static s => s)];
        Array.Sort(all);
        double toUs = 1e6 / Stopwatch.Frequency;
        double At(double q) => all[(int)((all.Length - 1) * q)] * toUs;
        return $"{asked.Sum() / seconds / 1000,8:0} {At(0.5),8:0.00} {At(0.99),8:0.00} {At(0.999),9:0.00} {(double)allocated / asked.Sum(),7:0.00}";

        async Task AskerAsync(int me)
        {
            int[] mine = samples[me];
            long now = Stopwatch.GetTimestamp();
            while (now < end)
            {
                await actor.Ask<EchoActor.Pong>(EchoActor.CachedPing);
                long then = Stopwatch.GetTimestamp();
                if (counts[me] < mine.Length)
                {
                    mine[counts[me]++] = (int)(then - now);
                }

                asked[me]++;
                now = then;
            }
        }
    }
}
