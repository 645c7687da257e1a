using System.Globalization;
using System.Text;
using Fuser.Compare.Measuring;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Reports;

/// <summary>A run as a page to read: summaries by size first, then every peer of every workload with its range and error.</summary>
internal sealed class MarkdownReport
{
    private readonly StringBuilder _text = new();
    private readonly RunResult _result;
    private readonly List<PeerDescription> _peers;

    private MarkdownReport(RunResult result)
    {
        _result = result;
        _peers = [.. result.Peers.Where(peer => !peer.IsLimit && result.Cells.Any(cell => cell.Peer == peer.Name && cell.Nanoseconds is not null))];
    }

    /// <param name="picture">Where the picture is, from where the page is.</param>
    public static string Of(RunResult result, string picture)
    {
        var report = new MarkdownReport(result);
        report.Head(picture);
        report.Summaries();
        report.ColdStarts();
        report.Runtime();
        report.Details();
        return report._text.ToString();
    }

    private void Head(string picture)
    {
        var (machine, run) = (_result.Machine, _result.Run);
        _text.Append(CultureInfo.InvariantCulture, $"""
            # Fuser beside its peers

            Written by `benchmarks/compare/run`{(run.Quick ? " with `--quick`: sizes and rounds are small" : "")}; every figure is measured in this run. What is computed, and how it is measured, is in
            [the benchmark's README](../compare/README.md).

            ![Time relative to the memory limit]({picture})

            | | |
            |---|---|
            | processor | {machine.Processor}, {machine.Processors} logical, {machine.VectorInstructions} |
            | caches | {string.Join(", ", machine.Caches)} |
            | memory | {machine.MemoryBytes >> 30} GiB, transparent huge pages {machine.HugePages} |
            | system | {machine.System}, {machine.Kernel}, {machine.DotNet} |
            | commit | {run.Commit} |
            | run | {run.Started:yyyy-MM-dd HH:mm} UTC, {run.Duration.TotalMinutes:0.0} minutes, {run.Rounds} rounds of {run.Milliseconds:0} ms |
            | load | {run.LoadBefore:0.00} threads in the minute before, {run.StolenTime * 100:0.0}% of processor time stolen by other machines during the run |

            | peer | versions |
            |---|---|

            """);
        foreach (var peer in _result.Peers)
        {
            Row(peer.Title, peer.Skipped is null ? string.Join(", ", peer.Versions) : $"skipped: {peer.Skipped}");
        }
    }

    private void Summaries()
    {
        foreach (var (size, threads) in _result.Cells.Select(cell => (cell.Size, cell.Threads)).Distinct().OrderBy(place => place.Size).ThenBy(place => place.Threads))
        {
            _text.Append(CultureInfo.InvariantCulture, $"\n## {size:N0} elements, {Threads(threads)}\n\nNanoseconds an element, medians. Limit: the fastest bare loop that moves as many bytes on as many threads or fewer.\n\n");
            Row([.. _peers.Select(peer => peer.Title).Prepend("workload"), "limit", "limit, GB/s", "this runtime / limit", "this runtime / best peer"]);
            _text.Append('|').Insert(_text.Length, "---|", _peers.Count + 5).Append('\n');
            foreach (var workload in Workloads())
            {
                var own = _peers.Where(peer => peer.IsRuntime).Select(peer => Time(workload.Id, size, threads, peer.Name)).FirstOrDefault();
                var limit = _result.Limit(workload.Id, size, threads)?.Nanoseconds?.Median;
                Row([
                    $"{workload.Id} {workload.Formula}",
                    .. _peers.Select(peer => Number(Time(workload.Id, size, threads, peer.Name))),
                    Number(limit),
                    Number(workload.Bytes(size) / (double)size / limit),
                    Number(own / limit),
                    Number(own / _result.BestPeer(workload.Id, size, threads)?.Nanoseconds?.Median),
                ]);
            }
        }
    }

    private void ColdStarts()
    {
        if (_result.ColdStarts.Count == 0)
        {
            return;
        }

        _text.Append("\n## Cold\n\nMilliseconds, median [range].\n\n| | peer | ms |\n|---|---|---|\n");
        foreach (var start in _result.ColdStarts)
        {
            Row(start.What, Title(start.Peer), start.Refusal ?? Range(start.Milliseconds!));
        }
    }

