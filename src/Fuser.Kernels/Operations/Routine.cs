using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// An operation that is no formula per element: it runs as a step of its own, by a routine of the device. This is only its name and what it is set to,
/// without shapes or memory; <c>Devices/Routines</c> does the work. The result must not depend on the number of threads.
/// </summary>
/// <param name="Kind">The operation, as graphs write it.</param>
internal abstract record Routine(string Kind);

/// <summary>What a routine answers: one tensor per entry, row-major unless it is written into a part of a larger one.</summary>
internal readonly record struct RoutineResult(DType DType, ImmutableArray<long> Shape);
