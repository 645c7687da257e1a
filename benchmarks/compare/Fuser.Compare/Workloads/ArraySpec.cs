using System.Globalization;

namespace Fuser.Compare.Workloads;

/// <summary>What an array is to a workload.</summary>
internal enum ArrayKind
{
    Input,

    /// <summary>An input whose last two axes are presented swapped: <see cref="ArraySpec.Shape"/> says how it lies in memory.</summary>
    Transposed,
    Output,
}

/// <summary>Element types of workloads, under the names of the protocol.</summary>
internal enum ElementType
{
    F16,
    F32,
    F64,
    U8,
}

/// <summary>An array of a workload, as every peer makes it: elements <c>Low + Width * u</c> with u in [0, 1) from a hash of the index.</summary>
/// <param name="Shape">Row-major in memory.</param>
internal sealed record ArraySpec(ArrayKind Kind, ElementType Type, IReadOnlyList<long> Shape, double Low = 0, double Width = 1)
{
    private const string Kinds = "ito";

    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    public int ItemSize => Type switch
    {
        ElementType.U8 => 1,
        ElementType.F16 => 2,
        ElementType.F32 => 4,
        _ => 8,
    };

    public long Bytes => Count * ItemSize;

    /// <summary>As workers read it: KIND:TYPE:SHAPE:LOW:WIDTH.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kinds[(int)Kind]}:{Type.ToString().ToLowerInvariant()}:{string.Join('x', Shape)}:{Low:R}:{Width:R}");

    /// <exception cref="FormatException">The text is no array.</exception>
    public static ArraySpec Parse(string text)
    {
        var fields = text.Split(':');
        var kind = fields.Length == 5 && fields[0].Length == 1 ? Kinds.IndexOf(fields[0][0], StringComparison.Ordinal) : -1;
        return kind >= 0 && Enum.TryParse<ElementType>(fields[1], ignoreCase: true, out var type)
            ? new ArraySpec((ArrayKind)kind, type, [.. fields[2].Split('x').Select(size => long.Parse(size, CultureInfo.InvariantCulture))], Number(fields[3]), Number(fields[4]))
            : throw new FormatException($"an array is KIND:TYPE:SHAPE:LOW:WIDTH, not '{text}'");

        static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);
    }
}
