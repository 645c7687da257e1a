using System.Runtime.InteropServices;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.References;

/// <summary>
/// How far results are from the truth: the largest distance, in units of the spacing of numbers at the truth or, where the truth is smaller than
/// the root mean square of the output, at that. Near a zero of a sum every evaluation loses digits, and that says nothing about
/// it. Of integers, the largest difference.
/// </summary>
internal static class ErrorMeasure
{
    /// <summary>The error over all outputs; infinite where a result is not a number.</summary>
    /// <param name="truth">Per output; NaN elements are passed over.</param>
    /// <param name="outputs">The outputs, for their types.</param>
    /// <param name="bytes">The results, one output after the other.</param>
    /// <exception cref="FormatException">There are more or fewer results than there should be.</exception>
    public static double Of(double[][] truth, IReadOnlyList<ArraySpec> outputs, ReadOnlySpan<byte> bytes)
    {
        var wanted = outputs.Select((output, i) => (long)output.ItemSize * truth[i].Length).Sum();
        if (wanted != bytes.Length)
        {
            throw new FormatException($"there are {bytes.Length} bytes of results; {wanted} were expected");
        }

        var worst = 0.0;
        for (var i = 0; i < truth.Length; i++)
        {
            var length = outputs[i].ItemSize * truth[i].Length;
            worst = Math.Max(worst, Of(truth[i], outputs[i].Type, bytes[..length]));
            bytes = bytes[length..];
        }

        return worst;
    }

    private static double Of(double[] truth, ElementType type, ReadOnlySpan<byte> bytes)
    {
        var numbers = truth.Where(double.IsFinite).ToArray();
        var size = numbers.Length == 0 ? 0 : Math.Sqrt(numbers.Average(value => value * value));
        var worst = 0.0;
        for (var i = 0; i < truth.Length; i++)
        {
            if (double.IsNaN(truth[i]))
            {
                continue;
            }

            var distance = Math.Abs(Value(type, bytes, i) - truth[i]) / Spacing(type, Math.Max(Math.Abs(truth[i]), size));
            worst = distance <= worst ? worst : double.IsNaN(distance) ? double.PositiveInfinity : distance;
        }

        return worst;
    }

    private static double Value(ElementType type, ReadOnlySpan<byte> bytes, int index) => type switch
    {
        ElementType.U8 => bytes[index],
        ElementType.F16 => (double)MemoryMarshal.Cast<byte, Half>(bytes)[index],
        ElementType.F32 => MemoryMarshal.Cast<byte, float>(bytes)[index],
        _ => MemoryMarshal.Cast<byte, double>(bytes)[index],
    };

    private static double Spacing(ElementType type, double at) => type switch
    {
        ElementType.U8 => 1,
        ElementType.F16 => Math.ScaleB(1, Exponent(at, -14) - 10),
        ElementType.F32 => Math.ScaleB(1, Exponent(at, -126) - 23),
        _ => Math.ScaleB(1, Exponent(at, -1022) - 52),
    };

    private static int Exponent(double value, int least) => value == 0 ? least : Math.Max(Math.ILogB(value), least);
}
