using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Targets;

/// <summary>Turns a kernel's IR into something that runs. Stateless and safe to call from many threads.</summary>
internal interface IKernelTarget
{
    /// <summary>Short name, e.g. <c>simd</c>.</summary>
    string Name { get; }

    /// <summary>Everything about the machine that changes generated code, e.g. <c>simd/512</c>; part of every kernel's key.</summary>
    string Fingerprint { get; }

    /// <exception cref="CompileException">The kernel cannot be compiled; the message says why.</exception>
    ElementwiseKernel Compile(KernelIr kernel);

    /// <summary>What combines the values of a row.</summary>
    Combiner Combiner(ReductionKind kind, IrType type);
}
