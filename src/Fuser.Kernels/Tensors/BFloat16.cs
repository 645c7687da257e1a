namespace Fuser.Kernels.Tensors;

/// <summary>A bfloat16 number: the upper half of a float32. A storage type only; .NET 10 has none of its own.</summary>
/// <param name="Bits">Sign, 8 exponent bits, 7 mantissa bits.</param>
public readonly record struct BFloat16(ushort Bits)
{
    /// <summary>Rounds to nearest even; NaN stays NaN.</summary>
    public static explicit operator BFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? new BFloat16(0x7fc0) : new BFloat16((ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>Exact.</summary>
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString();
}
