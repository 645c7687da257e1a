using System.Collections.Immutable;
using Fuser.Actors;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Node;

/// <summary>A graph that was registered with a node, and what became of it.</summary>
internal sealed class NodeGraph
{
    /// <summary>Steps and kernels of the last run that are kept to be shown.</summary>
    private const int MostShown = 1_000;

    private readonly Lock _lock = new();
    private GraphCounters _counters = new(0, 0, 0, TimeSpan.Zero);
    private GraphRun? _lastRun;

    public NodeGraph(string key, FusedFunction function, string text, DateTimeOffset registered)
    {
        Key = key;
        Function = function;
        Text = text;
        Registered = registered;
        Outputs = [.. GraphIdentity.OutputKinds(function.Graph)];
    }

    /// <summary>See <see cref="GraphIdentity"/>.</summary>
    public string Key { get; }

    public FusedFunction Function { get; }

    public Graph Graph => Function.Graph;

    /// <summary>As it was registered first.</summary>
    public string Text { get; }

    public DateTimeOffset Registered { get; }

    /// <summary>Kinds of the outputs.</summary>
    public ImmutableArray<string> Outputs { get; }

    /// <summary>What was run so far, and how the last run went; null before the first.</summary>
    public (GraphCounters Counters, GraphRun? LastRun) Snapshot
    {
        get
        {
            lock (_lock)
            {
                return (_counters, _lastRun);
            }
        }
    }

    /// <summary>Counts a run that gave results.</summary>
    public void Ran(ReadOnlySpan<FuserValue> inputs, RunReport report)
    {
        var run = new GraphRun([.. inputs.ToArray().Select(input => input.Kind == FuserValueKind.Array ? input.ToString() : input.Kind.ToString().ToLowerInvariant())], First(report.Steps), First(report.Kernels), First(report.Fallbacks), report.RunTime);
        lock (_lock)
        {
            _counters = _counters with
            {
                Runs = _counters.Runs + 1,
                FallbackRuns = _counters.FallbackRuns + (report.Fallbacks.IsEmpty ? 0 : 1),
                RunTime = _counters.RunTime + report.RunTime,
            };
            _lastRun = run;
        }
    }

    private static ImmutableArray<T> First<T>(ImmutableArray<T> all) => all.Length <= MostShown ? all : all[..MostShown];

    /// <summary>Counts a run that failed.</summary>
    public void Failed()
    {
        lock (_lock)
        {
            _counters = _counters with { Failures = _counters.Failures + 1 };
        }
    }
}

/// <summary>Counters of one graph since it was registered.</summary>
/// <param name="Runs">Runs that gave results.</param>
/// <param name="FallbackRuns">Those of them of which something was not fused.</param>
/// <param name="Failures">Runs that ended in an error.</param>
/// <param name="RunTime">Time of all runs together, compiling included.</param>
internal sealed record GraphCounters(long Runs, long FallbackRuns, long Failures, TimeSpan RunTime);

/// <summary>How one run went, without its arrays; of a large graph the first steps and kernels.</summary>
/// <param name="Inputs">Type and shape of each input; of numbers only what they are.</param>
internal sealed record GraphRun(ImmutableArray<string> Inputs, ImmutableArray<string> Steps, ImmutableArray<KernelReport> Kernels, ImmutableArray<FallbackReport> Fallbacks, TimeSpan RunTime);
