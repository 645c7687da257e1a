using System.Collections.Immutable;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Actors.Devices;

/// <summary>A device of the system.</summary>
/// <param name="Name">As <c>--device</c> takes it.</param>
/// <param name="Target">What generates its code.</param>
/// <param name="Accelerator">What it is when its kernels run elsewhere than on the host.</param>
/// <param name="RunsOnCaller">Whether a ready kernel runs on the thread of whoever calls. True for the processor: there is no queue to protect, and small arrays would drown in hand-offs.</param>
internal sealed record Device(string Name, string Description, IKernelTarget Target, bool RunsOnCaller, Accelerator? Accelerator = null)
{
    /// <summary>What every machine has.</summary>
    public static ImmutableArray<Device> OfHost(IKernelTarget? target = null)
    {
        var simd = target ?? SimdTarget.Best;
        return
        [
            new Device("cpu", $"processor, {Environment.ProcessorCount} threads, {simd.Fingerprint}", simd, RunsOnCaller: true),
            new Device("interpreter", "every primitive by plain loops, no generated code: the oracle", InterpreterTarget.Instance, RunsOnCaller: false),
        ];
    }

    /// <summary>A device of a driver.</summary>
    public static Device Of(Accelerator accelerator) => new(
        accelerator.Name,
        $"{accelerator.Limits.Name}, {accelerator.Limits.MemoryBytes >> 20} MiB{(accelerator.Limits.SharesMemory ? " shared with the host" : "")}, {accelerator.Limits.Driver}",
        new AcceleratorTarget(accelerator, LaunchForm.Plain),
        RunsOnCaller: false,
        accelerator);
}
