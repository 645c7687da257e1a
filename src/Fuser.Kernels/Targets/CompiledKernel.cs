namespace Fuser.Kernels.Targets;

/// <summary>
/// Code for one kernel. Outer axes, strides, tiles and threads are the launcher's. Safe to run from many threads at once; holds no
/// memory outside the garbage collector's.
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
}
