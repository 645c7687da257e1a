using Fuser.Compare.Measuring;
using Fuser.Host.Measuring;

namespace Fuser.Compare.Peers;

/// <summary>
/// The bare loop over the arrays that the runtime works on, in its process: what the same pages, cores and .NET allow. Arrays are cut into
/// streams of one length, that of the largest output or, where outputs are small, of the largest input; what is much shorter is left out.
/// </summary>
internal sealed unsafe class BareLoopSubject : IDisposable
{
    private const int SmallOutput = 8;
    private const double TrySeconds = 0.01;
    private const int Tries = 3;

    private readonly nint[] _reads;
    private readonly nint[] _writes;
    private readonly nint _bytes;
    private readonly Dictionary<int, ThreadTeam> _teams = [];
    private readonly Dictionary<int, (bool Wide, bool NonTemporal)> _chosen = [];

    public BareLoopSubject(PeerArrays arrays)
    {
        _bytes = (nint)arrays.Outputs.Max(i => arrays.Specs[i].Bytes);
        var input = arrays.Inputs.Max(i => arrays.Specs[i].Bytes);
        _bytes = _bytes * SmallOutput < input ? (nint)input : _bytes;
        _reads = [.. arrays.Inputs.SelectMany(i => Streams(arrays, i))];
        _writes = [.. arrays.Outputs.SelectMany(i => Streams(arrays, i))];
    }

    /// <summary>The fastest way of doing it, in words; tried out the first time.</summary>
    public string Describe(int threads)
    {
        var (wide, nonTemporal) = Choose(threads);
        return $"{(wide ? 512 : 256)}-bit, {(nonTemporal ? "stores around the caches" : "ordinary stores")}";
    }

    public Action Call(int threads)
    {
        var (wide, nonTemporal) = Choose(threads);
        return Call(threads, wide, nonTemporal);
    }

    public void Dispose()
    {
        foreach (var team in _teams.Values)
        {
            team.Dispose();
        }
    }

    private (bool Wide, bool NonTemporal) Choose(int threads)
    {
        if (_chosen.TryGetValue(threads, out var chosen))
        {
            return chosen;
        }

        var best = double.MaxValue;
        foreach (var (wide, nonTemporal) in from wide in new[] { true, false } from nonTemporal in new[] { false, true } select (wide, nonTemporal))
        {
            var call = Call(threads, wide, nonTemporal);
            var time = Enumerable.Range(0, Tries).Min(_ => Clock.Measure(call, TrySeconds).Nanoseconds);
            if (time < best)
            {
                (best, chosen) = (time, (wide, nonTemporal));
            }
        }

        return _chosen[threads] = chosen;
    }

    private Action Call(int threads, bool wide, bool nonTemporal)
    {
        if (threads == 1)
        {
            return () => BareLoop.Run(_reads, _writes, 0, _bytes, wide, nonTemporal);
        }

        if (!_teams.TryGetValue(threads, out var team))
        {
            _teams.Add(threads, team = new ThreadTeam(threads));
        }

        Action<int> part = member => BareLoop.Run(_reads, _writes, Boundary(member, threads), Boundary(member + 1, threads), wide, nonTemporal);
        return () => team.Run(part);
    }

    /// <summary>Parts end at page boundaries, so that no two threads write to one cache line.</summary>
    private nint Boundary(int part, int parts) => part == parts ? _bytes : (nint)(_bytes * (long)part / parts) & ~4095;

    private IEnumerable<nint> Streams(PeerArrays arrays, int array)
    {
        var start = arrays.Memories[array].Start;
        for (nint i = 0; i + _bytes <= (nint)arrays.Specs[array].Bytes; i += _bytes)
        {
            yield return start + i;
        }
    }
}
