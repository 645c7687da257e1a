using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Lowering;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>
/// Means, variances and norms far from 0 and near the ends of float32: every one is the exact value, calculated here in float64 from deviations, rounded once, give or take
/// a unit where what is rounded lies between two floats.
/// </summary>
public sealed class StatisticsTests
{
    private const int Rows = 4;

    private const int Columns = 60;

    private const string Frame = "%zero : float = prim::Constant[value=0.](); %p2 : float = prim::Constant[value=2.](); %p3 : float = prim::Constant[value=3.]();"
        + "%tiny : float = prim::Constant[value=1e-300](); %c : int = prim::Constant[value=60](); %axes : int[] = prim::ListConstruct(%in1); %last : int[] = prim::ListConstruct(%c);"
        + "%s4 : int[] = prim::ListConstruct(%i1, %i4, %c); %s5 : int[] = prim::ListConstruct(%i4, %i1, %c); %flat : int[] = prim::ListConstruct(%i4, %c);";

    /// <summary>The values of a row: a centre, and how far around it they lie.</summary>
    public static TheoryData<double, double> Rows32 => new()
    {
        { 0, 1 }, { 1e6, 1 }, { 4e6, 1 }, { -1.6e7, 1 }, { 1e20, 1e19 }, { 0, 1e30 }, { 1e30, 1e24 }, { 0, 3.3e38 }, { 0, 1e-30 }, { 1e-30, 1e-36 }, { 0, 1e-42 }, { 0, 1e-18 },
    };

    [Theory]
    [MemberData(nameof(Rows32))]
    public void Are_the_exact_ones_rounded_once(double centre, double spread)
    {
        var x = Values(centre, spread, 1);
        foreach (var (body, statistic) in new (string, Func<double[], double[]>)[]
        {
            ("%y = aten::var(%x, %axes, %true, %false)", row => [Variance(row, 1)]),
            ("%y = aten::std(%x, %axes, %false, %false)", row => [Math.Sqrt(Variance(row, 0))]),
            ("%y, %m = aten::var_mean(%x, %axes, %true, %false)", row => [Variance(row, 1)]),
            ("%s, %y = aten::std_mean(%x, %axes, %true, %false)", row => [Mean(row)]),
            ("%y = aten::mean(%x, %axes, %false, %none)", row => [Mean(row)]),
            ("%y = aten::layer_norm(%x, %last, %none, %none, %zero, %false)", Normalised),
            ("%y, %m, %s = aten::native_layer_norm(%x, %last, %none, %none, %zero)", Normalised),
            ("%g = aten::reshape(%x, %s4); %n = aten::group_norm(%g, %i4, %none, %none, %zero, %false); %y = aten::reshape(%n, %flat)", Normalised),
            ("%g = aten::reshape(%x, %s4); %n = aten::instance_norm(%g, %none, %none, %none, %none, %true, %zero, %zero, %false); %y = aten::reshape(%n, %flat)", Normalised),
            ("%g = aten::reshape(%x, %s4); %n = aten::batch_norm(%g, %none, %none, %none, %none, %true, %zero, %zero, %false); %y = aten::reshape(%n, %flat)", Normalised),
            ("%y = aten::rms_norm(%x, %last, %none, %zero)", row => [.. row.Select(value => value / Math.Sqrt(Squares(row) / row.Length))]),
            ("%y = aten::norm(%x, %p2, %axes, %false)", row => [Math.Sqrt(Squares(row))]),
            ("%y = aten::norm(%x, %p3, %axes, %false)", row => [Math.Cbrt(row.Sum(value => Math.Pow(Math.Abs(value), 3)))]),
            ("%y = aten::linalg_vector_norm(%x, %p2, %axes, %false, %none)", row => [Math.Sqrt(Squares(row))]),
        })
        {
            Check(body, x, Programs.Run(Programs.Text("x", $"{Frame} {body}", "y"), x)[0], statistic);
        }
    }

