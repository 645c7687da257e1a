using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Ir;

/// <summary>What an argument pointer of a kernel leads to.</summary>
internal enum ArgumentKind
{
    /// <summary>Elements to read.</summary>
    Input,

    /// <summary>Elements to write; always varying.</summary>
    Output,

    /// <summary>One number, in 8 bytes.</summary>
    Scalar,

    /// <summary>An <see cref="IndexRange"/>.</summary>
    Index,
}

/// <summary>How an argument moves along the inner axis, the only axis a kernel knows.</summary>
internal enum InnerAccess
{
    /// <summary>The next element lies next to this one. Strided data is gathered into a tile by the launcher, so it looks like this too.</summary>
    Varying,

    /// <summary>The same element all along the inner axis.</summary>
    Uniform,
}

/// <summary>One argument: its kind, how its elements are stored and how it moves.</summary>
internal readonly record struct KernelArgument(ArgumentKind Kind, DType DType, InnerAccess Access);

/// <summary>The logical indices of a run of elements: element i has index <c>Start + i * Step</c>.</summary>
internal struct IndexRange
{
    public long Start;
    public long Step;
}
