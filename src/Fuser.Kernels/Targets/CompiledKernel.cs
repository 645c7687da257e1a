namespace Fuser.Kernels.Targets;

/// <summary>
/// Code for one kernel. Outer axes, strides, tiles and threads are the launcher's. Safe to run from many threads at once. Holds memory outside the garbage
/// collector's only where a device's driver has the code.
/// </summary>
internal abstract class CompiledKernel(TimeSpan compileTime)
{
    public TimeSpan CompileTime { get; } = compileTime;

    /// <summary>Primitives it computes for an element, all together.</summary>
    public abstract int NodeCount { get; }

    /// <summary>What was generated, for a reader: IL, OpenCL C, PTX, or the IR itself.</summary>
    public abstract string Listing { get; }

    /// <summary>An estimate of the memory the code takes, for the cache's limit.</summary>
    public abstract long CodeBytes { get; }

    /// <summary>
    /// Called when no cache holds the kernel any more: gives code that a driver holds back to it as soon as no run uses it. A run that comes
    /// after all loads it again.
    /// </summary>
    public virtual void Retire()
    {
    }
}
