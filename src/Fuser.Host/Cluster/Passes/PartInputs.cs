using System.Collections.Immutable;

namespace Fuser.Host.Cluster.Passes;

/// <summary>What parts get of the inputs of a run.</summary>
/// <param name="Rows">Size of the axis along which the run is taken apart.</param>
/// <param name="Shapes">Of the inputs; empty for numbers.</param>
/// <param name="Sliced">Whether parts get rows of an input; the others are sent whole.</param>
internal sealed record PartInputs(long Rows, ImmutableArray<ImmutableArray<long>> Shapes, ImmutableArray<bool> Sliced);
