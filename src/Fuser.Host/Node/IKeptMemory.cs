namespace Fuser.Host.Node;

/// <summary>What a node keeps so that requests to come are quicker.</summary>
internal interface IKeptMemory
{
    /// <summary>An estimate of its size.</summary>
    long Bytes { get; }

    /// <summary>Gives so many bytes up, or as many as can be.</summary>
    void Free(long bytes);
}
