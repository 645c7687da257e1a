using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>What one run gave and how it went.</summary>
/// <param name="Outputs">The graph's outputs, tuples flattened; numbers as 0-dim arrays.</param>
/// <param name="Kernels">The kernels that ran, in order.</param>
/// <param name="Steps">Every step of the plan in words, in order.</param>
/// <param name="Fallbacks">What ran on the fallback, and why.</param>
/// <param name="RunTime">Time from the inputs to the outputs, compiling included.</param>
public sealed record RunReport(
    ImmutableArray<NdArray> Outputs,
    ImmutableArray<KernelReport> Kernels,
    ImmutableArray<string> Steps,
    ImmutableArray<FallbackReport> Fallbacks,
    TimeSpan RunTime);

/// <summary>One kernel of a run.</summary>
/// <param name="Group">Number of the fusion group in the plan, from 0.</param>
/// <param name="Operations">How many operations of the graph it computes.</param>
/// <param name="Key">Key of its spec and arguments, in hexadecimal.</param>
/// <param name="Target">What generated it, e.g. <c>simd/512</c>.</param>
/// <param name="CompileTime">What compiling it took, whenever that was.</param>
/// <param name="Cached">Whether it was compiled before this run.</param>
public sealed record KernelReport(int Group, int Operations, string Key, string Target, TimeSpan CompileTime, bool Cached)
{
    /// <summary>Why it ran on the host, in a run on another device; null where it did not.</summary>
    public string? WhyOnHost { get; init; }
}

/// <summary>A part of a graph that ran operation by operation.</summary>
/// <param name="Where">The operation or group.</param>
/// <param name="Reason">Why it was not fused.</param>
public sealed record FallbackReport(string Where, string Reason);
