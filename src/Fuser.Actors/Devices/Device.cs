using System.Collections.Immutable;
using Fuser.Kernels;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Actors.Devices;

/// <summary>A device of the system.</summary>
/// <param name="Name">As <c>--device</c> takes it.</param>
/// <param name="Target">What generates its code.</param>
/// <param name="RunsOnCaller">Whether a ready kernel runs on the thread of whoever calls. True for the processor: there is no queue to protect, and small arrays would drown in hand-offs.</param>
internal sealed record Device(string Name, string Description, IKernelTarget Target, bool RunsOnCaller)
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

    /// <exception cref="InputException">There is no such device; the message lists those there are.</exception>
    public static Device Find(ImmutableArray<Device> devices, string name) => devices.FirstOrDefault(device => device.Name == name)
        ?? throw new InputException(ErrorCodes.UnknownDevice, $"there is no device '{name}'; there are {string.Join(", ", devices.Select(device => device.Name))}");
}
