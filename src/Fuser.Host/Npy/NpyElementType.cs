using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npy;

/// <summary>
/// The element type of a .npy file: a byte order, a kind and a size, as in <c>&lt;f4</c>. NumPy has no code for bfloat16, so such
/// arrays are written as float32, which holds every bfloat16 value exactly.
/// </summary>
/// <param name="DType">Element type.</param>
/// <param name="BigEndian">Whether the most significant byte comes first.</param>
internal readonly record struct NpyElementType(DType DType, bool BigEndian)
{
    /// <summary>Whether the bytes of each element must be reversed to be read on this machine.</summary>
    public bool IsSwapped => DType.ItemSize() > 1 && BigEndian == BitConverter.IsLittleEndian;

    /// <summary>The type an array of <paramref name="dtype"/> is written with.</summary>
    public static DType WrittenAs(DType dtype) => dtype == DType.BFloat16 ? DType.Float32 : dtype;

    /// <summary>The code of a little-endian element, e.g. <c>&lt;f4</c>.</summary>
    public static string Code(DType dtype) => dtype switch
    {
        DType.Bool => "|b1",
        DType.UInt8 => "|u1",
        DType.Int8 => "|i1",
        DType.Int16 => "<i2",
        DType.Int32 => "<i4",
        DType.Int64 => "<i8",
        DType.Float16 => "<f2",
        DType.Float32 or DType.BFloat16 => "<f4",
        _ => "<f8",
    };

    /// <summary>Reads a code.</summary>
    /// <param name="code">The text of the header's <c>descr</c>.</param>
    /// <param name="file">Name of the file, for errors.</param>
    /// <exception cref="InputException">There is no such element type here; says which there are.</exception>
    public static NpyElementType Parse(string code, string file)
    {
        var order = code.Length > 0 && code[0] is '<' or '>' or '|' or '=' ? code[0] : '=';
        var kind = code.AsSpan().TrimStart("<>|=");
        DType? dtype = kind switch
        {
            "b1" or "?" => DType.Bool,
            "u1" => DType.UInt8,
            "i1" => DType.Int8,
            "i2" => DType.Int16,
            "i4" => DType.Int32,
            "i8" => DType.Int64,
            "f2" => DType.Float16,
            "f4" => DType.Float32,
            "f8" => DType.Float64,
            _ => null,
        };
        if (dtype is { } known && (known.ItemSize() == 1 || order != '|'))
        {
            return new NpyElementType(known, order switch { '>' => true, '<' => false, _ => !BitConverter.IsLittleEndian });
        }

        throw new InputException(kind is ['O', ..] ? ErrorCodes.FileFormat : ErrorCodes.InputDType, $"'{file}': {Reason(OutsideText.Shown(code, 40), kind)}");
    }

    private static string Reason(string code, ReadOnlySpan<char> kind)
    {
        const string Wanted = "bool, uint8, int8, int16, int32, int64, float16, float32 or float64";
        return kind switch
        {
            ['O', ..] => $"element type '{code}' means pickled Python objects, which can run any code when they are read and are never loaded. Save numbers: {Wanted}.",
            "V2" => $"element type '{code}' is two bytes without a meaning; NumPy saves bfloat16 that way because it has no code for it. Save the array as float32 and convert it in the graph with aten::to(x, 15, ...).",
            "u2" or "u4" or "u8" => $"element type '{code}' is an unsigned integer wider than 8 bits, which graphs do not have. Save it as a signed type: int16, int32 or int64.",
            ['c', ..] => $"element type '{code}' is complex, which graphs do not have. Save the real and the imaginary part as two float arrays.",
            _ => $"element type '{code}' is not one of {Wanted}. Convert the array before saving it.",
        };
    }
}
