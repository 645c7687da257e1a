using System.Globalization;
using Fuser.Compare.Measuring;
using Fuser.Compare.Peers;
using Fuser.Compare.Protocol;
using Fuser.Compare.Reports;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Sessions;

/// <summary>What only this runtime is measured for: the cost of a call, calls on several threads, and from which size on more threads help.</summary>
internal sealed class RuntimeSession(Worker worker, ComparisonOptions options)
{
    private static readonly string[] s_calls = ["TryRun", "RunAsync", "RunAsync-new", "actor"];
    private static readonly int[] s_threads = [1, 2, 4, 8];
    private static readonly string[] s_crossing = ["W1", "W2"];
    private const int FirstSize = 1 << 10;
    private const int LastSize = 1 << 21;

    public async Task<List<CallCost>> CallsAsync(CancellationToken cancellationToken)
    {
        var costs = new List<CallCost>();
        foreach (var call in s_calls)
        {
            var answers = new List<IReadOnlyList<string>>();
            for (var round = 0; round < options.Rounds; round++)
            {
                answers.Add(await FiguresAsync(cancellationToken, "call", call));
            }

            costs.Add(new CallCost(call, Summary.Of(answers.Select(answer => Number(answer[0]))), answers.Min(answer => Number(answer[1]))));
        }

        return costs;
    }

    public async Task<List<Throughput>> ThroughputsAsync(CancellationToken cancellationToken)
    {
        var places = s_threads.SelectMany(threads => new[] { (threads, Own: false), (threads, Own: true) }).ToDictionary(place => place, _ => new List<double>());
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var ((threads, own), times) in places)
            {
                times.Add(Number((await FiguresAsync(cancellationToken, "hammer", $"{threads}", own ? "own" : "shared"))[0]));
            }
        }

        return [.. places.Select(place => new Throughput(place.Key.threads, place.Key.Own, Summary.Of(place.Value)))];
    }

    public async Task<List<Crossover>> CrossoversAsync(CancellationToken cancellationToken)
    {
        var results = new List<Crossover>();
        var all = Environment.ProcessorCount;
        foreach (var workload in WorkloadCatalogue.All.Where(workload => all > 1 && s_crossing.Contains(workload.Id)))
        {
            for (long size = FirstSize; size <= LastSize; size *= 2)
            {
                await RequireAsync(Message.Of("prepare", workload.Arrays(size).Select(array => array.ToString()).Prepend(workload.Id)), cancellationToken);
                var (one, many) = (new List<double>(), new List<double>());
                await CheckAsync(1, cancellationToken);
                for (var round = 0; round < options.Rounds; round++)
                {
                    one.Add(await TimeAsync(1, cancellationToken));
                    many.Add(await TimeAsync(all, cancellationToken));
                }

                results.Add(new Crossover(workload.Id, size, all, Summary.Of(one), Summary.Of(many)));
            }
        }

        await RequireAsync(Message.Of("release"), cancellationToken);
        return results;
    }

    private async Task CheckAsync(int threads, CancellationToken cancellationToken)
    {
        var path = Path.GetTempFileName();
        await RequireAsync(Message.Of("check", PeerNames.Fuser, $"{threads}", "1", path), cancellationToken);
        File.Delete(path);
    }

    private async Task<double> TimeAsync(int threads, CancellationToken cancellationToken) =>
        await worker.TimeAsync(PeerNames.Fuser, threads, options.Milliseconds / 2, cancellationToken) ?? throw new InvalidOperationException("a measurement of this runtime failed");

    private async Task<IReadOnlyList<string>> FiguresAsync(CancellationToken cancellationToken, params string[] arguments) =>
        (await RequireAsync(Message.Of("figures", arguments), cancellationToken)).Fields;

    private async Task<Message> RequireAsync(Message request, CancellationToken cancellationToken)
    {
        var answer = await worker.AskAsync(request, cancellationToken);
        return answer.IsOk ? answer : throw new InvalidOperationException($"'{request.ToLine()}': {answer.Reason}");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
