using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets;

/// <summary>Code that runs over a stretch of the inner axis, each element by itself.</summary>
internal abstract class ElementwiseKernel(KernelIr ir, TimeSpan compileTime) : CompiledKernel(compileTime)
{
    public KernelIr Ir { get; } = ir;

    public sealed override int NodeCount => Ir.Nodes.Length;

    /// <summary>
    /// Runs <paramref name="count"/> elements. One pointer per argument of <see cref="KernelIr.Arguments"/>: to the
    /// first element of an input (the only one if it is uniform) or output, to the 8 bytes of a scalar, to the
    /// <see cref="IndexRange"/> of an index. Pointers need no alignment. An output may be the same memory as
    /// an input of the same element size, element for element; any other overlap is the caller's error.
    /// </summary>
    /// <exception cref="DivideByZeroException">An integer was divided by zero.</exception>
    public abstract unsafe void Run(void** arguments, nint count);

    /// <summary>
    /// As <see cref="Run"/>, for outputs that no cache would hold: may write around the caches, which saves reading each line before it is written. Whoever
    /// hands the results to another thread calls <see cref="StreamedResults.Publish"/> first.
    /// </summary>
    /// <exception cref="DivideByZeroException">An integer was divided by zero.</exception>
    public virtual unsafe void RunStreaming(void** arguments, nint count) => Run(arguments, count);
}
