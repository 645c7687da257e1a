using System.Collections.Immutable;
using Fuser.Kernels.Devices.Accelerators.Routines;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// A plan made ready for a device: which steps are kernels of the device, which run on the host in between, and what the kernels touch. Made once; any number
/// of runs may use it at once.
/// </summary>
internal sealed class DevicePlan
{
    private readonly bool[] _isUsed;

    /// <param name="targets">Per group, what compiles it.</param>
    public DevicePlan(Accelerator accelerator, GraphPlan plan, ImmutableArray<Specialisation> specialisations, ImmutableArray<IKernelTarget> targets)
    {
        Accelerator = accelerator;
        Plan = plan;
        Specialisations = specialisations;
        Targets = targets;
        Memory = DeviceMemoryPlan.Of(plan.Buffers, plan.Memory);
        _isUsed = new bool[plan.Buffers.Length];
        var (hostSteps, routines) = (new HostStep?[plan.Steps.Length], new RoutineKernel?[plan.Steps.Length]);
        for (var i = 0; i < plan.Steps.Length; i++)
        {
            if (plan.Steps[i] is not RoutineStep routine)
            {
                hostSteps[i] = HostStep.Of((KernelStep)plan.Steps[i], specialisations, targets);
            }
            else if (accelerator.ReasonAgainst(routine) is { } reason)
            {
                hostSteps[i] = HostStep.Of(routine, reason);
            }
            else
            {
                routines[i] = RoutineKernel.Of(routine, accelerator.RoutineDevice);
            }

            if (hostSteps[i] is null)
            {
                foreach (var access in StepAccess.Of(plan.Steps[i], plan.Groups).Reads)
                {
                    _isUsed[access.Buffer] = true;
                }
            }
        }

        (HostSteps, Routines) = ([.. hostSteps], [.. routines]);
    }

    public Accelerator Accelerator { get; }

    public GraphPlan Plan { get; }

    /// <summary>One per group of the plan.</summary>
    public ImmutableArray<Specialisation> Specialisations { get; }

    /// <summary>Per group, what compiles it: the device's target, or one of the host.</summary>
    public ImmutableArray<IKernelTarget> Targets { get; }

    /// <summary>One per step of the plan; null for those that are kernels of the device.</summary>
    public ImmutableArray<HostStep?> HostSteps { get; }

    /// <summary>Where temporaries are on the device.</summary>
    public DeviceMemoryPlan Memory { get; }

    /// <summary>One per step of the plan; null for those that are no routines of the device.</summary>
    public ImmutableArray<RoutineKernel?> Routines { get; }

    /// <summary>Whether a kernel of the device reads the buffer; an array that none reads is not copied there.</summary>
    public bool IsUsed(int buffer) => _isUsed[buffer];

    /// <summary>Bytes of a buffer of the plan.</summary>
    public long BytesOf(int buffer)
    {
        var planned = Plan.Buffers[buffer];
        return MemorySizes.Exact(Shapes.ElementCount(planned.Shape.AsSpan()), planned.Storage.ItemSize());
    }

    /// <summary>What a call copies whose inputs are in host memory: inputs that kernels of the device read, and results.</summary>
    public DeviceCopies CopiesOfCall()
    {
        var copies = default(DeviceCopies);
        for (var i = 0; i < Plan.Buffers.Length; i++)
        {
            copies += Plan.Buffers[i].Kind switch
            {
                BufferKind.Input when IsUsed(i) => new DeviceCopies(BytesOf(i), 0),
                BufferKind.Output => new DeviceCopies(0, BytesOf(i)),
                _ => default,
            };
        }

        return copies;
    }

    /// <summary>What is copied around a step that runs on the host: all it touches before, except the caller's own arrays, and all it writes behind it.</summary>
    public DeviceCopies CopiesOfStep(int step) => HostSteps[step] is not { } host ? default : new DeviceCopies(
        host.Writes.Aggregate(0L, (sum, buffer) => MemorySizes.Sum(sum, BytesOf(buffer))),
        host.Reads.Union(host.Writes).Where(buffer => Plan.Buffers[buffer].Kind != BufferKind.Input).Aggregate(0L, (sum, buffer) => MemorySizes.Sum(sum, BytesOf(buffer))));
}

/// <summary>Bytes copied between the host and a device.</summary>
internal readonly record struct DeviceCopies(long ToDevice, long ToHost)
{
    public static DeviceCopies operator +(DeviceCopies a, DeviceCopies b) => new(MemorySizes.Sum(a.ToDevice, b.ToDevice), MemorySizes.Sum(a.ToHost, b.ToHost));
}
