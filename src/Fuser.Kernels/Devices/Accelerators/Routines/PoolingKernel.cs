using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>What windows of planes come to, one per work item.</summary>
internal static class PoolingKernel
{
    public static RoutineKernel Of(Pooling pooling, RoutineStep step, RoutineDevice device)
    {
        var (input, result) = (step.Inputs[0], step.Outputs[0]);
        var indices = step.Outputs is [_, var second] ? second : null;
        var (x, y) = (input.Layout, result.Layout);
        var settings = new RoutineSettings(device);
        var (outputs, planes) = (settings.Add(y.ElementCount), OuterAxes());
        var (rows, columns) = (new PoolWindow(pooling.Rows, settings), new PoolWindow(pooling.Columns, settings));
        var divisor = pooling.Divisor is { } given ? settings.Add(given) : -1;
        int[] down = [settings.Add(x.Strides[2]), settings.Add(y.Strides[2]), settings.Add(indices?.Layout.Strides[2] ?? 0)];
        int[] across = [settings.Add(x.Strides[3]), settings.Add(y.Strides[3]), settings.Add(indices?.Layout.Strides[3] ?? 0)];
        settings.Reach((Int128)pooling.Rows.Input * pooling.Columns.Input);
        foreach (var operand in step.Inputs.Concat(step.Outputs))
        {
            settings.Reach(operand);
        }

        var type = IrTypes.OfStorage(input.DType);
        var kernel = new WrittenKernel(
            "pool",
            KernelParameters.Of(indices is null ? 2 : 3, settings.Values.Length, settings.IsWide, hasScratch: false, hasFault: false),
            indices is null ? [new(input.DType, false), new(input.DType, true)] : [new(input.DType, false), new(input.DType, true), new(DType.Int64, true)],
            device.GroupSize,
            settings.IsWide,
            UsesDoubles: !pooling.IsMaximum || type == IrType.Float64,
            Write);
        return new RoutineKernel(
            $"pool{planes.Count} {(pooling.IsMaximum ? "max" : "mean")} {input.DType.DisplayName()} {rows.Form}{columns.Form}{(indices is null ? "" : " indices")}{(divisor < 0 ? "" : " divisor")}{(settings.IsWide ? "/64" : "")}",
            "a work item for every window",
            [.. step.Inputs, .. step.Outputs],
            [new RoutinePass(kernel, y.ElementCount)],
            settings.Values);

        RoutineAxes OuterAxes() => settings.Axes(
            ProductAxis.Merge(Enumerable.Range(0, 2).Select(axis => new ProductAxis(y.Sizes[axis], x.Strides[axis], y.Strides[axis], indices?.Layout.Strides[axis] ?? 0))),
            axis => axis.Left,
            axis => axis.Right,
            axis => axis.Result);

        void Write(KernelWriter w) => w.ForItems(w.Setting(outputs), item =>
        {
            var (column, rest) = (w.Rest(item, columns.Output(w)), w.Over(item, columns.Output(w)));
            var (row, plane) = (w.Rest(rest, rows.Output(w)), w.Over(rest, rows.Output(w)));
            var at = planes.Positions(w, plane);
            var (ofRows, ofColumns) = (rows.Write(w, row), columns.Write(w, column));
            if (pooling.IsMaximum)
            {
                var (greatest, place) = WriteMaximum(w, at[0], ofRows, ofColumns);
                w.Store(1, Place(w, at, 1, row, column), greatest);
                if (indices is not null)
                {
                    w.Store(2, Place(w, at, 2, row, column), w.Convert(place, IrType.Int64));
                }
            }
            else
            {
                var sum = WriteSum(w, at[0], ofRows, ofColumns);
                var by = divisor >= 0 ? w.Setting(divisor) : w.Times(ofRows.Counted, ofColumns.Counted);
                w.Store(1, Place(w, at, 1, row, column), w.Convert(w.Divide(sum, w.Convert(by, IrType.Float64)), type));
            }
        });

        // Narrow integers are compared in 32 bits, as which they are loaded.
        (CodeValue Greatest, CodeValue Place) WriteMaximum(KernelWriter w, CodeValue plane, PoolRange ofRows, PoolRange ofColumns)
        {
            var greatest = w.Variable(w.Constant(type, Least(input.DType)));
            var place = w.Variable(w.PlusTimes(ofColumns.First, ofRows.First, columns.Input(w)));
            w.For(ofRows.First, ofRows.End, rows.Dilation(w), row =>
            {
                var line = w.PlusTimes(plane, row, w.Setting(down[0]));
                w.For(ofColumns.First, ofColumns.End, columns.Dilation(w), column =>
                {
                    var value = w.Load(0, w.PlusTimes(line, column, w.Setting(across[0])));
                    var isGreater = w.IsLess(greatest, value);
                    w.If(type.IsFloat() ? w.Or(isGreater, w.IsNaN(value)) : isGreater, () =>
                    {
                        w.Set(greatest, value);
                        w.Set(place, w.PlusTimes(column, row, columns.Input(w)));
                    });
                });
            });
            return (greatest, place);
        }

        CodeValue WriteSum(KernelWriter w, CodeValue plane, PoolRange ofRows, PoolRange ofColumns)
        {
            var sum = w.Variable(w.Zero(IrType.Float64));
            w.For(ofRows.First, ofRows.End, w.Position(1), row =>
            {
                var line = w.PlusTimes(plane, row, w.Setting(down[0]));
                w.For(ofColumns.First, ofColumns.End, w.Position(1), column =>
                    w.Set(sum, w.Add(sum, w.Convert(w.Load(0, w.PlusTimes(line, column, w.Setting(across[0]))), IrType.Float64))));
            });
            return sum;
        }

        CodeValue Place(KernelWriter w, CodeValue[] at, int operand, CodeValue row, CodeValue column) =>
            w.PlusTimes(w.PlusTimes(at[operand], row, w.Setting(down[operand])), column, w.Setting(across[operand]));
    }

