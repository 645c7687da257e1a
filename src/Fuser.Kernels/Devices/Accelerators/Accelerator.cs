using System.Diagnostics;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// A device of a driver, opened when it is first needed and again after it was lost. What is on it belongs to its sessions; this is what lasts.
/// </summary>
internal abstract class Accelerator(string name, DeviceLimits limits)
{
    private readonly Lock _gate = new();
    private DeviceSession? _session;

    /// <summary>As <c>--device</c> takes it.</summary>
    public string Name { get; } = name;

    public DeviceLimits Limits { get; } = limits;

    /// <summary>Whether kernels gain from accesses of 16 bytes.</summary>
    public abstract bool UsesVectors { get; }

    /// <summary>Name of the kind of code it takes.</summary>
    public abstract string TargetName { get; }

    /// <summary>The session, opened if there is none.</summary>
    /// <exception cref="LaunchException">The device cannot be opened.</exception>
    public DeviceSession Open()
    {
        lock (_gate)
        {
            return _session ??= CreateSession();
        }
    }

    /// <summary>Ends the session. What it held is gone; the next <see cref="Open"/> makes another.</summary>
    public void Close()
    {
        DeviceSession? ended;
        lock (_gate)
        {
            (ended, _session) = (_session, null);
        }

        ended?.Dispose();
    }

    /// <summary>Prints a kernel for this device.</summary>
    /// <exception cref="CompileException">The device's language cannot express it.</exception>
    public abstract DeviceCode Print(KernelIr ir, LaunchForm form);

    protected abstract DeviceSession CreateSession();
}

/// <summary>Compiles elementwise kernels for a device, in one form of launch. Kernels with reductions are the host's: they run there, between those of the device.</summary>
internal sealed class AcceleratorTarget(Accelerator accelerator, LaunchForm form) : IKernelTarget
{
    public string Name => accelerator.TargetName;

    public string Fingerprint { get; } = $"{accelerator.TargetName}/{accelerator.Name}/{form}";

    public IKernelTarget For(FusionGroup group) => group.Domain.HasReductions
        ? SimdTarget.Best
        : new AcceleratorTarget(accelerator, LaunchForm.Of(group, LoopNest.Of(group), accelerator.UsesVectors));

    public Combiner Combiner(ReductionKind kind, IrType type) =>
        throw new InternalFuserException(ErrorCodes.Internal, $"device {accelerator.Name} was asked for a {kind} of {type.Text()}; rows are combined on the host");

    public ElementwiseKernel Compile(KernelIr kernel)
    {
        var started = Stopwatch.GetTimestamp();
        var code = accelerator.Print(kernel, form);
        var limits = accelerator.Limits;
        if (code.Parameters.Bytes > limits.ParameterBytes)
        {
            throw new CompileException(ErrorCodes.TargetUnsupported, $"kernel {kernel.Name} has {kernel.Arguments.Length} arguments in {code.Parameters.Bytes} bytes, device {accelerator.Name} takes {limits.ParameterBytes}; run it on cpu, or split the graph");
        }

        if (!limits.HasDoubles && kernel.Nodes.Any(node => node.Type == IrType.Float64))
        {
            throw new CompileException(ErrorCodes.TargetUnsupported, $"kernel {kernel.Name} computes with float64, which device {accelerator.Name} ({limits.Name}) does not; run it on cpu, or use float32 throughout");
        }

        var session = accelerator.Open();
        LoadedCode loaded;
        try
        {
            loaded = session.Load(code);
        }
        catch (LaunchException error) when (error.Code == ErrorCodes.DeviceLost)
        {
            accelerator.Close(); // whoever comes next finds a new session; the device's owner finds this one lost when it uses it
            throw;
        }

        var compiled = new DeviceKernel(accelerator, code, Stopwatch.GetElapsedTime(started));
        compiled.Adopt(session, loaded);
        return compiled;
    }
}
