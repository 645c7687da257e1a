using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>Sums of products, each in the order that <see cref="Contraction"/> fixes: matrix products, and convolutions, whose windows are just strides.</summary>
internal static class ProductKernel
{
    public static RoutineKernel Of(RoutineStep step, RoutineDevice device)
    {
        var result = step.Outputs[0];
        var (shape, left, right) = step.Routine is Convolution convolution
            ? (ProductShape.Of(convolution, step.Inputs[0], step.Inputs[1], result), step.Inputs[1], step.Inputs[0])
            : (ProductShape.Of((Contraction)step.Routine, step.Inputs[0], step.Inputs[1], result), step.Inputs[0], step.Inputs[1]);
        (left, right) = shape.IsExchanged ? (right, left) : (left, right);
        var product = new ProductProgram(shape, left, right, result, device);
        var tile = device.IsForProcessor || device.GroupSize != ProductTile.GroupSize ? null : ProductTile.For(product);
        var kernel = new WrittenKernel(
            "product",
            KernelParameters.Of(3, product.Settings.Values.Length, product.Settings.IsWide, hasScratch: false, hasFault: false),
            [new(left.DType, false), new(right.DType, false), new(result.DType, true)],
            device.GroupSize,
            product.Settings.IsWide,
            product.Type == IrType.Float64,
            tile is null ? product.WriteElements : tile.Write);
        return new RoutineKernel(
            $"product{product.Form}{(tile is null ? "" : $" {tile.Form}")}{(product.Settings.IsWide ? "/64" : "")}",
            tile is null ? "a work item for every sum" : $"{ProductTile.GroupSize} work items for every tile of {tile.Rows} by {tile.Columns} sums, a chain each of {tile.SumsPerItem}",
            [left, right, result],
            [new RoutinePass(kernel, tile is null ? result.Layout.ElementCount : tile.Count * ProductTile.GroupSize)],
            product.Settings.Values);
    }
}
