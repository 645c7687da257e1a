namespace Fuser.Kernels.Graphs;

/// <summary>The kinds of numbers that are passed by value.</summary>
public enum ScalarKind
{
    /// <summary>A 64-bit integer.</summary>
    Int,

    /// <summary>A double.</summary>
    Float,

    /// <summary>A truth value.</summary>
    Bool,
}
