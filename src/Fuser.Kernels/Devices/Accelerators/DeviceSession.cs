using System.Collections.Immutable;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// An opened device: what its memory, its code and its queues belong to. A device that is lost takes its session with it; another is opened then. All
/// members may be called from any thread.
/// </summary>
internal abstract unsafe class DeviceSession : IDisposable
{
    public abstract DeviceLimits Limits { get; }

    /// <summary>Memory of the device, not cleared; 0 when there is not that much.</summary>
    /// <exception cref="LaunchException">The device failed otherwise.</exception>
    public abstract nint TryAllocate(long bytes);

    public abstract void Free(nint buffer);

    /// <summary>Gives memory that is kept for later allocations back to the device.</summary>
    public abstract void Trim();

    /// <summary>Host memory as a buffer, without a copy, until it is freed; 0 where that is not possible.</summary>
    /// <param name="itemSize">Bytes of an element.</param>
    public abstract nint TryWrap(byte* host, long bytes, int itemSize);

    /// <summary>Turns a kernel's text, or the image of an earlier compile, into code of this session.</summary>
    /// <exception cref="CompileException">The driver refused it; the message has its log.</exception>
    public abstract LoadedCode Load(DeviceCode code);

    /// <summary>Turns the texts of kernels that are run once into code, together where that takes less; nothing of it is kept.</summary>
    /// <exception cref="CompileException">The driver refused one; the message has its log.</exception>
    public virtual ImmutableArray<LoadedCode> LoadOnce(ImmutableArray<DeviceCode> codes)
    {
        var loaded = ImmutableArray.CreateBuilder<LoadedCode>(codes.Length);
        try
        {
            foreach (var code in codes)
            {
                loaded.Add(Load(code));
            }

            return loaded.MoveToImmutable();
        }
        catch
        {
            foreach (var code in loaded)
            {
                code.Dispose();
            }

            throw;
        }
    }

    public abstract DeviceQueue CreateQueue();

    public abstract void Dispose();
}

/// <summary>Code of a kernel in a session.</summary>
internal abstract class LoadedCode : IDisposable
{
    /// <summary>Its size in bytes, or an estimate.</summary>
    public abstract long Bytes { get; }

    public abstract void Dispose();
}

/// <summary>
/// Commands for a device, done in order. Used by one thread at a time. Host memory that is handed in stays where it is, and is not touched,
/// until <see cref="Finish"/> returns.
/// </summary>
internal abstract unsafe class DeviceQueue : IDisposable
{
    public abstract void Write(nint buffer, byte* source, long bytes);

    public abstract void Read(nint buffer, byte* destination, long bytes);

    public abstract void Copy(nint source, nint destination, long bytes);

    /// <summary>Makes what kernels wrote into wrapped host memory visible to the host.</summary>
    public abstract void ReadWrapped(nint buffer, long bytes);

    /// <summary>Where the host may read and write a buffer until <see cref="Unmap"/>, after what was begun before; null where the device's memory is none of the host's.</summary>
    public virtual byte* TryMap(nint buffer, long bytes) => null;

    /// <summary>Gives a buffer back that the host has worked on.</summary>
    public virtual void Unmap(nint buffer, byte* mapped) => throw new InternalFuserException(ErrorCodes.Internal, "a buffer was given back that nobody has taken");

    /// <summary>Starts a kernel.</summary>
    /// <param name="parameters">One value per parameter, in its low bytes; buffers by handle.</param>
    /// <param name="items">How many work items are needed at least.</param>
    public abstract void Launch(LoadedCode code, DeviceCode kernel, ReadOnlySpan<ulong> parameters, long items);

    /// <summary>Waits for all commands.</summary>
    /// <exception cref="LaunchException">One of them failed.</exception>
    public abstract void Finish();

    /// <summary>
    /// Starts to record launches instead of starting them one by one, where the driver can start a whole plan at once. Does nothing elsewhere.
    /// </summary>
    public virtual void BeginPlan(int kernels)
    {
    }

    /// <summary>Starts what was recorded since <see cref="BeginPlan"/>.</summary>
    public virtual void EndPlan()
    {
    }

    /// <summary>A stop-watch for this queue: the device's own, where the driver has one.</summary>
    public virtual DeviceTimer CreateTimer() => new ClockTimer(this);

    public abstract void Dispose();
}
