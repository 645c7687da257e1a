using System.Collections.Immutable;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Caching;

/// <summary>The kernels one run holds, so that they are not evicted meanwhile. Reused from run to run by a thread.</summary>
internal sealed class LeasedKernels
{
    private CompiledKernel?[] _kernels = new CompiledKernel?[4];
    private KernelSlot?[] _slots = new KernelSlot?[4];
    private int _count;

    public ReadOnlySpan<CompiledKernel> Kernels => _kernels.AsSpan(0, _count)!;

    /// <summary>Holds kernels that are at hand already. One that was evicted since is run all the same, and is nobody's afterwards.</summary>
    public void Take(ImmutableArray<KernelReady> ready)
    {
        Prepare(ready.Length);
        foreach (var kernel in ready)
        {
            Add(kernel.Slot.Acquire() is null ? null : kernel.Slot, kernel.Kernel);
        }
    }

    public void Prepare(int count)
    {
        if (_kernels.Length < count)
        {
            _kernels = new CompiledKernel?[count];
            _slots = new KernelSlot?[count];
        }
    }

    public void Add(KernelSlot? slot, CompiledKernel kernel)
    {
        _slots[_count] = slot;
        _kernels[_count++] = kernel;
    }

    public void Release()
    {
        for (var i = 0; i < _count; i++)
        {
            _slots[i]?.Release();
            _slots[i] = null;
            _kernels[i] = null; // a thread that idles must not keep evicted code alive
        }

        _count = 0;
    }
}
