using System.Collections.Immutable;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Sums of products of windows. The first operand, padded already, is [batch, channels, space...], the second [out, channels / groups, window...], the result
/// [batch, out, space...]; a float dtype for all. An element of the result is a sum as <see cref="Contraction"/> orders it, over channels and window in row-major order.
/// </summary>
/// <param name="Stride">From one window to the next, per axis of space.</param>
/// <param name="Dilation">From one element of a window to the next, per axis of space.</param>
internal sealed record Convolution(string Kind, ImmutableArray<long> Stride, ImmutableArray<long> Dilation, long Groups) : Routine(Kind);
