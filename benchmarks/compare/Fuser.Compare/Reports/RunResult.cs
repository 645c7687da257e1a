using Fuser.Compare.Measuring;

namespace Fuser.Compare.Reports;

/// <summary>Everything a run found, as it is written to the JSON file.</summary>
internal sealed record RunResult(
    MachineDescription Machine,
    RunDescription Run,
    IReadOnlyList<PeerDescription> Peers,
    IReadOnlyList<Cell> Cells,
    IReadOnlyList<ColdStart> ColdStarts,
    IReadOnlyList<CallCost> Calls,
    IReadOnlyList<Crossover> Crossovers,
    IReadOnlyList<Throughput> Throughputs)
{
    /// <summary>The best that memory allows in a place of the tables: the fastest of the bare loops on as many threads or fewer, because a second thread has to be woken.</summary>
    public Cell? Limit(string workload, long size, int threads) => Fastest(cell =>
        cell.Workload == workload && cell.Size == size && cell.Threads <= threads && Peers.Any(peer => peer.Name == cell.Peer && peer.IsLimit));

    /// <summary>The fastest peer in a place of the tables, this runtime and the bare loops not counted.</summary>
    public Cell? BestPeer(string workload, long size, int threads) => Fastest(cell =>
        cell.Workload == workload && cell.Size == size && cell.Threads == threads && Peers.Any(peer => peer.Name == cell.Peer && !peer.IsLimit && !peer.IsRuntime));

    public Cell? Find(string workload, long size, int threads, string peer) =>
        Cells.FirstOrDefault(cell => cell.Workload == workload && cell.Size == size && cell.Threads == threads && cell.Peer == peer);

    private Cell? Fastest(Func<Cell, bool> counts) => Cells.Where(cell => cell.Nanoseconds is not null && counts(cell)).MinBy(cell => cell.Nanoseconds!.Median);
}

/// <summary>How the run was made.</summary>
/// <param name="LoadBefore">Threads that ran or waited in the minute before.</param>
/// <param name="StolenTime">Share of the processors' time that other machines of the host took during the run.</param>
internal sealed record RunDescription(DateTimeOffset Started, TimeSpan Duration, string Commit, bool Quick, int Rounds, double Milliseconds, double LoadBefore, double StolenTime);

/// <summary>A subject of the comparison, or why it was not there.</summary>
internal sealed record PeerDescription(string Name, string Title, bool IsLimit, bool IsRuntime, IReadOnlyList<string> Versions, string? Skipped);

/// <summary>One peer in one place of the tables.</summary>
/// <param name="Nanoseconds">Per element of the output's shape; null when there is no time.</param>
/// <param name="Error">As <see cref="References.ErrorMeasure"/> has it; null for what computes nothing.</param>
/// <param name="Refusal">Why there is no time.</param>
internal sealed record Cell(string Workload, long Size, int Threads, string Peer, Summary? Nanoseconds, double? Error, string Note, string? Refusal);

/// <summary>From the text of a computation to its first result.</summary>
internal sealed record ColdStart(string What, string Peer, Summary? Milliseconds, string? Refusal);

/// <summary>What a call of this runtime costs that computes next to nothing.</summary>
internal sealed record CallCost(string Call, Summary Nanoseconds, double Bytes);

/// <summary>This runtime on one thread and on all, by size.</summary>
internal sealed record Crossover(string Workload, long Size, int Threads, Summary One, Summary All);

/// <summary>Calls of 16 elements by several threads at once.</summary>
internal sealed record Throughput(int Threads, bool OwnFunctions, Summary MillionsPerSecond);
