using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Devices;

/// <summary>
/// Where runs go that were left open to the cheapest device, for one signature: each device is tried a few times, then the one whose best run took least gets all that follow. What is measured is the whole
/// run, with its copies. The best counts and not the mean, because the first run of a device compiles.
/// </summary>
internal sealed class DeviceChoice
{
    /// <summary>The first compiles, the second finds memory that was taken already, the third is like all that follow.</summary>
    public const int Trials = 3;

    private readonly Lock _gate = new();
    private readonly Signature? _signature;
    private readonly Candidate[] _candidates;

    /// <param name="signature">Of the inputs; null for a test that has none.</param>
    /// <param name="count">Devices there are. The first is the host, and there whatever happens.</param>
    public DeviceChoice(Signature? signature, int count)
    {
        _signature = signature;
        _candidates = [.. Enumerable.Range(0, count).Select(_ => new Candidate())];
    }

    public bool Matches(ReadOnlySpan<FuserValue> inputs) => _signature?.Matches(inputs) ?? true;

    /// <summary>The device of the next run.</summary>
    public int Next()
    {
        lock (_gate)
        {
            var next = Array.FindIndex(_candidates, candidate => !candidate.IsExcluded && candidate.Begun < Trials);
            if (next < 0)
            {
                next = 0;
                for (var i = 1; i < _candidates.Length; i++)
                {
                    next = !_candidates[i].IsExcluded && _candidates[i].Least < _candidates[next].Least ? i : next;
                }
            }

            _candidates[next].Begun = Math.Min(_candidates[next].Begun + 1, Trials);
            return next;
        }
    }

    /// <summary>A run on the device has ended and took so long.</summary>
    public void Record(int device, TimeSpan time)
    {
        lock (_gate)
        {
            _candidates[device].Least = time < _candidates[device].Least ? time : _candidates[device].Least;
        }
    }

    /// <summary>The device failed: nothing goes there any more.</summary>
    /// <returns>False for the host, behind which there is nothing else.</returns>
    public bool Exclude(int device)
    {
        lock (_gate)
        {
            return device > 0 && (_candidates[device].IsExcluded = true);
        }
    }

    private sealed class Candidate
    {
        public int Begun { get; set; }

        public TimeSpan Least { get; set; } = TimeSpan.MaxValue;

        public bool IsExcluded { get; set; }
    }
}
