using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// A literal of the text format. Equality is structural; floating-point values are compared by their bits, so that -0.0 differs
/// from 0.0 and a NaN equals itself.
/// </summary>
public abstract record ConstantValue
{
    private protected ConstantValue()
    {
    }
}

/// <summary>An <c>int</c> literal.</summary>
/// <param name="Value">The number.</param>
public sealed record IntConstant(long Value) : ConstantValue;

/// <summary>A <c>float</c> literal: always a double, whatever the tensors are.</summary>
/// <param name="Value">The number.</param>
public sealed record FloatConstant(double Value) : ConstantValue
{
    /// <summary>The bits of <see cref="Value"/>, which are its identity. All NaN count as one, because the text has one.</summary>
    public long Bits => BitConverter.DoubleToInt64Bits(double.IsNaN(Value) ? double.NaN : Value);

    /// <inheritdoc/>
    public bool Equals(FloatConstant? other) => other is not null && Bits == other.Bits;

    /// <inheritdoc/>
    public override int GetHashCode() => Bits.GetHashCode();
}

/// <summary>A <c>bool</c> literal, printed as 0 or 1.</summary>
/// <param name="Value">The truth value.</param>
public sealed record BoolConstant(bool Value) : ConstantValue;

/// <summary>A quoted string; devices (<c>"cpu"</c>) are strings as well.</summary>
/// <param name="Value">The text, without quotes and escapes.</param>
public sealed record StringConstant(string Value) : ConstantValue;

/// <summary>A list of literals, <c>[1, -1, 1]</c>.</summary>
/// <param name="Items">The items.</param>
public sealed record ListConstant(ImmutableArray<ConstantValue> Items) : ConstantValue
{
    /// <summary>The items.</summary>
    public ImmutableArray<ConstantValue> Items { get; } = Items.OrEmpty();

    /// <inheritdoc/>
    public bool Equals(ListConstant? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in Items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}

/// <summary>
/// A one-element tensor, <c>{0.5}</c>. The element type is the declared type of the node's output; PyTorch prints it with six
/// significant digits, so the number may be less exact than the tensor was.
/// </summary>
/// <param name="Item">The element: <see cref="IntConstant"/> or <see cref="FloatConstant"/>.</param>
public sealed record TensorConstant(ConstantValue Item) : ConstantValue;

/// <summary>
/// A literal that is kept as text because nothing here computes with it: <c>&lt;Tensor&gt;</c>, <c>&lt;Graph&gt;</c>, a printed
/// multi-element tensor, a complex number, a dictionary.
/// </summary>
public sealed record OpaqueConstant : ConstantValue
{
    // Only the parser makes these: a text of its own choosing would not read back as itself.
    internal OpaqueConstant(string text) => Text = text;

    /// <summary>The text as it was printed.</summary>
    public string Text { get; }

    /// <summary>Whether this is how PyTorch prints a list without items, such as the default of a stride.</summary>
    internal bool IsEmptyList => Text.StartsWith("annotate(List[", StringComparison.Ordinal) && Text.EndsWith(", [])", StringComparison.Ordinal);
}
