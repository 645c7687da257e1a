using static Fuser.Compare.Workloads.ArrayKind;
using static Fuser.Compare.Workloads.ElementType;

namespace Fuser.Compare.Workloads;

/// <summary>All workloads. Their formulas are written down in the README beside the program and as graphs in <c>graphs</c>.</summary>
internal static class WorkloadCatalogue
{
    private const int Row = Workload.SizeStep;
    private const int Cell = 500;

    public static IReadOnlyList<Workload> All { get; } =
    [
        new("W1", "relu(a*x + b) * c", Bound.Memory, n => [In(-2, 4, n), In(-2, 4, n), In(-2, 4, n), In(-2, 4, n), Out(n)]),
        new("W2", "tanh(x)*sigmoid(x) + exp(-x*x)", Bound.Arithmetic, n => [In(-6, 12, n), Out(n)]),
        new("W3", "LSTM cell, gates in four chunks", Bound.Arithmetic, n => [In(-4, 8, n / Cell, 4 * Cell), In(-2, 4, n / Cell, Cell), Out(n / Cell, Cell), Out(n / Cell, Cell)]),
        new("W4", "gelu with erf", Bound.Arithmetic, n => [In(-6, 12, n), Out(n)]),
        new("W5", "(x - mean) * rstd * w + b, by rows", Bound.Memory, n => [In(-4, 8, n / Row, Row), In(-1, 2, n / Row, 1), In(0.5, 1, n / Row, 1), In(-1, 2, Row), In(-1, 2, Row), Out(n / Row, Row)]),
        new("W6-softmax", "softmax of rows of 1000", Bound.Reduction, n => [In(-4, 8, n / Row, Row), Out(n / Row, Row)]),
        new("W6-layernorm", "layer norm of rows of 1000", Bound.Reduction, n => [In(-4, 8, n / Row, Row), In(-1, 2, Row), In(-1, 2, Row), Out(n / Row, Row)]),
        new("W6-rmsnorm", "RMS norm of rows of 1000", Bound.Reduction, n => [In(-4, 8, n / Row, Row), In(-1, 2, Row), Out(n / Row, Row)]),
        new("W6-colsum", "sum of 1000 columns", Bound.Reduction, n => [In(-4, 8, n / Row, Row), Out(Row)]),
        new("W6-sum", "sum of all elements", Bound.Reduction, n => [In(-4, 8, n), Out(1)]),
        new("W7", "Black-Scholes call, float32", Bound.Arithmetic, n => BlackScholes(F32, n)),
        new("W7-f64", "Black-Scholes call, float64", Bound.Arithmetic, n => BlackScholes(F64, n)),
        new("W8", "thirty cheap operations", Bound.Memory, n => [In(-4, 8, n), In(-1, 2, n), Out(n)]),
        new("W9", "Adam step, five in, three out", Bound.Memory, n => [In(-2, 4, n), In(-1, 2, n), In(-1, 2, n), In(0.25, 1, n), In(0, 0.0625, n), Out(n), Out(n), Out(n)]),
        new("W10", "blend of uint8 images", Bound.Memory, n => [Of(Input, U8, 0, 256, n), Of(Input, U8, 0, 256, n), Of(Input, U8, 0, 256, n), Of(Output, U8, 0, 1, n)]),
        new("W11", "float16 in and out, float32 between", Bound.Memory, n => [Of(Input, F16, -2, 4, n), Of(Input, F16, -2, 4, n), Of(Output, F16, 0, 1, n)]),
        new("W12", "relu(a + transposed x / 2)", Bound.Memory, Transposition),
    ];

    /// <summary>Workloads whose id is, or starts with, a name: W6 stands for all of its reductions, W7 for both of its types.</summary>
    public static IEnumerable<Workload> Find(string name) =>
        All.Where(workload => workload.Id.Equals(name, StringComparison.OrdinalIgnoreCase) || workload.Id.StartsWith(name + "-", StringComparison.OrdinalIgnoreCase));

    private static ArraySpec[] BlackScholes(ElementType type, long n) =>
        [Of(Input, type, 10, 32, n), Of(Input, type, 10, 32, n), Of(Input, type, 0.5, 1, n), Of(Input, type, 0.015625, 0.03125, n), Of(Input, type, 0.125, 0.25, n), Of(Output, type, 0, 1, n)];

    /// <summary>A matrix as square as the size allows.</summary>
    private static ArraySpec[] Transposition(long n)
    {
        var height = (long)Math.Sqrt(n);
        while (n % height != 0)
        {
            height--;
        }

        return [In(-2, 4, height, n / height), Of(Transposed, F32, -2, 4, n / height, height), Out(height, n / height)];
    }

    private static ArraySpec In(double low, double width, params long[] shape) => Of(Input, F32, low, width, shape);

    private static ArraySpec Out(params long[] shape) => Of(Output, F32, 0, 1, shape);

    private static ArraySpec Of(ArrayKind kind, ElementType type, double low, double width, params long[] shape) => new(kind, type, shape, low, width);
}