    private void Runtime()
    {
        if (_result.Calls.Count > 0)
        {
            _text.Append("\n## A call of this runtime\n\n16 elements, five operations, warm.\n\n| call | ns, median [range] | bytes allocated |\n|---|---|---|\n");
            foreach (var call in _result.Calls)
            {
                Row(call.Call, Range(call.Nanoseconds), call.Bytes.ToString("0.##", CultureInfo.InvariantCulture));
            }
        }

        if (_result.Throughputs.Count > 0)
        {
            _text.Append("\n## Several threads calling at once\n\nMillion calls of 16 elements a second, all threads together, median [range].\n\n| threads | one function | a function each |\n|---|---|---|\n");
            foreach (var group in _result.Throughputs.GroupBy(throughput => throughput.Threads))
            {
                Row($"{group.Key}", Range(group.First(throughput => !throughput.OwnFunctions).MillionsPerSecond), Range(group.First(throughput => throughput.OwnFunctions).MillionsPerSecond));
            }
        }

        foreach (var group in _result.Crossovers.GroupBy(crossover => (crossover.Workload, crossover.Threads)))
        {
            _text.Append(CultureInfo.InvariantCulture, $"\n## One thread or {group.Key.Threads}: {group.Key.Workload} by size\n\n{CrossingOf([.. group])} Microseconds a call, median [range].\n\n| elements | 1 thread | {Threads(group.Key.Threads)} | ratio |\n|---|---|---|---|\n");
            foreach (var crossover in group)
            {
                Row($"{crossover.Size}", Range(crossover.One.DividedBy(1000)), Range(crossover.All.DividedBy(1000)), Number(crossover.All.Median / crossover.One.Median));
            }
        }
    }

    /// <summary>From which size on more threads are faster at every size measured.</summary>
    internal static string CrossingOf(IReadOnlyList<Crossover> crossovers)
    {
        var losing = crossovers.OrderBy(crossover => crossover.Size).LastOrDefault(crossover => crossover.All.Median >= crossover.One.Median);
        var first = crossovers.OrderBy(crossover => crossover.Size).FirstOrDefault(crossover => crossover.Size > (losing?.Size ?? 0));
        return first is null ? "More threads are not faster at the largest size." : $"More threads are faster from {first.Size} elements on.";
    }

    private void Details()
    {
        foreach (var workload in Workloads())
        {
            _text.Append(CultureInfo.InvariantCulture, $"\n## {workload.Id}: {workload.Formula}\n\nNanoseconds an element, median [range]; error in units in the last place{(workload.Id == "W10" ? " (whole steps here)" : "")}.\n\n");
            Row("peer", "elements", "threads", "ns", "/ limit", "error", "note");
            _text.Append("|---|---|---|---|---|---|---|\n");
            foreach (var peer in _result.Peers)
            {
                Details(workload, peer);
            }
        }
    }

    private void Details(Workload workload, PeerDescription peer)
    {
        var cells = _result.Cells.Where(cell => cell.Workload == workload.Id && cell.Peer == peer.Name).ToList();
        if (cells.Count > 0 && cells.TrueForAll(cell => cell.Refusal == cells[0].Refusal && cell.Refusal is not null))
        {
            Row(peer.Title, "all", "", "-", "", "", $"refused: {cells[0].Refusal}");
            return;
        }

        foreach (var cell in cells)
        {
            Row(
                peer.Title,
                $"{cell.Size}",
                $"{cell.Threads}",
                cell.Nanoseconds is { } time ? Range(time) : "-",
                Number(cell.Nanoseconds?.Median / _result.Limit(workload.Id, cell.Size, cell.Threads)?.Nanoseconds?.Median),
                cell.Error is { } error ? Number(error) : "",
                cell.Refusal is null ? cell.Note : $"refused: {cell.Refusal}");
        }
    }

    private IEnumerable<Workload> Workloads() => WorkloadCatalogue.All.Where(workload => _result.Cells.Any(cell => cell.Workload == workload.Id));

    private double? Time(string workload, long size, int threads, string peer) => _result.Find(workload, size, threads, peer)?.Nanoseconds?.Median;

    private string Title(string peer) => _result.Peers.First(known => known.Name == peer).Title;

    private void Row(params IEnumerable<string> fields) => _text.Append("| ").AppendJoin(" | ", fields.Select(field => field.Replace("|", "\\|"))).Append(" |\n");

    private static string Threads(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    private static string Range(Summary summary) => $"{Number(summary.Median)} [{Number(summary.Low)}-{Number(summary.High)}]";

    /// <summary>Three digits, which is more than a noisy machine can tell.</summary>
    internal static string Number(double? value) => value is not { } number || double.IsNaN(number)
        ? "-"
        : double.IsInfinity(number) ? "inf"
        : Math.Abs(number) >= 100 ? number.ToString("0", CultureInfo.InvariantCulture)
        : number.ToString("G3", CultureInfo.InvariantCulture) is var text && text.Contains('E') ? number.ToString("0.#####", CultureInfo.InvariantCulture) : text;
}
