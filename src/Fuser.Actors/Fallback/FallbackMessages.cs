using System.Collections.Immutable;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Fallback;

/// <summary>Runs a graph operation by operation, without generated code. Answered with <see cref="UnfusedRan"/>.</summary>
/// <param name="Cancellation">Whether whoever asked gave up; observed while planning and between operations.</param>
/// <param name="Outputs">Arrays to write, or default for new ones.</param>
internal sealed record RunUnfused(NormalisedGraph Graph, ImmutableArray<FuserValue> Inputs, ImmutableArray<NdArray> Outputs, long Seed, int Threads, CancellationToken Cancellation = default);

/// <summary>The fallback's results.</summary>
/// <param name="Steps">The operations in order, in words.</param>
internal sealed record UnfusedRan(ImmutableArray<NdArray> Outputs, ImmutableArray<string> Steps);
