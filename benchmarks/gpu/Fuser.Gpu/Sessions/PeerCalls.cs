using Fuser.Compare.Measuring;
using Fuser.Compare.Protocol;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Measuring;
using Fuser.Gpu.Peers;
using Fuser.Gpu.Reports;

namespace Fuser.Gpu.Sessions;

/// <summary>What a call and a compile cost the peers: the questions of <see cref="CallCosts"/>.</summary>
internal sealed class PeerCalls(IReadOnlyList<PeerProcess> peers, GpuOptions options)
{
    private const int ColdRounds = 5;

    /// <summary>Numbers that no workload and no other peer's process used.</summary>
    private const int FirstNumber = 1000;

    public async Task<List<CallCost>> RunAsync(CancellationToken cancellationToken)
    {
        var costs = new List<CallCost>();
        foreach (var peer in peers)
        {
            foreach (var subject in peer.Subjects.Where(subject => peer.Skipped is null && options.Peers.Contains(subject)))
            {
                var arrays = WorkloadCatalogue.Find(CallCosts.Workload).Single().Arrays(CallCosts.Elements);
                await peer.AskAsync(Message.Of("prepare", arrays.Select(array => array.ToString()).Prepend(CallCosts.Workload)), cancellationToken);
                var time = options.Milliseconds.ToString("R");
                costs.Add(await CostAsync(peer, CallCosts.LatencyTitle, subject, "us", options.Rounds, _ => Message.Of("latency", subject, time), cancellationToken));
                costs.Add(await CostAsync(peer, CallCosts.RateTitle, subject, "us", options.Rounds, _ => Message.Of("time", subject, time), cancellationToken));
                costs.Add(await CostAsync(peer, CallCosts.ColdTitle, subject, "ms", ColdRounds, round => Message.Of("cold", subject, $"{CallCosts.ColdOperations}", $"{FirstNumber + round}"), cancellationToken));
                await peer.AskAsync(Message.Of("release"), cancellationToken);
            }
        }

        return costs;
    }

    private static async Task<CallCost> CostAsync(PeerProcess peer, string what, string subject, string unit, int rounds, Func<int, Message> request, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var (number, refusal) = await peer.NumberAsync(request(round), cancellationToken);
            if (number is not { } time)
            {
                return new CallCost(what, subject, unit, null, refusal);
            }

            times.Add(time);
        }

        return new CallCost(what, subject, unit, Summary.Of(times).DividedBy(unit == "us" ? 1e3 : 1), null);
    }
}
