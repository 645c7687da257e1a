using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// A tensor type and whatever the text says about it. Everything is optional, and nothing of it decides what is computed: the
/// arrays of a call do. It documents the graph and is checked nowhere, because a profiled type holds for one call only.
/// </summary>
public sealed record TensorType : GraphType
{
    private static readonly string[] ScalarTypes =
    [
        "Byte", "Char", "Short", "Int", "Long", "UInt16", "UInt32", "UInt64", "Half", "Float", "Double", "BFloat16", "Bool",
        "ComplexHalf", "ComplexFloat", "ComplexDouble", "QInt8", "QUInt8", "QInt32", "QUInt4x2", "QUInt2x4",
        "Float8_e5m2", "Float8_e4m3fn", "Float8_e5m2fnuz", "Float8_e4m3fnuz", "Float8_e8m0fnu",
        "Bits1x8", "Bits2x4", "Bits4x2", "Bits8", "Bits16",
    ];

    /// <summary>PyTorch's name of the element type (<c>Float</c>, <c>Long</c>, <c>ComplexFloat</c>), or null when unknown.</summary>
    /// <exception cref="GraphException">The name is none of PyTorch's.</exception>
    public string? ScalarType
    {
        get;
        init => field = value is null || ScalarTypes.Contains(value)
            ? value
            : throw new GraphException(ErrorCodes.UnsupportedDType, $"'{value}' is no element type. Use one of {string.Join(", ", ScalarTypes)}.");
    }

    /// <summary>Sizes, outermost first; null where a size is unknown (<c>*</c>). Null as a whole when the rank is unknown.</summary>
    public ImmutableArray<long?>? Shape { get; init; }

    /// <summary>Strides in elements, or null when not stated.</summary>
    public ImmutableArray<long>? Strides { get; init; }

    /// <summary>Whether a gradient is wanted, or null when not stated.</summary>
    public bool? RequiresGrad { get; init; }

    /// <summary>Device such as <c>cpu</c> or <c>cuda:0</c>, or null when not stated.</summary>
    public string? Device { get; init; }

    /// <summary>Whether the type is marked <c>[Undefined]</c>.</summary>
    public bool IsUndefined { get; init; }

    /// <summary><see cref="ScalarType"/> as one of the element types that are computed with, or null when it is none of them.</summary>
    public DType? DType => ScalarType switch
    {
        "Bool" => Tensors.DType.Bool,
        "Byte" => Tensors.DType.UInt8,
        "Char" => Tensors.DType.Int8,
        "Short" => Tensors.DType.Int16,
        "Int" => Tensors.DType.Int32,
        "Long" => Tensors.DType.Int64,
        "Half" => Tensors.DType.Float16,
        "BFloat16" => Tensors.DType.BFloat16,
        "Float" => Tensors.DType.Float32,
        "Double" => Tensors.DType.Float64,
        _ => null,
    };

    /// <summary>The type of a 0-dim tensor of that element type, as the text has it for constants: <c>Double()</c>.</summary>
    internal static TensorType Of(DType dtype) => new()
    {
        ScalarType = dtype switch
        {
            Tensors.DType.Bool => "Bool",
            Tensors.DType.UInt8 => "Byte",
            Tensors.DType.Int8 => "Char",
            Tensors.DType.Int16 => "Short",
            Tensors.DType.Int32 => "Int",
            Tensors.DType.Int64 => "Long",
            Tensors.DType.Float16 => "Half",
            Tensors.DType.BFloat16 => "BFloat16",
            Tensors.DType.Float32 => "Float",
            _ => "Double",
        },
        Shape = [],
    };

    /// <summary>Number of dimensions, or null when unknown.</summary>
    public int? Rank => Shape?.Length;

    /// <inheritdoc/>
    public bool Equals(TensorType? other)
        => other is not null
        && ScalarType == other.ScalarType
        && RequiresGrad == other.RequiresGrad
        && Device == other.Device
        && IsUndefined == other.IsUndefined
        && SameItems(Shape, other.Shape)
        && SameItems(Strides, other.Strides);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ScalarType, Rank, RequiresGrad, Device, IsUndefined);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder(ScalarType ?? "Tensor");
        if (ScalarType is not null && Shape is null)
        {
            text.Append("Tensor");
        }

        var details = Details().ToList();
        if (details.Count > 0 || Shape is not null)
        {
            text.Append('(').AppendJoin(", ", details).Append(')');
        }

        return text.Append(IsUndefined ? "[Undefined]" : "").ToString();
    }

    /// <summary>Recognises <c>Tensor</c>, <c>Float</c> and <c>FloatTensor</c>, the ways a tensor type can start.</summary>
    internal static bool TryParseName(ReadOnlySpan<char> word, [NotNullWhen(true)] out TensorType? type)
    {
        type = word is "Tensor" ? Tensor : null;
        for (var i = 0; i < ScalarTypes.Length && type is null; i++)
        {
            var name = ScalarTypes[i];
            if (word.SequenceEqual(name) || (word.StartsWith(name) && word[name.Length..] is "Tensor"))
            {
                type = new TensorType { ScalarType = name };
            }
        }

        return type is not null;
    }

    private static bool SameItems<T>(ImmutableArray<T>? left, ImmutableArray<T>? right)
        => left is null ? right is null : right is { } items && left.Value.AsSpan().SequenceEqual(items.AsSpan());

    private IEnumerable<string> Details()
    {
        foreach (var size in Shape ?? [])
        {
            yield return size?.ToString() ?? "*";
        }

        if (Strides is { } strides)
        {
            yield return $"strides=[{string.Join(", ", strides)}]";
        }

        if (RequiresGrad is { } requiresGrad)
        {
            yield return requiresGrad ? "requires_grad=1" : "requires_grad=0";
        }

        if (Device is not null)
        {
            yield return $"device={Device}";
        }
    }
}