    [Theory]
    [MemberData(nameof(Rows32))]
    public void The_cosine_of_two_rows_is_the_exact_one(double centre, double spread)
    {
        var (a, b) = (Values(centre, spread, 1), Values(centre, spread, 2));
        var y = Programs.Run(Programs.Text("a b", $"{Frame} %y = aten::cosine_similarity(%a, %b, %in1, %tiny)", "y"), a, b)[0].ToArray<float>();
        for (var row = 0; row < Rows; row++)
        {
            var (left, right) = (Row(a, row), Row(b, row));
            ShouldBeRounded(y[row], left.Zip(right, (p, q) => p * q).Sum() / Math.Sqrt(Squares(left)) / Math.Sqrt(Squares(right)), $"row {row}");
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(16777215f)]
    [InlineData(-3.1e38f)]
    [InlineData(1e-44f)]
    public void Of_equal_numbers_the_mean_is_the_number_and_the_variance_0(float number)
    {
        var x = NdArray.From(Enumerable.Repeat(number, 3 * 777).ToArray(), 3, 777);
        var results = Programs.Run(Programs.Text("x", $"{Frame} %v, %m = aten::var_mean(%x, %axes, %true, %false); %s = aten::std(%x, %true); %y = aten::mean(%x, %none)", "v m s y"), x);
        results[0].ToArray<float>().ShouldAllBe(value => value == 0);
        results[1].ToArray<float>().ShouldAllBe(value => value == number);
        results[2].ToArray<float>().ShouldAllBe(value => value == 0);
        results[3].ToArray<float>().ShouldAllBe(value => value == number);
    }

    [Theory]
    [InlineData(DType.Float16, 60_000, 32)]
    [InlineData(DType.BFloat16, 1e30, 1e28)]
    [InlineData(DType.BFloat16, 0, 1e-39)]
    public void Of_16_bit_floats_are_rounded_to_float32_and_then_to_16_bits(DType dtype, double centre, double spread)
    {
        var wide = Values(centre, spread, 3);
        var x = Programs.Run(Programs.Text("x", $"%d : int = prim::Constant[value={dtype.TorchCode()}](); %y = aten::to(%x, %d)", "y"), wide)[0];
        foreach (var body in new[] { "%r = aten::std(%x, %axes, %true, %false)", "%r = aten::layer_norm(%x, %last, %none, %none, %zero, %false)", "%r = aten::norm(%x, %p2, %axes, %false)" })
        {
            var narrow = Programs.Run(Programs.Text("x", $"{Frame} {body}", "r"), x)[0];
            var rounded = Programs.Run(
                Programs.Text("x", $"{Frame} %f : int = prim::Constant[value={DType.Float32.TorchCode()}](); %d : int = prim::Constant[value={dtype.TorchCode()}](); %w = aten::to(%x, %f); {body.Replace("%x", "%w")}; %y = aten::to(%r, %d)", "y"),
                x)[0];
            Properties.Bits.ShouldBeSame(narrow, rounded, body);
        }
    }

    /// <summary>A mean that is made in float64 anyway takes its values from where they are.</summary>
    [Theory]
    [InlineData("%y = aten::mean(%x, %axes, %false, %none)")]
    [InlineData("%y, %m = aten::var_mean(%x, %axes, %true, %false)")]
    public void No_value_is_made_float64_before_it_is_summed(string body)
    {
        var known = Programs.Specialise(Programs.Text("x", $"{Frame} {body}", "y"), Values(0, 1, 1))[0];
        var sweep = StagedLowering.Lower(known.Spec, known.Arguments).Stages.First(stage => stage.Kind == StageKind.Sweep);
        sweep.Kernel.ShouldBeNull();
        sweep.Reductions.ShouldHaveSingleItem().Source.Place.ShouldBe(OperandPlace.Argument);
    }

    private static void Check(string body, NdArray x, NdArray result, Func<double[], double[]> statistic)
    {
        var values = result.ToArray<float>();
        var perRow = values.Length / Rows;
        for (var row = 0; row < Rows; row++)
        {
            var wanted = statistic(Row(x, row));
            for (var i = 0; i < perRow; i++)
            {
                ShouldBeRounded(values[(row * perRow) + i], wanted[i], $"{body}, row {row}, element {i}");
            }
        }
    }

    private static void ShouldBeRounded(float value, double wanted, string what)
    {
        var rounded = (float)wanted;
        (value == rounded || value == MathF.BitIncrement(rounded) || value == MathF.BitDecrement(rounded)).ShouldBeTrue($"{what}: got {value:R}, wanted {wanted:R}");
    }

    private static NdArray Values(double centre, double spread, int seed)
    {
        var random = new Random(seed);
        return NdArray.From([.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)(centre + (spread * ((2 * random.NextDouble()) - 1))))], Rows, Columns);
    }

    private static double[] Row(NdArray x, int row) => [.. x.ToArray<float>()[(row * Columns)..((row + 1) * Columns)].Select(value => (double)value)];

    private static double Mean(double[] row) => row[0] + (row.Sum(value => value - row[0]) / row.Length);

    private static double Squares(double[] row) => row.Sum(value => value * value);

    private static double Variance(double[] row, int correction)
    {
        var mean = Mean(row);
        return row.Sum(value => (value - mean) * (value - mean)) / (row.Length - correction);
    }

    private static double[] Normalised(double[] row) => [.. row.Select(value => (value - Mean(row)) / Math.Sqrt(Variance(row, 0)))];
}
