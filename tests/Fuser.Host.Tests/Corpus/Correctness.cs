using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Corpus;

/// <summary>
/// When a result is right: integers and truth values equal PyTorch's. Floats are as close to the float64 evaluation as eager PyTorch is,
/// within a factor of 4, or within 4 units in the last place. The largest error of an array is judged, both as it is and in units in the
/// last place of its element: where terms cancel, which single element comes out lucky differs between two equally good programs. In
/// float64 eager PyTorch is itself the reference and has no error to compare with, so units are those of the largest element there.
/// </summary>
internal static class Correctness
{
    private const double Factor = 4;
    private const double Units = 4;

    public static void ShouldBeRight(this NdArray actual, ExpectedOutput expected, string what)
    {
        actual.DType.ShouldBe(expected.Eager.DType, what);
        actual.Shape.ShouldBe(expected.Eager.Shape, what);
        var (values, eager) = (Numbers(actual), Numbers(expected.Eager));
        if (!actual.DType.IsFloatingPoint())
        {
            values.ShouldBe(eager, what);
            return;
        }

        FindFault(values, eager, Numbers(expected.Reference), actual.DType).ShouldBeNull(what);
    }

    /// <summary>What is wrong with an array of floats, or null.</summary>
    public static string? FindFault(double[] values, double[] eager, double[] reference, DType dtype)
    {
        var (error, eagerError, units, eagerUnits, largest) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            var rounded = Round(reference[i], dtype);
            if (!double.IsFinite(values[i]) || !double.IsFinite(eager[i]) || !double.IsFinite(rounded))
            {
                // Where PyTorch has no finite number, so must this; or it may be right where PyTorch overflowed on the way.
                if (!values[i].Equals(eager[i]) && !values[i].Equals(rounded))
                {
                    return $"element {i}: got {values[i]:R}, eager {eager[i]:R}, float64 {reference[i]:R}";
                }

                continue;
            }

            var unit = UnitInTheLastPlace(rounded, dtype);
            largest = Math.Max(largest, unit);
            error = Math.Max(error, Math.Abs(values[i] - reference[i]));
            eagerError = Math.Max(eagerError, Math.Abs(eager[i] - reference[i]));
            units = Math.Max(units, Math.Abs(values[i] - reference[i]) / unit);
            eagerUnits = Math.Max(eagerUnits, Math.Abs(eager[i] - reference[i]) / unit);
        }

        return units <= Units || (error <= Factor * eagerError && units <= Factor * eagerUnits) || (dtype == DType.Float64 && error <= Units * largest)
            ? null
            : $"the largest error is {error:G3}, {units:G3} units in the last place; eager's is {eagerError:G3}, {eagerUnits:G3} units";
    }

    /// <summary>Whether two results have the same bits; any NaN is as good as any other.</summary>
    public static void ShouldHaveTheBitsOf(this NdArray actual, NdArray expected, string what)
    {
        actual.DType.ShouldBe(expected.DType, what);
        actual.Shape.ShouldBe(expected.Shape, what);
        var (values, wanted) = (Numbers(actual), Numbers(expected));
        for (var i = 0; i < values.Length; i++)
        {
            // Doubles hold every element exactly, the sign of zero included; 64-bit integers are compared as such below.
            (BitConverter.DoubleToInt64Bits(values[i]) == BitConverter.DoubleToInt64Bits(wanted[i]) || (double.IsNaN(values[i]) && double.IsNaN(wanted[i])))
                .ShouldBeTrue($"{what}, element {i}: {values[i]:R} is not {wanted[i]:R}");
        }

        if (actual.DType == DType.Int64)
        {
            actual.ToArray<long>().ShouldBe(expected.ToArray<long>(), what);
        }
    }

    private static double Round(double value, DType dtype) => dtype switch
    {
        DType.Float16 => (double)(Half)value,
        DType.BFloat16 => (BFloat16)(float)value,
        DType.Float32 => (float)value,
        _ => value,
    };

    private static double UnitInTheLastPlace(double value, DType dtype)
    {
        value = Math.Abs(value);
        return dtype switch
        {
            DType.Float16 => (double)Half.BitIncrement((Half)value) - value,
            DType.BFloat16 => Math.Max(Math.ScaleB(1, Math.ILogB(value) - 7), Math.ScaleB(1, -133)),
            DType.Float32 => (double)MathF.BitIncrement((float)value) - value,
            _ => Math.BitIncrement(value) - value,
        };
    }

    private static double[] Numbers(NdArray array) => array.DType switch
    {
        DType.Bool => [.. array.ToArray<bool>().Select(v => v ? 1.0 : 0)],
        DType.UInt8 => [.. array.ToArray<byte>().Select(v => (double)v)],
        DType.Int8 => [.. array.ToArray<sbyte>().Select(v => (double)v)],
        DType.Int16 => [.. array.ToArray<short>().Select(v => (double)v)],
        DType.Int32 => [.. array.ToArray<int>().Select(v => (double)v)],
        DType.Int64 => [.. array.ToArray<long>().Select(v => (double)v)],
        DType.Float16 => [.. array.ToArray<Half>().Select(v => (double)v)],
        DType.BFloat16 => [.. array.ToArray<BFloat16>().Select(v => (double)(float)v)],
        DType.Float32 => [.. array.ToArray<float>().Select(v => (double)v)],
        _ => array.ToArray<double>(),
    };
}
