namespace Fuser.Compare.Workloads;

/// <summary>What the time of a workload should come to.</summary>
internal enum Bound
{
    /// <summary>Moving the data.</summary>
    Memory,

    /// <summary>Computing.</summary>
    Arithmetic,

    /// <summary>Moving the data once, although some of it is needed twice.</summary>
    Reduction,
}

/// <summary>A computation that every peer does over the same arrays.</summary>
/// <param name="Id">As <c>--workload</c> takes it; a graph of this name lies in <c>graphs</c>.</param>
/// <param name="Formula">In words for the report.</param>
/// <param name="Arrays">Inputs in the graph's order, then outputs, for so many elements.</param>
internal sealed record Workload(string Id, string Formula, Bound Bound, Func<long, IReadOnlyList<ArraySpec>> Arrays)
{
    /// <summary>Sizes are multiples of this, so that every workload has whole rows.</summary>
    public const int SizeStep = 1000;

    /// <summary>Bytes that have to be moved at least: inputs read once, outputs written once.</summary>
    public long Bytes(long size) => Arrays(size).Sum(array => array.Bytes);
}
