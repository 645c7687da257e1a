using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Specs;

/// <summary>An argument of a kernel, as far as it changes the code.</summary>
/// <param name="Kind">Input, output, number or index.</param>
/// <param name="DType">Its dtype in the graph: decides promotion.</param>
/// <param name="Storage">How it is kept: decides loads and stores. Differs for 16-bit floats between kernels.</param>
/// <param name="Rank">How much it counts in promotion.</param>
/// <param name="Access">Whether it moves along the inner axis. A stride is no part of it: strided data is gathered into tiles by the launcher.</param>
/// <param name="IsPerRow">Whether there is one value per row, in a kernel with reductions.</param>
internal readonly record struct ArgumentSpec(ArgumentKind Kind, DType DType, DType Storage, OperandRank Rank, InnerAccess Access, bool IsPerRow = false)
{
    public override string ToString() => Kind switch
    {
        ArgumentKind.Scalar => $"number {DType.DisplayName()}",
        ArgumentKind.Index => $"index{(IsPerRow ? " per row" : "")}",
        _ => $"{DType.DisplayName()}{(Storage == DType ? "" : $" kept as {Storage.DisplayName()}")}{(Rank == OperandRank.ZeroDimensional ? " 0-dim" : "")}{(IsPerRow ? " per row" : "")}{(Access == InnerAccess.Uniform ? " uniform" : "")}",
    };
}

/// <summary>
/// The second level of a kernel's key: all that changes generated code beside the spec's text, and nothing else. In it: dtypes, storage, 0-dim-ness (promotion),
/// movement along the inner axis, for kernels with reductions what is per row and which way rows are walked, the target's fingerprint. Not in it, because the launcher handles it: sizes, strides, ranks, element counts and 64-bit
/// indexing, values of numbers, threads, seed.
/// </summary>
internal sealed class ArgSpec : IEquatable<ArgSpec>
{
    private readonly int _hash;

    public ArgSpec(ImmutableArray<ArgumentSpec> arguments, KernelWalk walk, string target)
    {
        Arguments = arguments;
        Walk = walk;
        Target = target;
        var hash = new HashCode();
        hash.Add(target);
        hash.Add(walk);
        foreach (var argument in arguments)
        {
            hash.Add(argument);
        }

        _hash = hash.ToHashCode();
    }

    public ImmutableArray<ArgumentSpec> Arguments { get; }

    /// <summary>What the inner axis runs along.</summary>
    public KernelWalk Walk { get; }

    /// <summary>The target's fingerprint.</summary>
    public string Target { get; }

    public bool Equals(ArgSpec? other) =>
        other is not null && _hash == other._hash && Target == other.Target && Walk == other.Walk && Arguments.AsSpan().SequenceEqual(other.Arguments.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as ArgSpec);

    public override int GetHashCode() => _hash;

    public override string ToString() => $"({string.Join(", ", Arguments)}){Walk switch { KernelWalk.AlongRows => " along rows", KernelWalk.AcrossRows => " across rows", _ => "" }} on {Target}";
}
