using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Host.Measuring;

/// <summary>
/// The best that memory allows for some arrays read once and others written once, on some threads: every variant of the bare loop is
/// tried on these very arrays and the fastest is measured.
/// </summary>
internal sealed unsafe class BandwidthLimit : IDisposable
{
    private readonly List<(long Bytes, nint[] Reads, nint[] Writes)> _groups = [];
    private readonly ThreadTeam _team;
    private readonly Action<int> _runAll;
    private readonly Action<int> _runAlone;
    private bool _wide;
    private bool _nonTemporal;
    private bool _alone;

    public BandwidthLimit(IReadOnlyCollection<BenchArray> reads, IReadOnlyCollection<BenchArray> writes, int threads)
    {
        // Arrays of one size share a loop, as they would in a kernel.
        foreach (var bytes in reads.Concat(writes).Select(a => a.Bytes).Where(b => b > 0).Distinct())
        {
            _groups.Add((bytes, Addresses(reads, bytes), Addresses(writes, bytes)));
        }

        _team = new ThreadTeam(threads);
        _runAll = member => RunPart(member, _team.Members);
        _runAlone = member => RunPart(member, 1);
    }

    /// <summary>What the chosen loop does, in words.</summary>
    public string Chosen => $"{(_wide ? 512 : 256)}-bit, {(_nonTemporal ? "non-temporal" : "ordinary")} stores, threads: {(_alone ? 1 : _team.Members)}";

    /// <summary>Times every variant and keeps the fastest for <see cref="Run"/>.</summary>
    /// <param name="seconds">Time for all variants together, about.</param>
    public void Choose(double seconds)
    {
        bool[] widths = Vector512.IsHardwareAccelerated || Avx512F.IsSupported ? [true, false] : [false];
        bool[] alone = _team.Members > 1 ? [false, true] : [false];
        var best = double.MaxValue;
        var chosen = (Wide: false, NonTemporal: false, Alone: false);
        foreach (var (wide, nonTemporal, single) in
            from wide in widths from nonTemporal in new[] { false, true } from single in alone select (wide, nonTemporal, single))
        {
            (_wide, _nonTemporal, _alone) = (wide, nonTemporal, single);
            Run();
            var samples = new Samples();
            samples.Collect(Run, seconds / (widths.Length * alone.Length * 2));
            if (samples.Median < best)
            {
                best = samples.Median;
                chosen = (wide, nonTemporal, single);
            }
        }

        (_wide, _nonTemporal, _alone) = chosen;
    }

    /// <summary>Moves all arrays once.</summary>
    public void Run()
    {
        if (_alone)
        {
            _runAlone(0);
        }
        else
        {
            _team.Run(_runAll);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _team.Dispose();

    private static nint[] Addresses(IEnumerable<BenchArray> arrays, long bytes) => [.. arrays.Where(a => a.Bytes == bytes).Select(a => (nint)a.Address)];

    private void RunPart(int member, int members)
    {
        foreach (var (bytes, reads, writes) in _groups)
        {
            var start = Boundary(bytes, member, members);
            var end = Boundary(bytes, member + 1, members);
            BareLoop.Run(reads, writes, start, end, _wide, _nonTemporal);
        }
    }

    /// <summary>Parts end at page boundaries, so that no two threads write to one cache line.</summary>
    private static nint Boundary(long bytes, int part, int parts) => part == parts ? (nint)bytes : (nint)((long)((Int128)bytes * part / parts) & ~4095L);
}
