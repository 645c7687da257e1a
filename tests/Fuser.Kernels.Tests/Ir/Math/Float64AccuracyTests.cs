namespace Fuser.Kernels.Tests.Ir.Math;

public sealed class Float64AccuracyTests
{
    public static TheoryData<string> Functions { get; } = new(Float64Functions.Names);

    [Theory]
    [MemberData(nameof(Functions))]
    public void Results_are_next_to_the_correctly_rounded_ones(string function)
    {
        var (arguments, expected) = Float64Vectors.Read(function);
        var results = Float64Functions.Interpret(function, arguments);
        for (var i = 0; i < results.Length; i++)
        {
            var acceptable = UlpsBetween(results[i], expected[i]) <= 1 || double.Abs(results[i] - expected[i]) <= AbsoluteBound(function, arguments, i);
            acceptable.ShouldBeTrue($"{function}({string.Join(", ", arguments.Select(column => column[i].ToString("R")))}) gave {results[i]:R}, not {expected[i]:R}: {UlpsBetween(results[i], expected[i])} ulp");
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Vector_code_of_every_width_gives_the_bits_of_the_interpreter(string function)
    {
        var (arguments, _) = Float64Vectors.Read(function);
        double[] special = [0, -0.0, 1, -1, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 0.5, 2, 1e300, -1e-300, 27.5];
        var columns = arguments.Select((column, c) => (double[])[.. special.SelectMany(s => c == 0 ? Enumerable.Repeat(s, special.Length) : special), .. column]).ToArray();
        var interpreted = Float64Functions.Interpret(function, columns);
        foreach (var target in Float64Functions.SimdTargets)
        {
            var vectorised = Float64Functions.Run(target, function, columns);
            for (var i = 0; i < vectorised.Length; i++)
            {
                (Bits(vectorised[i]) == Bits(interpreted[i])).ShouldBeTrue($"{function}({string.Join(", ", columns.Select(column => column[i].ToString("R")))}): {target.Fingerprint} gave {vectorised[i]:R}, the interpreter {interpreted[i]:R}");
            }
        }
    }

    /// <summary>Guards against a lowering that grows unnoticed; the trigonometric functions hold two reductions, lgamma two logarithms.</summary>
    [Theory]
    [InlineData("exp", 45)]
    [InlineData("log", 65)]
    [InlineData("erf", 100)]
    [InlineData("tanh", 110)]
    [InlineData("sin", 240)]
    [InlineData("pow", 180)]
    [InlineData("lgamma", 420)]
    public void A_lowering_stays_within_its_budget_of_arithmetic_nodes(string function, int nodes) =>
        Float64Functions.Kernel(function).Nodes.Count(node => node.Op != Fuser.Kernels.Ir.IrOp.Constant).ShouldBeLessThanOrEqualTo(nodes);

    /// <summary>Where a function cancels near its zeros it is bounded absolutely as well (documented with the function).</summary>
    private static double AbsoluteBound(string function, double[][] arguments, int i)
    {
        var x = double.Abs(arguments[0][i]);
        return function switch
        {
            "lgamma" when arguments[0][i] < -0.5 => double.ScaleB(1 + (x * double.LogP1(x)), -56),
            "logaddexp" => double.ScaleB(double.LogP1(double.Exp(-double.Abs(arguments[0][i] - arguments[1][i]))), -57),
            _ => -1,
        };
    }

    private static long UlpsBetween(double a, double b)
    {
        if (double.IsNaN(a) || double.IsNaN(b))
        {
            return double.IsNaN(a) && double.IsNaN(b) ? 0 : long.MaxValue;
        }

        return long.Abs(Ordinal(a) - Ordinal(b));
    }

    /// <summary>Numbers the values in order, both zeros 0.</summary>
    private static long Ordinal(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        return bits < 0 ? long.MinValue - bits : bits;
    }

    private static long Bits(double value) => double.IsNaN(value) ? BitConverter.DoubleToInt64Bits(double.NaN) : BitConverter.DoubleToInt64Bits(value);
}
