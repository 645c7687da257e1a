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
        var makers = new Dictionary<PlanTensor, List<(int Step, int Work)>>(ReferenceEqualityComparer.Instance);
        var homes = new Dictionary<PlanTensor, int>(ReferenceEqualityComparer.Instance);
        for (var step = 0; step < together.Count; step++)
        {
            foreach (var work in together[step])
            {
                if (roots.All[work] is Root { Value: ReducedTensor stored })
                {
                    homes.TryAdd(stored, step);
                }

                foreach (var reduced in needs[work].Select(sight => sight.Tensor).OfType<ReducedTensor>().Distinct())
                {
                    if (!makers.TryGetValue(reduced, out var known))
                    {
                        makers.Add(reduced, known = []);
                    }

                    known.Add((step, work));
                }
            }
        }

        var count = shared.Count;
        foreach (var (reduced, places) in makers)
        {
            var home = homes.GetValueOrDefault(reduced, places[0].Step);
            shared.UnionWith(places.Where(place => place.Step != home).Select(place => new SharedReduction(((Root)roots.All[place.Work]).Value.Id, reduced.Id)));
        }

        return shared.Count > count;
    }
}
