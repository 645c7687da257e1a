using System.Collections.Immutable;
using Fuser.Kernels.Devices.Routines;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// A step that has no kernel on the device, and runs on the host between those that have: groups and routines that the device cannot compute, or that are faster there. What it reads is copied from the device
/// before, and what it writes is copied back.
/// </summary>
internal sealed unsafe class HostStep
{
    private readonly int _group;
    private readonly GroupLaunch? _launch;
    private readonly RoutineLaunch? _routine;

    private HostStep(string reason, ImmutableArray<int> reads, ImmutableArray<int> writes, int group, GroupLaunch? launch, RoutineLaunch? routine)
    {
        Reason = reason;
        Reads = reads;
        Writes = writes;
        _group = group;
        _launch = launch;
        _routine = routine;
    }

    /// <summary>Why it does not run on the device.</summary>
    public string Reason { get; }

    /// <summary>Buffers of the plan, each once.</summary>
    public ImmutableArray<int> Reads { get; }

    /// <summary>Buffers of the plan, each once. A part of one may be all that is written.</summary>
    public ImmutableArray<int> Writes { get; }

    /// <param name="reason">Why the device does not run it.</param>
    public static HostStep Of(RoutineStep step, string reason) => new(
        reason,
        [.. step.Inputs.Select(input => input.Buffer).Distinct()],
        [.. step.Outputs.Select(output => output.Buffer).Distinct()],
        -1,
        null,
        RoutineLaunch.Of(step));

    /// <summary>Null when the step is a kernel of the device.</summary>
    public static HostStep? Of(KernelStep step, ImmutableArray<Specialisation> specialisations, ImmutableArray<IKernelTarget> targets)
    {
        var group = step.Group;
        var specialisation = specialisations[group];
        return targets[group] is not HostTarget host ? null : new HostStep(
            host.Reason,
            [.. specialisation.Group.Inputs.OfType<TensorInput>().Select(input => input.Buffer).Distinct()],
            [.. specialisation.Group.Outputs.Select(output => output.Buffer).Distinct()],
            group,
            GroupLaunch.Of(specialisation),
            null);
    }

    /// <param name="buffers">One pointer per buffer of the plan, to its first element; those that the step does not touch may be null.</param>
    /// <param name="numbers">The plan's numbers, 8 bytes each.</param>
    /// <exception cref="InputException">An integer was divided by zero, or an index was none.</exception>
    public void Run(ReadOnlySpan<CompiledKernel> kernels, byte** buffers, long* numbers, long seed, int threads)
    {
        if (_routine is not null)
        {
            _routine.Run(buffers, threads);
        }
        else
        {
            _launch!.Run(kernels[_group], buffers, numbers, seed, threads);
        }
    }
}
