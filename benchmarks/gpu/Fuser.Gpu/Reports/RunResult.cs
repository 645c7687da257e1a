using Fuser.Compare.Measuring;
using Fuser.Compare.Reports;

namespace Fuser.Gpu.Reports;

/// <summary>Everything a run found, as it is written to the JSON file. What was not asked for is null or empty.</summary>
internal sealed record RunResult(
    MachineDescription Machine,
    DeviceResult Device,
    RunDescription Run,
    ProbeResult? Probe,
    CorpusResult? Corpus,
    IReadOnlyList<PeerDescription> Peers,
    IReadOnlyList<Cell> Cells,
    IReadOnlyList<CallCost> Calls)
{
    /// <summary>Units in the last place, or steps of an integer, beyond which a result is not rounded otherwise but wrong.</summary>
    public const double WrongFrom = 1000;

    /// <summary>What gave wrong results or failed, of this runtime; of a peer it is only noted.</summary>
    public IEnumerable<string> Failures =>
    [
        .. Probe is { Difference: { } difference } ? [$"the exactness probe: {difference}"] : Array.Empty<string>(),
        .. Corpus?.Differences ?? [],
        .. Cells.Where(cell => cell.Subject == Gpu.Peers.PeerNames.Fuser && cell.Refusal is not null).Select(cell => $"{cell.Workload}: {cell.Refusal}"),
        .. Cells.Where(cell => cell.Subject == Gpu.Peers.PeerNames.Fuser && cell.Error >= WrongFrom).Select(cell => $"{cell.Workload}: the largest error is {MarkdownReport.Number(cell.Error)}"),
    ];

    public Cell? Find(string workload, string subject) => Cells.FirstOrDefault(cell => cell.Workload == workload && cell.Subject == subject);

    /// <summary>Bytes moved in a second, as a share of what the copy moved in the same turns.</summary>
    public double? RatioToCopy(Cell cell) => cell.BytesPerNanosecond / Find(cell.Workload, Gpu.Peers.PeerNames.Copy)?.BytesPerNanosecond;

    /// <summary>The fastest peer at a workload, this runtime and the copy not counted; wrong results are no competition.</summary>
    public Cell? BestPeer(string workload) => Cells
        .Where(cell => cell.Workload == workload && cell.Subject is not (Gpu.Peers.PeerNames.Fuser or Gpu.Peers.PeerNames.Copy) && cell.Nanoseconds is not null && cell.Error < WrongFrom)
        .MinBy(cell => cell.Nanoseconds!.Median);
}

/// <summary>The device that ran.</summary>
internal sealed record DeviceResult(string Name, string Description, string Driver, string Architecture, long MemoryBytes);

/// <summary>How the run was made.</summary>
/// <param name="Timer">What the device was timed with.</param>
internal sealed record RunDescription(DateTimeOffset Started, TimeSpan Duration, string Version, string Commit, long Elements, int Rounds, double Milliseconds, string Timer, bool PeersOnProcessor);

/// <summary>What the exactness probe found.</summary>
internal sealed record ProbeResult(string? Difference, double Seconds);

/// <summary>What the corpus showed.</summary>
/// <param name="Differences">Cases whose bits are not those of the processor, or that failed.</param>
/// <param name="OnFallback">Cases that the device left to the host, and why.</param>
internal sealed record CorpusResult(int Cases, IReadOnlyList<string> Differences, IReadOnlyList<string> OnFallback);

/// <summary>A subject, or why it was not there.</summary>
internal sealed record PeerDescription(string Name, string Title, IReadOnlyList<string> Versions, string? Skipped);

/// <summary>One subject at one workload.</summary>
/// <param name="Bytes">That a run has to move: inputs read once, outputs written once.</param>
/// <param name="Nanoseconds">A run; null when there is no time.</param>
/// <param name="Error">As <see cref="Compare.References.ErrorMeasure"/> has it; null for what computes nothing.</param>
/// <param name="Refusal">Why there is no time.</param>
internal sealed record Cell(string Workload, long Elements, long Bytes, string Subject, Summary? Nanoseconds, double? Error, string Note, string? Refusal)
{
    /// <summary>The same number as GB/s.</summary>
    public double? BytesPerNanosecond => Bytes / Nanoseconds?.Median;
}

/// <summary>What a call costs that computes next to nothing, or a compile.</summary>
internal sealed record CallCost(string What, string Subject, string Unit, Summary? Time, string? Refusal);
