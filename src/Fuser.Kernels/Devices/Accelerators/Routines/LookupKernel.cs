using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>Takes elements where indices say, one per work item. An index that is none reads nothing, and is reported.</summary>
internal static class LookupKernel
{
    public static RoutineKernel Of(Lookup lookup, RoutineStep step, RoutineDevice device)
    {
        var (source, index, result) = (step.Inputs[0], step.Inputs[1], step.Outputs[0]);
        var (s, x, d) = (source.Layout, index.Layout, result.Layout);
        var settings = new RoutineSettings(device);
        var merged = ProductAxis.Merge(Enumerable.Range(0, d.Rank).Select(axis => new ProductAxis(d.Sizes[axis], s.Strides[axis + 1], x.Strides[axis], d.Strides[axis])));
        var axes = settings.Axes(merged, axis => axis.Left, axis => axis.Right, axis => axis.Result);
        var (count, limit, next) = (settings.Add(d.ElementCount), settings.Add(s.Sizes[0]), settings.Add(s.Strides[0]));
        settings.Reach(source);
        settings.Reach(index);
        settings.Reach(result);

        // What an element means does not matter here, only its size.
        var element = source.DType.ItemSize() switch { 1 => DType.UInt8, 2 => DType.Int16, 4 => DType.Int32, _ => DType.Int64 };
        var kernel = new WrittenKernel(
            "lookup",
            KernelParameters.Of(3, settings.Values.Length, settings.IsWide, hasScratch: false, hasFault: true),
            [new(element, false), new(DType.Int64, false), new(element, true)],
            device.GroupSize,
            settings.IsWide,
            UsesDoubles: false,
            Write);
        return new RoutineKernel(
            $"lookup{axes.Count}x{source.DType.ItemSize()}{(lookup.FromEnd ? " from end" : "")}{(settings.IsWide ? "/64" : "")}",
            "a work item for every element",
            [source, index, result],
            [new RoutinePass(kernel, d.ElementCount)],
            settings.Values);

        void Write(KernelWriter w) => w.ForItems(w.Setting(count), item =>
        {
            var at = axes.Positions(w, item);
            var (place, none) = (w.Load(1, at[1]), w.Zero(IrType.Int64));
            if (lookup.FromEnd)
            {
                place = w.Select(w.IsLess(place, none), w.Add(place, w.Convert(w.Setting(limit), IrType.Int64)), place);
            }

            var isInside = w.And(w.IsLess(w.Constant(IrType.Int64, -1), place), w.IsLess(place, w.Convert(w.Setting(limit), IrType.Int64)));
            w.If(isInside, () => w.Store(2, at[2], w.Load(0, w.PlusTimes(at[0], w.Narrow(place), w.Setting(next)))), w.ReportIndex);
        });
    }
}
