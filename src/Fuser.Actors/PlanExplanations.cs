using System.Collections.Immutable;
using Fuser.Actors.Devices;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>Says what plans do in memory, and where.</summary>
internal static class PlanExplanations
{
    /// <param name="region">As <see cref="PlanComparison.Region"/>.</param>
    /// <param name="prepared">The plan that runs, on its device.</param>
    /// <param name="inputs">What it was made for; elements are not read.</param>
    public static PlanComparison Compare(string? region, PreparedRun prepared, ReadOnlySpan<FuserValue> inputs, CancellationToken cancellationToken) =>
        new(region, Of(prepared.Runner.Plan, prepared), Of(Partitioner.Plan(prepared.Runner.Plan.Graph, inputs, FusionMode.Unfused, cancellationToken), null));

    /// <param name="prepared">Null for a plan that nothing runs.</param>
    private static PlanExplanation Of(GraphPlan plan, PreparedRun? prepared)
    {
        var steps = ImmutableArray.CreateBuilder<StepExplanation>(plan.Steps.Length);
        var total = default(StepTraffic);
        var onDevice = prepared?.OnDevice;
        for (var i = 0; i < plan.Steps.Length; i++)
        {
            var step = plan.Steps[i];
            var sweeps = step is KernelStep kernel && plan.Groups[kernel.Group].Domain.HasReductions
                ? RowSweeps.Of(Specialisation.Of(plan.Groups[kernel.Group], ""), onDevice is not null && onDevice.HostSteps[i] is null)
                : null;
            var traffic = StepTraffic.Of(step, plan, sweeps);
            total += traffic;
            steps.Add(new StepExplanation(
                PlanDescription.Of(step, plan),
                PlanDescription.Boundaries(step, plan),
                sweeps is null ? null : SweepDescription.Of(sweeps),
                traffic.BytesRead,
                traffic.BytesWritten)
            {
                Placement = onDevice is null ? null : PlacementOf(prepared!.Device, onDevice, i),
            });
        }

        return new PlanExplanation(steps.MoveToImmutable(), total.BytesRead, total.BytesWritten, onDevice?.Memory.Bytes ?? plan.Memory.PeakBytes, plan.Memory.TotalBytes)
        {
            Copies = onDevice is null ? null : CopiesOf(prepared!.Device, onDevice),
        };
    }

    private static StepPlacement PlacementOf(Device device, DevicePlan plan, int step)
    {
        if (plan.HostSteps[step] is { } host)
        {
            var copies = device.Accelerator!.Limits.SharesMemory ? default : plan.CopiesOfStep(step); // else the host works where the device does
            return new StepPlacement(false, host.Reason, copies.ToHost, copies.ToDevice);
        }

        if (plan.Routines[step] is { } routine)
        {
            return new StepPlacement(true, routine.Text, 0, 0) { Listing = string.Join('\n', routine.Passes.Select(pass => plan.Accelerator.Print(pass.Kernel).Text)) };
        }

        var group = ((KernelStep)plan.Plan.Steps[step]).Group;
        return new StepPlacement(true, ((AcceleratorTarget)plan.Targets[group]).Describe(plan.Specialisations[group]), 0, 0);
    }

    private static CallCopies CopiesOf(Device device, DevicePlan plan)
    {
        var copies = plan.CopiesOfCall();
        return new CallCopies(device.Name, copies.ToDevice, copies.ToHost, device.Accelerator!.Limits.SharesMemory);
    }
}
