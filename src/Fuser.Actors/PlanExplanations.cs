using System.Collections.Immutable;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>Says what plans do in memory.</summary>
internal static class PlanExplanations
{
    /// <param name="region">As <see cref="PlanComparison.Region"/>.</param>
    /// <param name="plan">The plan that runs.</param>
    /// <param name="inputs">What it was made for; elements are not read.</param>
    public static PlanComparison Compare(string? region, GraphPlan plan, ReadOnlySpan<FuserValue> inputs) =>
        new(region, Of(plan), Of(Partitioner.Plan(plan.Graph, inputs, FusionMode.Unfused)));

    private static PlanExplanation Of(GraphPlan plan)
    {
        var steps = ImmutableArray.CreateBuilder<StepExplanation>(plan.Steps.Length);
        var total = default(StepTraffic);
        foreach (var step in plan.Steps)
        {
            var sweeps = step is KernelStep kernel && plan.Groups[kernel.Group].Domain.HasReductions ? RowSweeps.Of(Specialisation.Of(plan.Groups[kernel.Group], "")) : null;
            var traffic = StepTraffic.Of(step, plan, sweeps);
            total += traffic;
            steps.Add(new StepExplanation(
                PlanDescription.Of(step, plan),
                PlanDescription.Boundaries(step, plan),
                sweeps is null ? null : SweepDescription.Of(sweeps),
                traffic.BytesRead,
                traffic.BytesWritten));
        }

        return new PlanExplanation(steps.MoveToImmutable(), total.BytesRead, total.BytesWritten, plan.Memory.PeakBytes, plan.Memory.TotalBytes);
    }
}
