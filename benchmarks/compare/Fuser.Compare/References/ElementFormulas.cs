using static Fuser.Compare.References.SpecialFunctions;

namespace Fuser.Compare.References;

/// <summary>The elementwise workloads in float64: the outputs at one position of the output.</summary>
internal static class ElementFormulas
{
    /// <summary>Distance from a branch within which a float32 evaluation may go the other way with good reason.</summary>
    private const double NearBranch = 1e-5;

    private static readonly (double Factor, double Least, double Limit)[] s_rounds =
        [(1.10, -1.0, 3.0), (0.90, -0.8, 2.8), (1.05, -0.6, 2.6), (0.95, -0.4, 2.4), (1.20, -0.2, 2.2), (0.80, 0.0, 2.0)];

    /// <summary>The formula of a workload, or null where an output is no function of one position.</summary>
    public static Func<InputReader, long, double[]>? Find(string workload) => workload switch
    {
        "W1" => static (x, i) => [Math.Max((x[0, i] * x[1, i]) + x[2, i], 0) * x[3, i]],
        "W2" => static (x, i) => [(Math.Tanh(x[0, i]) * Sigmoid(x[0, i])) + Math.Exp(-x[0, i] * x[0, i])],
        "W3" => LstmCell,
        "W4" => static (x, i) => [x[0, i] * Normal(x[0, i])],
        "W5" => static (x, i) => [((x[0, i] - x[1, i / x.Count(3)]) * x[2, i / x.Count(3)] * x[3, i % x.Count(3)]) + x[4, i % x.Count(3)]],
        "W7" or "W7-f64" => BlackScholes,
        "W8" => ThirtyOperations,
        "W9" => AdamStep,
        "W10" => static (x, i) => [Math.Floor(x[1, i] + ((x[0, i] - x[1, i]) * (x[2, i] / 255)) + 0.5)],
        "W11" => static (x, i) => [(Math.Max((x[0, i] * 1.5) + x[1, i], 0) * 0.5) + x[0, i]],
        "W12" => static (x, i) => [Math.Max(x[0, i] + (x[1, ((i % x.Size(0, 1)) * x.Size(0, 0)) + (i / x.Size(0, 1))] * 0.5), 0)],
        _ => null,
    };

    private static double[] LstmCell(InputReader x, long i)
    {
        var width = x.Size(1, 1);
        var (row, column) = Math.DivRem(i, width);
        var cell = (Sigmoid(Gate(1)) * x[1, i]) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(2)));
        return [Sigmoid(Gate(3)) * Math.Tanh(cell), cell];

        double Gate(int number) => x[0, (row * 4 * width) + (number * width) + column];
    }

    private static double[] BlackScholes(InputReader x, long i)
    {
        var (spot, strike, years, rate, sigma) = (x[0, i], x[1, i], x[2, i], x[3, i], x[4, i]);
        var root = sigma * Math.Sqrt(years);
        var d1 = (Math.Log(spot / strike) + ((rate + (0.5 * sigma * sigma)) * years)) / root;
        return [(spot * Normal(d1)) - (strike * Math.Exp(-rate * years) * Normal(d1 - root))];
    }

    private static double[] ThirtyOperations(InputReader x, long i)
    {
        var (t, y) = (x[0, i], x[1, i]);
        foreach (var (factor, least, limit) in s_rounds)
        {
            t = (t * factor) + y;
            if (Math.Abs(t - least) < NearBranch)
            {
                return [double.NaN];
            }

            t = Math.Clamp(t > least ? t : y, -limit, limit);
        }

        return [t];
    }

    private static double[] AdamStep(InputReader x, long i)
    {
        var mean = (x[2, i] * 0.9) + (x[1, i] * 0.1);
        var square = (x[3, i] * 0.999) + (x[1, i] * x[1, i] * 0.001);
        return [x[0, i] - (x[4, i] * mean / (Math.Sqrt(square) + 1e-8)), mean, square];
    }
}
