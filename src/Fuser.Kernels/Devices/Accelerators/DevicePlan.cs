using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// A plan made ready for a device: which steps are kernels of the device, which run on the host in between, and what the kernels touch. Made once; any number
/// of runs may use it at once.
/// </summary>
internal sealed class DevicePlan
{
    private readonly bool[] _isUsed;

    /// <param name="targets">Per group, what compiles it.</param>
    public DevicePlan(GraphPlan plan, ImmutableArray<Specialisation> specialisations, ImmutableArray<IKernelTarget> targets)
    {
        Plan = plan;
        Specialisations = specialisations;
        HostSteps = ImmutableArray.CreateRange(plan.Steps, step => HostStep.Of(step, specialisations, targets));
        _isUsed = new bool[plan.Buffers.Length];
        for (var i = 0; i < plan.Steps.Length; i++)
        {
            if (HostSteps[i] is not null)
            {
                continue;
            }

            var group = plan.Groups[((KernelStep)plan.Steps[i]).Group];
            foreach (var tensor in group.Inputs.OfType<TensorInput>())
            {
                _isUsed[tensor.Buffer] = true;
            }
        }
    }

    public GraphPlan Plan { get; }

    /// <summary>One per group of the plan.</summary>
    public ImmutableArray<Specialisation> Specialisations { get; }

    /// <summary>One per step of the plan; null for those that are kernels of the device.</summary>
    public ImmutableArray<HostStep?> HostSteps { get; }

    /// <summary>Whether a kernel of the device reads the buffer; an array that none reads is not copied there.</summary>
    public bool IsUsed(int buffer) => _isUsed[buffer];
}
