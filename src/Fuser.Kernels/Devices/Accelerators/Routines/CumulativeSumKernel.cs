using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>
/// Running sums. Short lines get a work item each. Of longer ones each block gets one: they are summed side by side, then the sums before each block are added
/// up, and then each is gone through once more.
/// </summary>
internal static class CumulativeSumKernel
{
    public static RoutineKernel Of(CumulativeSum sum, RoutineStep step, RoutineDevice device)
    {
        var (input, output) = (step.Inputs[0], step.Outputs[0]);
        var (x, y) = (input.Layout, output.Layout);
        var settings = new RoutineSettings(device);
        var merged = ProductAxis.Merge(Enumerable.Range(0, x.Rank).Where(axis => axis != sum.Axis).Select(axis => new ProductAxis(x.Sizes[axis], x.Strides[axis], y.Strides[axis], 0)));
        var axes = settings.Axes(merged, axis => axis.Left, axis => axis.Right);
        var (lineCount, length) = (ProductAxis.Count(merged), x.Sizes[sum.Axis]);
        var blockCount = (length + CumulativeSum.BlockLength - 1) / CumulativeSum.BlockLength;
        var isSplit = blockCount > 1;
        var (lines, size, blocks) = (settings.Add(lineCount), settings.Add(length), settings.Add(blockCount));
        var (nextIn, nextOut) = (settings.Add(x.Strides[sum.Axis]), settings.Add(y.Strides[sum.Axis]));
        settings.Reach((Int128)lineCount * (length + CumulativeSum.BlockLength));
        settings.Reach(input);
        settings.Reach(output);
        var (value, wide) = (IrTypes.OfStorage(input.DType), input.DType.IsFloatingPoint() ? IrType.Float64 : IrType.Int64);
        var parameters = KernelParameters.Of(2, settings.Values.Length, settings.IsWide, hasScratch: isSplit, hasFault: false);
        return new RoutineKernel(
            $"cumsum{axes.Count} {input.DType.DisplayName()}{(isSplit ? " split" : "")}{(settings.IsWide ? "/64" : "")}",
            isSplit ? $"lines are cut into {blockCount} blocks of {CumulativeSum.BlockLength} elements, a work item for every block; a pass sums them, one adds up the sums, one writes" : "a work item for every line",
            [input, output],
            isSplit
                ? [Pass("cumsum_p0", lineCount * blockCount, SumBlocks), Pass("cumsum_p1", lineCount, AddUp), Pass("cumsum_p2", lineCount * blockCount, WriteBlocks)]
                : [Pass("cumsum", length == 0 ? 0 : lineCount, WriteLines)],
            settings.Values,
            isSplit ? lineCount * blockCount : 0);

        RoutinePass Pass(string entry, long items, Action<KernelWriter> body) =>
            new(new WrittenKernel(entry, parameters, [new(input.DType, false), new(output.DType, true)], device.GroupSize, settings.IsWide, wide == IrType.Float64, body), items);

        void WriteLines(KernelWriter w) => w.ForItems(w.Setting(lines), line =>
            WriteRange(w, line, w.Zero(wide), w.Position(0), w.Setting(size)));

        void SumBlocks(KernelWriter w) => ForBlocks(w, (unit, line, begin, end) =>
        {
            var start = axes.Positions(w, line)[0];
            var within = w.Variable(w.Zero(wide));
            w.ForLoaded(begin, end, 1, i => Element(w, start, i), (_, element) => w.Set(within, w.Add(within, element)));
            w.StoreScratch(unit, within);
        });

        void AddUp(KernelWriter w) => w.ForItems(w.Setting(lines), line =>
        {
            var before = w.Variable(w.Zero(wide));
            w.For(w.Position(0), w.Setting(blocks), w.Position(1), block =>
            {
                var word = w.PlusTimes(line, block, w.Setting(lines));
                var of = w.LoadScratch(wide, word);
                w.StoreScratch(word, before);
                w.Set(before, w.Add(before, of));
            });
        });

        void WriteBlocks(KernelWriter w) => ForBlocks(w, (unit, line, begin, end) => WriteRange(w, line, w.LoadScratch(wide, unit), begin, end));

        // Neighbouring work items have neighbouring lines, which may lie together.
        void ForBlocks(KernelWriter w, Action<CodeValue, CodeValue, CodeValue, CodeValue> body) => w.ForItems(w.Times(w.Setting(lines), w.Setting(blocks)), unit =>
        {
            var begin = w.Times(w.Over(unit, w.Setting(lines)), w.Position(CumulativeSum.BlockLength));
            body(unit, w.Rest(unit, w.Setting(lines)), begin, w.Least(w.Plus(begin, w.Position(CumulativeSum.BlockLength)), w.Setting(size)));
        });

        void WriteRange(KernelWriter w, CodeValue line, CodeValue before, CodeValue begin, CodeValue end)
        {
            var start = axes.Positions(w, line);
            var within = w.Variable(w.Zero(wide));
            w.ForLoaded(begin, end, 1, i => Element(w, start[0], i), (i, element) =>
            {
                w.Set(within, w.Add(within, element));
                w.Store(1, w.PlusTimes(start[1], i, w.Setting(nextOut)), w.Convert(w.Add(before, within), value));
            });
        }

        CodeValue Element(KernelWriter w, CodeValue start, CodeValue i) => w.Convert(w.Load(0, w.PlusTimes(start, i, w.Setting(nextIn))), wide);
    }
}