    /// <summary>What is not greater than anything: a window that begins with it finds its own first element, or none.</summary>
    private static long Least(DType dtype) => dtype switch
    {
        DType.Float32 => unchecked((int)0xff800000),
        DType.Float64 => unchecked((long)0xfff0000000000000),
        DType.Int8 => sbyte.MinValue,
        DType.UInt8 => byte.MinValue,
        DType.Int16 => short.MinValue,
        DType.Int32 => int.MinValue,
        _ => long.MinValue,
    };
}

/// <summary>A window along one axis: where it begins and ends, and what it counts in a mean.</summary>
internal readonly record struct PoolRange(CodeValue First, CodeValue End, CodeValue Counted);

/// <summary>The windows along one axis, by settings; the arithmetic of <see cref="PoolAxis.Window"/>.</summary>
internal sealed class PoolWindow
{
    private readonly PoolAxis _axis;
    private readonly int _input;
    private readonly int _output;
    private readonly int _span;
    private readonly int _stride;
    private readonly int _padding;
    private readonly int _dilation;

    public PoolWindow(PoolAxis axis, RoutineSettings settings)
    {
        _axis = axis;
        var span = ((axis.Kernel - 1) * axis.Dilation) + 1;
        (_input, _output, _span) = (settings.Add(axis.Input), settings.Add(axis.Output), settings.Add(span));
        (_stride, _padding, _dilation) = (settings.Add(axis.Stride), settings.Add(axis.Padding), settings.Add(axis.Dilation));
        settings.Reach(axis.Kernel == 0 ? (Int128)(axis.Output + 1) * axis.Input : ((Int128)axis.Output * axis.Stride) + span + axis.Padding);
    }

    public string Form => _axis.Kernel == 0 ? "a" : _axis.CountsPadding ? "p" : "w";

    public CodeValue Input(KernelWriter w) => w.Setting(_input);

    public CodeValue Output(KernelWriter w) => w.Setting(_output);

    public CodeValue Dilation(KernelWriter w) => w.Setting(_dilation);

    public PoolRange Write(KernelWriter w, CodeValue index)
    {
        var (input, zero, one) = (w.Setting(_input), w.Position(0), w.Position(1));
        if (_axis.Kernel == 0)
        {
            var output = w.Setting(_output);
            var start = w.Over(w.Times(index, input), output);
            var stop = w.Over(w.Minus(w.Plus(w.Times(w.Plus(index, one), input), output), one), output);
            return new PoolRange(start, stop, w.Minus(stop, start));
        }

        var (padding, dilation) = (w.Setting(_padding), w.Setting(_dilation));
        var begin = w.Minus(w.Times(index, w.Setting(_stride)), padding);
        var end = w.Plus(begin, w.Setting(_span));
        var counted = w.Minus(w.Least(end, w.Plus(input, padding)), begin);

        // As many whole steps as bring the window to the axis; none where it begins there.
        var before = w.Select(w.IsLess(begin, zero), w.Minus(zero, begin), zero);
        var first = w.PlusTimes(begin, w.Over(w.Minus(w.Plus(before, dilation), one), dilation), dilation);
        end = w.Least(end, input);
        var within = w.Minus(end, first);
        return new PoolRange(first, end, _axis.CountsPadding ? counted : w.Select(w.IsLess(zero, within), within, zero));
    }
}
