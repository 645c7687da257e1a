namespace Fuser.Kernels.Tensors;

/// <summary>What a graph input may be.</summary>
public enum FuserValueKind
{
    /// <summary>Nothing: a default value.</summary>
    None,

    /// <summary>An array.</summary>
    Array,

    /// <summary>A 64-bit integer.</summary>
    Integer,

    /// <summary>A double.</summary>
    Float,

    /// <summary>A truth value.</summary>
    Boolean,
}

/// <summary>An argument of a graph: an array or a plain number. Arrays and numbers convert to it implicitly.</summary>
public readonly struct FuserValue : IEquatable<FuserValue>
{
    private readonly NdArray? _array;
    private readonly long _bits;

    private FuserValue(FuserValueKind kind, NdArray? array, long bits)
    {
        Kind = kind;
        _array = array;
        _bits = bits;
    }

    /// <summary>What the value is.</summary>
    public FuserValueKind Kind { get; }

    /// <summary>The array.</summary>
    /// <exception cref="InvalidOperationException">The value is a number.</exception>
    public NdArray Array => _array ?? throw new InvalidOperationException($"the value is {Kind}, not an array");

    /// <summary>The integer, or the boolean as 0 or 1.</summary>
    public long Integer => Kind == FuserValueKind.Float ? (long)Float : _bits;

    /// <summary>The number as a double.</summary>
    public double Float => Kind == FuserValueKind.Float ? BitConverter.Int64BitsToDouble(_bits) : _bits;

    /// <summary>Wraps an array.</summary>
    public static implicit operator FuserValue(NdArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        return new FuserValue(FuserValueKind.Array, array, 0);
    }

    /// <summary>Wraps an array of floats as a one-dimensional array.</summary>
    public static implicit operator FuserValue(float[] array) => NdArray.From(array);

    /// <summary>Wraps an array of doubles as a one-dimensional array.</summary>
    public static implicit operator FuserValue(double[] array) => NdArray.From(array);

    /// <summary>Wraps an integer.</summary>
    public static implicit operator FuserValue(long number) => new(FuserValueKind.Integer, null, number);

    /// <summary>Wraps an integer.</summary>
    public static implicit operator FuserValue(int number) => new(FuserValueKind.Integer, null, number);

    /// <summary>Wraps a double.</summary>
    public static implicit operator FuserValue(double number) => new(FuserValueKind.Float, null, BitConverter.DoubleToInt64Bits(number));

    /// <summary>Wraps a truth value.</summary>
    public static implicit operator FuserValue(bool value) => new(FuserValueKind.Boolean, null, value ? 1 : 0);

    /// <inheritdoc/>
    public bool Equals(FuserValue other) => Kind == other.Kind && _bits == other._bits && ReferenceEquals(_array, other._array);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FuserValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _bits, _array);

    /// <summary>Same kind and same number or array.</summary>
    public static bool operator ==(FuserValue left, FuserValue right) => left.Equals(right);

    /// <summary>Another kind, number or array.</summary>
    public static bool operator !=(FuserValue left, FuserValue right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        FuserValueKind.Array => $"{Array.DType.DisplayName()}{Shapes.Text(Array.Shape.AsSpan())}",
        FuserValueKind.Float => Float.ToString("R"),
        FuserValueKind.Boolean => _bits != 0 ? "true" : "false",
        FuserValueKind.Integer => _bits.ToString(),
        _ => "nothing",
    };
}
