using Fuser.Actors.Devices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Programs;

/// <summary>The plans of a program's regions, as far as they are known without running.</summary>
/// <param name="Plans">Of the regions that were planned, each with every form in which a run may come to it.</param>
/// <param name="InputsOf">Values each plan was made for; their elements are nothing.</param>
/// <param name="Unplanned">Why others are planned only when a run comes to them.</param>
internal sealed record ForecastPlans(GraphProgram Program, IReadOnlyDictionary<Region, List<PreparedRun>> Plans, IReadOnlyDictionary<PreparedRun, FuserValue[]> InputsOf, IReadOnlyDictionary<Region, string> Unplanned)
{
    /// <summary>All plans, in the order of the regions.</summary>
    public IEnumerable<PreparedRun> Prepared => Program.Regions.Where(Plans.ContainsKey).SelectMany(region => Plans[region]);

    /// <summary>Lines for a region: its kernels, numbered through the program.</summary>
    public IEnumerable<string> Describe(Region region)
    {
        var first = Program.Regions.Take(region.Number).Where(Plans.ContainsKey).SelectMany(before => Plans[before]).Sum(prepared => prepared.Runner.Plan.Groups.Length);
        if (Plans.TryGetValue(region, out var plans))
        {
            foreach (var plan in plans.Select(prepared => prepared.Runner.Plan))
            {
                foreach (var (step, text) in plan.Steps.Zip(PlanDescription.Of(plan)))
                {
                    yield return step is KernelStep kernel ? $"group {first + kernel.Group}: {text}" : text;
                }

                first += plan.Groups.Length;
            }
        }

        if (Unplanned.TryGetValue(region, out var reason))
        {
            yield return $"planned when a run comes to it: {reason}";
        }
    }
}
