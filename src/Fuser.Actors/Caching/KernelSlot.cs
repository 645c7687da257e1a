using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Caching;

/// <summary>
/// A finished kernel as handles see it. They keep the slot, not the kernel, so that eviction frees the code while handles live on; and
/// they take a lease for each run, so that nothing running is evicted.
/// </summary>
internal sealed class KernelSlot(ArgSpec arguments, CompiledKernel kernel)
{
    private readonly StripedCounter _leases = new();
    private CompiledKernel? _kernel = kernel;
    private long _lastUsed = Environment.TickCount64;

    public ArgSpec Arguments { get; } = arguments;

    public long CodeBytes { get; } = kernel.CodeBytes;

    /// <summary>Milliseconds of the system's tick count; what eviction orders by.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    public bool IsRetired => Volatile.Read(ref _kernel) is null;

    /// <summary>The kernel for one run, or null when it was evicted. Every kernel got is given back with <see cref="Release"/>.</summary>
    public CompiledKernel? Acquire()
    {
        _leases.Add(1);
        var current = Volatile.Read(ref _kernel);
        if (current is null)
        {
            _leases.Add(-1);
            return null;
        }

        var now = Environment.TickCount64;
        if (_lastUsed != now)
        {
            Volatile.Write(ref _lastUsed, now); // only when it changed: a write per run would bounce the line between threads
        }

        return current;
    }

    public void Release() => _leases.Add(-1);

    /// <summary>Frees the kernel unless a run has it. Called by the owning actor only.</summary>
    public bool TryRetire()
    {
        var current = _kernel;
        if (_leases.Value != 0)
        {
            return false;
        }

        Volatile.Write(ref _kernel, null);
        Interlocked.MemoryBarrier();
        if (_leases.Value == 0)
        {
            return true;
        }

        // A run took its lease in between; whether it saw the kernel or null, putting it back is right.
        Volatile.Write(ref _kernel, current);
        return false;
    }

    /// <summary>Frees the kernel for new runs whatever runs now; a run under way keeps what it has.</summary>
    public void Retire() => Volatile.Write(ref _kernel, null);
}
