namespace Fuser.Kernels.Partitioning;

/// <summary>
/// Finds reductions that several kernels would make, each going over all elements again: the kernel that stores it anyway, or else the first, makes it,
/// and the others read its result.
/// </summary>
internal static class SharedReductions
{
    /// <param name="together">The works of each step, in order.</param>
    /// <param name="shared">What is found is added to it.</param>
    /// <returns>Whether anything was found that was not known.</returns>
    public static bool Find(List<int[]> together, Roots roots, List<List<Sight>> needs, HashSet<SharedReduction> shared)
    {
        var makers = new Dictionary<PlanTensor, List<int>>(ReferenceEqualityComparer.Instance);
        for (var step = 0; step < together.Count; step++)
        {
            foreach (var reduced in together[step].SelectMany(work => needs[work]).Select(sight => sight.Tensor).OfType<ReducedTensor>().Distinct())
            {
                if (!makers.TryGetValue(reduced, out var steps))
                {
                    makers.Add(reduced, steps = []);
                }

                steps.Add(step);
            }
        }

        var known = shared.Count;
        foreach (var (reduced, steps) in makers)
        {
            var home = steps.FindIndex(step => together[step].Any(work => roots.All[work] is Root root && root.Value == reduced));
            foreach (var step in steps.Where((_, i) => i != System.Math.Max(home, 0)))
            {
                shared.UnionWith(together[step].Where(work => needs[work].Any(sight => sight.Tensor == reduced)).Select(work => new SharedReduction(((Root)roots.All[work]).Value.Id, reduced.Id)));
            }
        }

        return shared.Count > known;
    }
}
