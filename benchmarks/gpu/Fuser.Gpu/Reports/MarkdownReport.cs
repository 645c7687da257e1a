using System.Globalization;
using System.Text;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Measuring;
using Fuser.Gpu.Peers;

namespace Fuser.Gpu.Reports;

/// <summary>A run as a page to read: what is right, what was aimed at and reached, then every subject of every workload with its range and error.</summary>
internal sealed class MarkdownReport
{
    private const double AimedRatio = 0.95;
    private const double AimedColdMilliseconds = 150;
    private const double AimedCallMicroseconds = 10;
    private static readonly string[] s_bandwidthBound = ["W1", "W5", "W8", "W9", "W12"];

    private readonly StringBuilder _text = new();
    private readonly RunResult _result;

    private MarkdownReport(RunResult result) => _result = result;

    public static string Of(RunResult result)
    {
        var report = new MarkdownReport(result);
        report.Head();
        report.Exactness();
        report.Aims();
        report.Workloads();
        report.Calls();
        report.Details();
        return report._text.ToString();
    }

    /// <summary>Three digits that count.</summary>
    internal static string Number(double? value) => value switch
    {
        null => "",
        { } number when double.IsNaN(number) || double.IsInfinity(number) => number.ToString(CultureInfo.InvariantCulture),
        0 => "0",
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    private void Head()
    {
        var (machine, device, run) = (_result.Machine, _result.Device, _result.Run);
        _text.Append(CultureInfo.InvariantCulture, $"""
            # Fuser on {device.Description}

            Written by `benchmarks/gpu/run`; every figure is measured in this run. How it is measured is in [the benchmark's README](../README.md).

            | | |
            |---|---|
            | device | {device.Name}: {device.Description}, {device.Architecture}, {device.MemoryBytes >> 20} MiB, {device.Driver} |
            | timer | {run.Timer} |
            | processor | {machine.Processor}, {machine.Processors} logical |
            | system | {machine.System}, {machine.Kernel}, {machine.DotNet} |
            | version | {run.Version}, commit {run.Commit} |
            | run | {run.Started:yyyy-MM-dd HH:mm} UTC, {run.Duration.TotalMinutes:0.0} minutes, {run.Elements:N0} elements, {run.Rounds} rounds of {run.Milliseconds:0} ms |

            """);
        if (run.PeersOnProcessor)
        {
            _text.Append("\nThe peers ran on the processor, as they do beside everything but a CUDA device: the figures show that the benchmark works, and compare nothing.\n");
        }

        if (_result.Peers.Count > 0)
        {
            Table("peer", "versions");
            foreach (var peer in _result.Peers)
            {
                Row(peer.Title, peer.Skipped is null ? string.Join(", ", peer.Versions) : $"skipped: {peer.Skipped}");
            }
        }
    }

    private void Exactness()
    {
        if (_result.Probe is null && _result.Corpus is null)
        {
            return;
        }

        _text.Append("\n## The same bits\n\n");
        if (_result.Probe is { } probe)
        {
            _text.Append(CultureInfo.InvariantCulture, $"- exactness probe ({probe.Seconds:0.0} s): {(probe.Difference is null ? "every bit as the interpreter has it" : $"**differs**: {probe.Difference}")}\n");
        }

        if (_result.Corpus is { } corpus)
        {
            _text.Append(CultureInfo.InvariantCulture, $"- corpus and workloads: {corpus.Cases - corpus.Differences.Count} of {corpus.Cases} have the bits of the processor; {corpus.OnFallback.Count} ran on the fallback\n");
            foreach (var line in corpus.Differences.Select(difference => $"**differs**: {difference}").Concat(corpus.OnFallback.Select(reason => $"fallback: {reason}")))
            {
                _text.Append(CultureInfo.InvariantCulture, $"  - {Escaped(line)}\n");
            }
        }
    }

    private void Aims()
    {
        if (_result.Cells.Count == 0 && _result.Calls.Count == 0)
        {
            return;
        }

        _text.Append("\n## Aims\n\nThey were set for an H200 at 2^28 elements.\n\n");
        Table("aim", "reached");
        foreach (var workload in s_bandwidthBound)
        {
            if (_result.Find(workload, PeerNames.Fuser) is { } own && _result.RatioToCopy(own) is { } ratio)
            {
                Row($"{workload}: at least {AimedRatio:0%} of the copy's bandwidth", $"{ratio:0.0%}, {Verdict(ratio >= AimedRatio)}");
            }
        }

        List<Cell> compared = [.. OwnCells().Where(own => own.Nanoseconds is not null && _result.BestPeer(own.Workload) is not null)];
        List<string> slower = [.. compared.Where(own => own.Nanoseconds!.Median > _result.BestPeer(own.Workload)!.Nanoseconds!.Median).Select(own => own.Workload)];
        Row("not slower than the best peer anywhere", compared.Count == 0 ? "no peer took part" : slower.Count == 0 ? $"{compared.Count} workloads, met" : $"missed at {string.Join(", ", slower)}");
        Aim(CallCosts.ColdTitle, Own(CallCosts.ColdTitle), "ms", AimedColdMilliseconds);
        Aim("what the actors add to a call that is waited for", Own(CallCosts.LatencyTitle) - Own(CallCosts.BareLatencyTitle), "us", AimedCallMicroseconds);
        Aim(CallCosts.RateTitle, Own(CallCosts.RateTitle), "us", AimedCallMicroseconds);

        double? Own(string what) => _result.Calls.FirstOrDefault(call => call.Subject == PeerNames.Fuser && call.What.StartsWith(what, StringComparison.Ordinal))?.Time?.Median;

        void Aim(string what, double? reached, string unit, double most)
        {
            if (reached is { } figure)
            {
                Row($"{what}: at most {most:0} {unit}", $"{Number(figure)} {unit}, {Verdict(figure <= most)}");
            }
        }

        static string Verdict(bool isMet) => isMet ? "met" : "missed";
    }

    private void Workloads()
    {
        if (_result.Cells.Count == 0)
        {
            return;
        }

        _text.Append("\n## Workloads\n\nMilliseconds a run, medians; lower is better. Bandwidth counts every input read once and every output written once.\n\n");
        List<string> peers = [.. _result.Peers.Select(peer => peer.Name).Where(peer => peer != PeerNames.Fuser && _result.Cells.Any(cell => cell.Subject == peer && cell.Nanoseconds is not null))];
        Table([.. peers.Select(PeerNames.Title).Prepend("this runtime").Prepend("workload"), "GB/s", "share of the copy", "this runtime / best peer"]);
        foreach (var own in OwnCells())
        {
            Row([
                $"{own.Workload} {WorkloadCatalogue.All.FirstOrDefault(workload => workload.Id == own.Workload)?.Formula}",
                Number(own.Nanoseconds?.Median / 1e6),
                .. peers.Select(peer => Number(_result.Find(own.Workload, peer)?.Nanoseconds?.Median / 1e6)),
                Number(own.BytesPerNanosecond),
                _result.RatioToCopy(own) is { } ratio ? ratio.ToString("0.0%", CultureInfo.InvariantCulture) : "",
                Number(own.Nanoseconds?.Median / _result.BestPeer(own.Workload)?.Nanoseconds?.Median),
            ]);
        }
    }

    private void Calls()
    {
        if (_result.Calls.Count == 0)
        {
            return;
        }

        _text.Append("\n## Calls\n\n");
        Table("what", "of", "median", "lowest", "highest");
        foreach (var call in _result.Calls)
        {
            Row([call.What, PeerNames.Title(call.Subject), .. call.Time is { } time ? [$"{Number(time.Median)} {call.Unit}", Number(time.Low), Number(time.High)] : new[] { call.Refusal ?? "", "", "" }]);
        }
    }

    private void Details()
    {
        if (_result.Cells.Count == 0)
        {
            return;
        }

        _text.Append("\n## Every subject\n\nErrors are in units in the last place, against float64; of bytes the largest difference.\n\n");
        Table("workload", "elements", "subject", "ms", "lowest", "highest", "GB/s", "share of the copy", "error", "note");
        foreach (var cell in _result.Cells)
        {
            Row(
                cell.Workload,
                cell.Elements.ToString("N0", CultureInfo.InvariantCulture),
                PeerNames.Title(cell.Subject),
                Number(cell.Nanoseconds?.Median / 1e6),
                Number(cell.Nanoseconds?.Low / 1e6),
                Number(cell.Nanoseconds?.High / 1e6),
                Number(cell.BytesPerNanosecond),
                _result.RatioToCopy(cell) is { } ratio ? ratio.ToString("0.0%", CultureInfo.InvariantCulture) : "",
                Number(cell.Error),
                cell.Refusal ?? cell.Note);
        }
    }

    private IEnumerable<Cell> OwnCells() => _result.Cells.Where(cell => cell.Subject == PeerNames.Fuser);

    private void Table(params IReadOnlyList<string> titles)
    {
        if (_text.Length > 1 && !_text.ToString().EndsWith("\n\n", StringComparison.Ordinal))
        {
            _text.Append('\n');
        }

        Row(titles);
        _text.Append('|').Insert(_text.Length, "---|", titles.Count).Append('\n');
    }

    private void Row(params IReadOnlyList<string> fields) => _text.Append("| ").AppendJoin(" | ", fields.Select(Escaped)).Append(" |\n");

    /// <summary>Errors of libraries come with anything in them.</summary>
    private static string Escaped(string text) => text.ReplaceLineEndings(" / ").Replace("|", "\\|", StringComparison.Ordinal);
}
