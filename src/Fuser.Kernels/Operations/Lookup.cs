namespace Fuser.Kernels.Operations;

/// <summary>
/// Takes elements where indices say. The first operand has an axis that is indexed, then the axes of the result; the second, int64, has the shape of the result, which gets
/// at each place the element of the first that the index there names. Either may repeat along axes. Any dtype.
/// </summary>
/// <param name="FromEnd">Whether negative indices count from the end; otherwise they are refused.</param>
internal sealed record Lookup(string Kind, bool FromEnd) : Routine(Kind);
