namespace Fuser.Kernels.Specs;

/// <summary>What a kernel's inner axis runs along.</summary>
internal enum KernelWalk
{
    /// <summary>The elements; nothing is reduced.</summary>
    Elements,

    /// <summary>The elements of one row after the other: what is per row is the same all along the inner axis.</summary>
    AlongRows,

    /// <summary>Many rows at once, the first element of each, then the second of each: everything varies along the inner axis.</summary>
    AcrossRows,
}
