using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>A plan made ready for a device: what its steps read and which results they write. Made once; any number of runs may use it at once.</summary>
internal sealed class DevicePlan
{
    private readonly bool[] _isUsed;

    public DevicePlan(GraphPlan plan, ImmutableArray<Specialisation> specialisations)
    {
        Plan = plan;
        Specialisations = specialisations;
        _isUsed = new bool[plan.Buffers.Length];
        foreach (var group in plan.Groups)
        {
            foreach (var tensor in group.Inputs.OfType<TensorInput>())
            {
                _isUsed[tensor.Buffer] = true;
            }

            foreach (var output in group.Outputs)
            {
                _isUsed[output.Buffer] = true;
            }
        }
    }

    public GraphPlan Plan { get; }

    /// <summary>One per group of the plan.</summary>
    public ImmutableArray<Specialisation> Specialisations { get; }

    /// <summary>Whether any kernel touches the buffer; an array that none does is not copied to the device.</summary>
    public bool IsUsed(int buffer) => _isUsed[buffer];
}
