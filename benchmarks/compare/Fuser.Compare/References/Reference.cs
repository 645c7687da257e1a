using Fuser.Compare.Workloads;

namespace Fuser.Compare.References;

/// <summary>
/// The true outputs of a workload, computed in float64 by formulas of their own: every <c>stride</c>-th element of each output. NaN marks an
/// element that is not to be compared.
/// </summary>
internal static class Reference
{
    private const double Epsilon = 1e-5;

    public static double[][] Of(Workload workload, IReadOnlyList<ArraySpec> arrays, long stride)
    {
        var x = new InputReader(arrays);
        var outputs = arrays.Where(array => array.Kind == ArrayKind.Output).ToArray();
        return workload.Id switch
        {
            "W6-sum" => [[Sum(x)]],
            "W6-colsum" => [[.. ColumnSums(x).Where((_, column) => column % stride == 0)]],
            "W6-softmax" or "W6-layernorm" or "W6-rmsnorm" => [Rows(workload.Id, x, stride)],
            _ => Elements(ElementFormulas.Find(workload.Id) ?? throw new InvalidOperationException($"{workload.Id} has no reference"), x, outputs, stride),
        };
    }

    private static double[][] Elements(Func<InputReader, long, double[]> formula, InputReader x, ArraySpec[] outputs, long stride)
    {
        var count = (int)((outputs[0].Count + stride - 1) / stride);
        double[][] results = [.. outputs.Select(_ => new double[count])];
        Parallel.For(0, count, i =>
        {
            var values = formula(x, i * stride);
            for (var output = 0; output < values.Length; output++)
            {
                results[output][i] = values[output];
            }
        });
        return results;
    }

    private static double Sum(InputReader x)
    {
        var sum = 0.0;
        for (long i = 0; i < x.Count(0); i++)
        {
            sum += x[0, i];
        }

        return sum;
    }

    private static double[] ColumnSums(InputReader x)
    {
        var sums = new double[x.Size(0, 1)];
        for (long i = 0; i < x.Count(0); i++)
        {
            sums[i % sums.Length] += x[0, i];
        }

        return sums;
    }

    private static double[] Rows(string workload, InputReader x, long stride)
    {
        var (height, width) = (x.Size(0, 0), x.Size(0, 1));
        var results = new double[((height * width) + stride - 1) / stride];
        Parallel.For(0, height, row =>
        {
            var values = new double[width];
            for (var column = 0; column < width; column++)
            {
                values[column] = x[0, (row * width) + column];
            }

            double[] weights = [.. Enumerable.Range(0, (int)width).Select(column => workload == "W6-softmax" ? 1 : x[1, column])];
            var outputs = workload switch
            {
                "W6-softmax" => Softmax(values),
                "W6-layernorm" => [.. Scaled(values, values.Average(), weights).Select((value, column) => value + x[2, column])],
                _ => Scaled(values, 0, weights),
            };
            for (var i = ((row * width) + stride - 1) / stride; i * stride < (row + 1) * width; i++)
            {
                results[i] = outputs[(i * stride) - (row * width)];
            }
        });
        return results;
    }

    private static double[] Softmax(double[] values)
    {
        var most = values.Max();
        double[] powers = [.. values.Select(value => Math.Exp(value - most))];
        var sum = powers.Sum();
        return [.. powers.Select(power => power / sum)];
    }

    /// <summary>(value - middle) / sqrt(mean of squares + epsilon) * weight.</summary>
    private static double[] Scaled(double[] values, double middle, double[] weights)
    {
        var scale = 1 / Math.Sqrt(values.Average(value => (value - middle) * (value - middle)) + Epsilon);
        return [.. values.Select((value, column) => (value - middle) * scale * weights[column])];
    }
}
