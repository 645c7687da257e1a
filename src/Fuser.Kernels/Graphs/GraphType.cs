using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs;

/// <summary>The declared type of a value. Equality is structural; <c>ToString</c> prints what PyTorch prints.</summary>
public abstract record GraphType
{
    private protected GraphType()
    {
    }

    /// <summary>A tensor of which nothing is known.</summary>
    public static TensorType Tensor { get; } = new();

    /// <summary><c>int</c>, 64 bits.</summary>
    public static IntType Int { get; } = new();

    /// <summary><c>float</c>, a double.</summary>
    public static FloatType Float { get; } = new();

    /// <summary><c>bool</c>.</summary>
    public static BoolType Bool { get; } = new();

    /// <summary><c>NoneType</c>.</summary>
    public static NoneType None { get; } = new();

    /// <summary><c>str</c>.</summary>
    public static StringType String { get; } = new();

    /// <summary>Whether values of the type are numbers passed by value: int, float or bool.</summary>
    public bool IsScalar => this is IntType or FloatType or BoolType;

    /// <summary>
    /// How many types it is made of, itself included. Types share their parts, so a few operations on an untyped value can
    /// make one that would take forever to print; this is known without walking it.
    /// </summary>
    internal virtual int Size => 1;

    /// <summary>How deep it is nested; 1 when it has no parts.</summary>
    internal virtual int Depth => 1;

    /// <inheritdoc/>
    public abstract override string ToString();
}

/// <summary><c>int</c>.</summary>
public sealed record IntType : GraphType
{
    /// <inheritdoc/>
    public override string ToString() => "int";
}

/// <summary><c>float</c>.</summary>
public sealed record FloatType : GraphType
{
    /// <inheritdoc/>
    public override string ToString() => "float";
}

/// <summary><c>bool</c>.</summary>
public sealed record BoolType : GraphType
{
    /// <inheritdoc/>
    public override string ToString() => "bool";
}

/// <summary><c>NoneType</c>.</summary>
public sealed record NoneType : GraphType
{
    /// <inheritdoc/>
    public override string ToString() => "NoneType";
}

/// <summary><c>str</c>.</summary>
public sealed record StringType : GraphType
{
    /// <inheritdoc/>
    public override string ToString() => "str";
}

/// <summary><c>Device</c>.</summary>
public sealed record DeviceType : GraphType
{
    /// <inheritdoc/>
    public override string ToString() => "Device";
}

/// <summary>A list, printed <c>Tensor[]</c>.</summary>
/// <param name="Element">Element type.</param>
public sealed record ListType(GraphType Element) : GraphType
{
    /// <summary>Element type.</summary>
    public GraphType Element { get; } = Element;

    internal override int Size { get; } = (int)Math.Min(int.MaxValue, 1L + Element.Size);

    internal override int Depth { get; } = 1 + Element.Depth;

    /// <inheritdoc/>
    public override string ToString() => $"{Element}[]";
}

/// <summary>An optional value, printed <c>Tensor?</c>.</summary>
/// <param name="Element">Type of the value when there is one.</param>
public sealed record OptionalType(GraphType Element) : GraphType
{
    /// <summary>Type of the value when there is one.</summary>
    public GraphType Element { get; } = Element;

    internal override int Size { get; } = (int)Math.Min(int.MaxValue, 1L + Element.Size);

    internal override int Depth { get; } = 1 + Element.Depth;

    /// <inheritdoc/>
    public override string ToString() => $"{Element}?";
}

/// <summary>A tuple, printed <c>(Tensor, int)</c>.</summary>
/// <param name="Elements">Element types.</param>
public sealed record TupleType(ImmutableArray<GraphType> Elements) : GraphType
{
    /// <summary>Element types.</summary>
    public ImmutableArray<GraphType> Elements { get; } = Elements.OrEmpty();

    internal override int Size { get; } = (int)Math.Min(int.MaxValue, 1 + Elements.OrEmpty().Sum(static e => (long)e.Size));

    internal override int Depth { get; } = 1 + Elements.OrEmpty().Select(static e => e.Depth).DefaultIfEmpty(0).Max();

    /// <inheritdoc/>
    public bool Equals(TupleType? other) => other is not null && Elements.AsSpan().SequenceEqual(other.Elements.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var element in Elements)
        {
            hash.Add(element);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Elements)})";
}

/// <summary>
/// A type that is carried as text because nothing here computes with it: <c>Any</c>, <c>Generator</c>, <c>complex</c>,
/// <c>Dict(str, int)</c>, <c>__torch__.Model</c>, <c>Future[Tensor]</c>.
/// </summary>
public sealed record OpaqueType : GraphType
{
    // Only the parser makes these: a text of its own choosing would not read back as itself.
    internal OpaqueType(string text) => Text = text;

    /// <summary>The text as it was printed.</summary>
    public string Text { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
