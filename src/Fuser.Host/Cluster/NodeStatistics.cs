using Fuser.Actors;

namespace Fuser.Host.Cluster;

/// <summary>A node's counters in its announcements: in a fixed order, to which more are only ever added.</summary>
internal static class NodeStatistics
{
    private const int Count = 12;

    public static long[] Describe(FuserStatistics s) =>
        [s.Specs, s.SpecsCreated, s.SpecsEvicted, s.Kernels, s.KernelsCompiled, s.KernelsEvicted, s.CompilesFailed, s.CodeBytes, s.Runs, s.FallbackRuns, s.DeadLetters, s.ActorRestarts];

    /// <summary>The counters of several nodes together; a node of an older product counts 0 where it says nothing.</summary>
    public static FuserStatistics Sum(IEnumerable<IReadOnlyList<long>> nodes)
    {
        var sum = new long[Count];
        foreach (var node in nodes)
        {
            for (var i = 0; i < Math.Min(Count, node.Count); i++)
            {
                sum[i] += node[i];
            }
        }

        return new FuserStatistics(sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7], sum[8], sum[9], sum[10], sum[11]);
    }
}
