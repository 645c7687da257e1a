using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fuser.Host.Npy;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Inputs;

/// <summary>An array described instead of given: <c>f32[1000,1000]</c>.</summary>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Sizes, outermost first.</param>
internal sealed record ArraySpec(DType DType, ImmutableArray<long> Shape)
{
    /// <summary>Reads a spec, or says that the text is none (then it is a file name).</summary>
    /// <exception cref="InputException">It looks like a spec but has an unknown type or a bad size, or no machine could hold it.</exception>
    public static bool TryParse(string text, [NotNullWhen(true)] out ArraySpec? spec)
    {
        var open = text.IndexOf('[');
        spec = null;
        if (open < 1 || text[^1] != ']' || text.AsSpan(0, open).ContainsAny('/', '\\', '.'))
        {
            return false;
        }

        var dtype = ParseType(text[..open])
            ?? throw new InputException(ErrorCodes.InputDType, $"'{text}': '{text[..open]}' is no element type; wanted bool, u8, i8, i16, i32, i64, f16, bf16, f32 or f64.");
        spec = new ArraySpec(dtype, ParseShape(text, text[(open + 1)..^1]));
        var bytes = (Int128)Shapes.ElementCount(spec.Shape.AsSpan()) * dtype.ItemSize();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes / dtype.ItemSize() <= Array.MaxLength && bytes <= memory
            ? true
            : throw new InputException(ErrorCodes.SizeLimit, $"'{text}' takes {bytes} bytes; at most {Array.MaxLength} elements and this machine's {memory} bytes can be held.");
    }

    private static DType? ParseType(string text) => text switch
    {
        "b1" or "bool" => DType.Bool,
        "u8" or "uint8" => DType.UInt8,
        "i8" or "int8" => DType.Int8,
        "i16" or "int16" => DType.Int16,
        "i32" or "int32" => DType.Int32,
        "i64" or "int64" => DType.Int64,
        "f16" or "float16" => DType.Float16,
        "bf16" or "bfloat16" => DType.BFloat16,
        "f32" or "float32" => DType.Float32,
        "f64" or "float64" => DType.Float64,
        _ => null,
    };

    private static ImmutableArray<long> ParseShape(string text, string sizes)
    {
        if (sizes.Length == 0)
        {
            return [];
        }

        var parts = sizes.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > NpyHeaderParser.MaxRank)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"'{text}' has {parts.Length} axes; at most {NpyHeaderParser.MaxRank} are possible.");
        }

        return [.. parts.Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw new InputException(ErrorCodes.InvalidShape, $"'{text}': '{part}' is no size; wanted whole numbers of 0 or more, as in f32[1000,1000]."))];
    }
}
