using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Partitioning;

namespace Fuser.Kernels.Targets;

/// <summary>Turns a kernel's IR into something that runs. Stateless and safe to call from many threads.</summary>
internal interface IKernelTarget
{
    /// <summary>Short name, e.g. <c>simd</c>.</summary>
    string Name { get; }

    /// <summary>Everything about the machine that changes generated code, e.g. <c>simd/512</c>; part of every kernel's key.</summary>
    string Fingerprint { get; }

    /// <summary>
    /// The target for a group. On the host the launcher walks the loops, and every kernel is the same for it; a device's kernel walks them
    /// itself, and how it does is code: then the fingerprint says so. What a device has no kernel for is compiled for the host.
    /// </summary>
    IKernelTarget For(FusionGroup group) => this;

    /// <param name="cancellationToken">Observed between methods of the code: what the runtime or a driver makes of one of them cannot be interrupted.</param>
    /// <exception cref="CompileException">The kernel cannot be compiled; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Nobody wants the kernel any more.</exception>
    ElementwiseKernel Compile(KernelIr kernel, CancellationToken cancellationToken = default);

    /// <summary>Whether sweeps of a kernel with reductions may leave values per element for later ones.</summary>
    bool KeepsBetweenSweeps => true;

    /// <summary>Compiles a kernel with reductions. In host memory a launcher walks the rows, and calls the code of each stage.</summary>
    /// <exception cref="CompileException">The kernel cannot be compiled; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Nobody wants the kernel any more.</exception>
    CompiledKernel CompileStages(StagedKernelIr stages, CancellationToken cancellationToken = default) => StagedKernel.Compile(stages, this, cancellationToken);

    /// <summary>What combines the values of a row.</summary>
    Combiner Combiner(ReductionKind kind, IrType type);
}
