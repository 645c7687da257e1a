using System.Collections.Immutable;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Programs;

/// <summary>Collects what the regions of one run did: kernels once each, however often a loop came to them.</summary>
internal sealed class ProgramReport
{
    /// <summary>Different steps and kernels listed; a run whose shapes change on every trip has no end of them.</summary>
    private const int MostEntries = 1_000;

    private readonly Dictionary<(int Region, string Step), int> _steps = [];
    private readonly List<(int Region, string Step)> _order = [];
    private readonly Dictionary<string, KernelReport> _kernels = [];
    private readonly Dictionary<(int Region, string Reason), FallbackReport> _fallbacks = [];
    private long _unlisted;

    public void Add(Region region, RunReport ran)
    {
        foreach (var kernel in ran.Kernels)
        {
            if (_kernels.Count < MostEntries)
            {
                _kernels.TryAdd(kernel.Key, kernel with { Group = _kernels.Count });
            }
        }

        foreach (var step in ran.Steps)
        {
            Count((region.Number, step));
        }

        foreach (var fallback in ran.Fallbacks)
        {
            if (_fallbacks.Count < MostEntries)
            {
                _fallbacks.TryAdd((region.Number, fallback.Reason), new FallbackReport(Name(region.Number), fallback.Reason));
            }
        }
    }

    /// <param name="unfused">Whether the caller wanted no fusion: that is said once, not per region.</param>
    public RunReport Build(ImmutableArray<NdArray> outputs, bool unfused, TimeSpan time)
    {
        var steps = _order.Select(step => $"{Name(step.Region)}, {(_steps[step] == 1 ? "once" : $"{_steps[step]} times")}: {step.Step}");
        return new RunReport(
            outputs,
            [.. _kernels.Values.OrderBy(kernel => kernel.Group)],
            [.. steps, .. _unlisted > 0 ? [$"and {_unlisted} more steps, of other shapes"] : ImmutableArray<string>.Empty],
            unfused && _fallbacks.Count > 0 ? [new FallbackReport("the whole graph", _fallbacks.Values.First().Reason)] : [.. _fallbacks.Values],
            time);
    }

    private void Count((int Region, string Step) step)
    {
        if (_steps.TryGetValue(step, out var count))
        {
            _steps[step] = count + 1;
        }
        else if (_steps.Count < MostEntries)
        {
            _steps.Add(step, 1);
            _order.Add(step);
        }
        else
        {
            _unlisted++;
        }
    }

    private static string Name(int region) => region < 0 ? "outputs" : $"region {region}";
}
