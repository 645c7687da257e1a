using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>A target of the host, for a group in a device's plan that the device has no kernel for. Its kernels are those of any other run there.</summary>
/// <param name="reason">Why the group does not run on the device.</param>
internal sealed class HostTarget(IKernelTarget target, string reason) : IKernelTarget
{
    public string Reason { get; } = reason;

    public string Name => target.Name;

    public string Fingerprint => target.Fingerprint;

    public bool KeepsBetweenSweeps => target.KeepsBetweenSweeps;

    public ElementwiseKernel Compile(KernelIr kernel, CancellationToken cancellationToken = default) => target.Compile(kernel, cancellationToken);

    public CompiledKernel CompileStages(StagedKernelIr stages, CancellationToken cancellationToken = default) => target.CompileStages(stages, cancellationToken);

    public Combiner Combiner(ReductionKind kind, IrType type) => target.Combiner(kind, type);
}
