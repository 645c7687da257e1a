using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Tensors made of numbers. They are computed by who reads them, and in memory only where that has to be.</summary>
internal static class CreationRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::arange"] = Range,
        ["aten::linspace"] = Linspace,
        ["aten::eye"] = Eye,
        ["aten::zeros"] = c => Filled(c, 0, RuleContext.Number(0), 1, DType.Float32),
        ["aten::ones"] = c => Filled(c, 0, RuleContext.Number(1), 1, DType.Float32),
        ["aten::empty"] = c => Filled(c, 0, RuleContext.Number(0), 1, DType.Float32),
        ["aten::full"] = c => Filled(c, 0, 1, 2, TypeOf(c.NumberArgument(1))),
        ["aten::new_zeros"] = c => Filled(c, 1, RuleContext.Number(0), 2, c.Tensor(0).DType),
        ["aten::new_ones"] = c => Filled(c, 1, RuleContext.Number(1), 2, c.Tensor(0).DType),
        ["aten::new_empty"] = c => Filled(c, 1, RuleContext.Number(0), 2, c.Tensor(0).DType),
        ["aten::new_full"] = c => Filled(c, 1, 2, 3, c.Tensor(0).DType),
    };

    private static PlanTensor Filled(RuleContext c, int shape, PlanNumber number, int dtype, DType otherwise) =>
        c.Filled(number, c.DTypeAt(dtype) ?? otherwise, c.Integers(shape));

    private static PlanTensor Filled(RuleContext c, int shape, int value, int dtype, DType otherwise)
    {
        var type = c.DTypeAt(dtype) ?? otherwise;
        return c.Filled(c.Held(value, "fill_value", type), type, c.Integers(shape));
    }

    /// <summary>The dtype that numbers give a tensor of theirs.</summary>
    private static DType TypeOf(params PlanNumber[] numbers) =>
        numbers.Any(number => number.Category == DType.Float64) ? DType.Float32 : numbers.All(number => number.Category == DType.Bool) ? DType.Bool : DType.Int64;

    private static PlanTensor Range(RuleContext c)
    {
        // Behind the numbers come dtype, layout, device and pin_memory, which graphs print and people leave out.
        var numbers = c.Count switch { >= 7 => 3, 6 => 2, 5 => 1, 4 => 3, _ => c.Count };
        var (start, end, step) = (numbers > 1 ? c.Structural(0, 0) : 0, c.Structural(numbers > 1 ? 1 : 0, 0), numbers > 2 ? c.Structural(2, 1) : 1);
        var given = TypeOf([.. Enumerable.Range(0, numbers).Select(c.NumberArgument)]);
        var dtype = c.DTypeAt(numbers) ?? (given == DType.Bool ? DType.Int64 : given);
        if (dtype == DType.Bool || !double.IsFinite(start) || !double.IsFinite(end) || !double.IsFinite(step) || step == 0 || (end - start) / step < 0)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"got start {start}, end {end}, step {step} of {dtype.DisplayName()}, wanted finite numbers, a step other than 0 that leads from start to end, and a dtype of numbers");
        }

        // As PyTorch: numbers for an int64 result are cut to ints before they are counted.
        return given != DType.Float32 ? OfIntegers(c, numbers > 1 ? c.Integer(0) : 0, c.Integer(numbers > 1 ? 1 : 0), numbers > 2 ? c.Integer(2) : 1, dtype)
            : dtype == DType.Int64 ? OfIntegers(c, long.CreateSaturating(start), long.CreateSaturating(end), long.CreateSaturating(step), dtype)
            : OfFloats(c, start, step, Math.Ceiling((end - start) / step), dtype);
    }

    private static PlanTensor OfFloats(RuleContext c, double start, double step, double count, DType dtype)
    {
        var index = c[Indices(c, count)];
        return dtype.IsFloatingPoint()
            ? ((index.To(DType.Float64) * c.OfShape(step)) + c.OfShape(start)).To(dtype)
            : ((index * c.OfShape((long)step)) + c.OfShape((long)start)).To(dtype);
    }

    private static PlanTensor OfIntegers(RuleContext c, long start, long end, long step, DType dtype)
    {
        if (step == 0)
        {
            throw c.Error(ErrorCodes.InvalidShape, "the step is 0 as an integer, wanted at least 1 or at most -1");
        }

        var (distance, width) = ((Int128)end - start, Int128.Abs(step));
        var index = c[Indices(c, (double)((Int128.Abs(distance) + width - 1) / width))];
        return ((index * c.OfShape(step)) + c.OfShape(start)).To(dtype);
    }

    private static PlanTensor Indices(RuleContext c, double count) => count < long.MaxValue
        ? c.Indices([(long)count], [1])
        : throw c.Error(ErrorCodes.SizeLimit, $"would have {count} elements; shorten the range");

    private static PlanTensor Linspace(RuleContext c)
    {
        var (start, end, steps, dtype) = (c.Structural(0, 0), c.Structural(1, 0), c.Integer(2), c.DTypeAt(3) ?? DType.Float32);
        if (steps < 0 || !dtype.IsFloatingPoint())
        {
            throw c.Error(ErrorCodes.InvalidShape, $"got {steps} steps of {dtype.DisplayName()}, wanted at least 0, of floats");
        }

        if (steps <= 1)
        {
            return c.Filled(c.NumberArgument(0), dtype, [steps]);
        }

        // As PyTorch, in the dtype itself: the first half counts from the start, the second back from the end.
        var wide = dtype == DType.Float64 ? DType.Float64 : DType.Float32;
        var step = wide == DType.Float64 ? (end - start) / (steps - 1) : ((float)end - (float)start) / (steps - 1);
        var index = c[Indices(c, steps)];
        var forward = (index.To(wide) * c.OfShape(step)) + c.OfShape(start);
        var backward = ((c[c.Indices([steps], [-1])] + c.OfShape(steps - 1)).To(wide) * c.OfShape(-step)) + c.OfShape(end);
        return index.Call("aten::lt", c.OfShape(steps / 2)).Choose(forward.Tensor, backward.Tensor).To(dtype);
    }

    private static PlanTensor Eye(RuleContext c)
    {
        var isSquare = c.Count is 1 or 5;
        ImmutableArray<long> shape = [c.Integer(0), c.Integer(isSquare ? 0 : 1)];
        Shapes.ElementCount(shape.AsSpan());
        return c[c.Indices(shape, [1, -1])].EqualTo(RuleContext.Number(0)).To(c.DTypeAt(isSquare ? 1 : 2) ?? DType.Float32);
    }
}
