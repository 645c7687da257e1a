namespace Fuser.Compare.Peers;

/// <summary>A workload as passes of TensorPrimitives over one item, a piece of the arrays or a row, at a time.</summary>
internal abstract class PassKernel
{
    public const string WhyNot = "TensorPrimitives has no erf for float64";

    /// <summary>Items that can be worked on independently.</summary>
    public required long Items { get; init; }

    /// <summary>Elements of an item.</summary>
    public required long ItemLength { get; init; }

    /// <summary>What a reader of the results should know.</summary>
    public string Note { get; init; } = "";

    /// <summary>The kernel of a workload, or null where there is none.</summary>
    public static PassKernel? Find(string workload, PeerArrays arrays) =>
        (PassKernel?)FlatPasses.Of(workload, arrays) ?? RowPasses.Of(workload, arrays);

    /// <summary>Works on items <paramref name="first"/> to before <paramref name="end"/>, on thread number <paramref name="member"/>.</summary>
    public abstract void Run(int member, long first, long end);

    /// <summary>What is left to do when all threads are done.</summary>
    public virtual void Finish(int members)
    {
        // Elementwise work is done when all items are.
    }
}
