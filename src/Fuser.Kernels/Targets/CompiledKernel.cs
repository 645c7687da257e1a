using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets;

/// <summary>
/// Code for one kernel: it runs over a stretch of the inner axis. Outer axes, strides, tiles and threads are
/// the launcher's. Safe to run from many threads at once. Holds memory outside the garbage collector's only where a device's driver has the code.
/// </summary>
internal abstract class CompiledKernel
{
    protected CompiledKernel(KernelIr ir, TimeSpan compileTime)
    {
        Ir = ir;
        CompileTime = compileTime;
    }

    public KernelIr Ir { get; }

    public TimeSpan CompileTime { get; }

    /// <summary>What was generated, for a reader: IL, OpenCL C, PTX, or the IR itself.</summary>
    public abstract string Listing { get; }

    /// <summary>An estimate of the memory the code takes, for the cache's limit.</summary>
    public abstract long CodeBytes { get; }

    /// <summary>
    /// Runs <paramref name="count"/> elements. One pointer per argument of <see cref="KernelIr.Arguments"/>: to the
    /// first element of an input (the only one if it is uniform) or output, to the 8 bytes of a scalar, to the
    /// <see cref="IndexRange"/> of an index. Pointers need no alignment. An output may be the same memory as
    /// an input of the same element size, element for element; any other overlap is the caller's error.
    /// </summary>
    /// <exception cref="DivideByZeroException">An integer was divided by zero.</exception>
    public abstract unsafe void Run(void** arguments, nint count);

    /// <summary>
    /// Called when no cache holds the kernel any more: gives code that a driver holds back to it as soon as no run uses it. A run that comes
    /// after all loads it again.
    /// </summary>
    public virtual void Retire()
    {
    }
}
