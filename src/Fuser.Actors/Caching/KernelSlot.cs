using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Caching;

/// <summary>
/// A finished kernel as handles see it. They keep the slot, not the kernel, so that eviction frees the code while handles live on; and
/// they take a lease for each run, so that nothing running is evicted.
/// </summary>
internal sealed class KernelSlot(ArgSpec arguments, CompiledKernel kernel)
{
    private readonly LeaseCounter _leases = new();
    private readonly Lock _retiring = new();
    private CompiledKernel? _kernel = kernel;
    private long _lastUsed = Environment.TickCount64;

    public ArgSpec Arguments { get; } = arguments;

    public long CodeBytes { get; } = kernel.CodeBytes;

    /// <summary>Milliseconds of the system's tick count; what eviction orders by.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    public bool IsRetired => Volatile.Read(ref _kernel) is null;

    /// <summary>Whether a run holds the kernel.</summary>
    public bool IsRunning => _leases.AnyTaken;

    /// <summary>The kernel for one run, or null when it was evicted. Every kernel got is given back with <see cref="Release"/>.</summary>
    public CompiledKernel? Acquire()
    {
        _leases.Take();
        var held = Volatile.Read(ref _kernel);
        if (held is null)
        {
            _leases.Give();
            return null;
        }

        var now = Environment.TickCount64;
        if (_lastUsed != now)
        {
            Volatile.Write(ref _lastUsed, now); // only when it changed: a write per run would bounce the line between threads
        }

        return held;
    }

    /// <summary>The kernel to use without a lease, or null when it was evicted. What is in hand cannot be lost, whatever becomes of the slot.</summary>
    public KernelReady? Find()
    {
        if (Acquire() is not { } held)
        {
            return null;
        }

        Release();
        return new KernelReady(this, held, Cached: true);
    }

    public void Release() => _leases.Give();

    /// <summary>Frees the kernel unless a run has it, or it is free already.</summary>
    public bool TryRetire()
    {
        lock (_retiring)
        {
            var held = _kernel;
            if (held is null || _leases.AnyTaken)
            {
                return false;
            }

            Volatile.Write(ref _kernel, null);
            Interlocked.MemoryBarrier();
            if (!_leases.AnyTaken)
            {
                held.Retire();
                return true;
            }

            // A run took its lease in between; whether it saw the kernel or null, putting it back is right.
            Volatile.Write(ref _kernel, held);
            return false;
        }
    }

    /// <summary>Frees the kernel for new runs whatever runs now; a run under way keeps what it has.</summary>
    public void Retire()
    {
        lock (_retiring)
        {
            var held = _kernel;
            Volatile.Write(ref _kernel, null);
            held?.Retire();
        }
    }
}
