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
        var walk = WalkOf(product, result.Layout.ElementCount, device);
        var kernel = new WrittenKernel(
            "product",
            KernelParameters.Of(3, product.Settings.Values.Length, product.Settings.IsWide, hasScratch: false, hasFault: false),
            [new(left.DType, false), new(right.DType, false), new(result.DType, true)],
            device.GroupSize,
            product.Settings.IsWide,
            product.Type == IrType.Float64,
            walk.Body);
        return new RoutineKernel(
            $"product{product.Form}{walk.Form}{(product.Settings.IsWide ? "/64" : "")}",
            walk.Description,
            [left, right, result],
            [new RoutinePass(kernel, walk.Items)],
            product.Settings.Values);
    }

    private static Walk WalkOf(ProductProgram product, long sums, RoutineDevice device)
    {
        if (!device.IsForProcessor && device.GroupSize == ProductTile.GroupSize && ProductTile.Fits(product.Shape))
        {
            var tile = new ProductTile(product);
            return new Walk($" {tile.Form}", $"{device.GroupSize} work items for every tile of {tile.Rows} by {tile.Columns} sums, one chain of {tile.SumsPerItem} sums each", tile.Count * device.GroupSize, tile.Write);
        }

        if (!device.IsForProcessor && product.IsRightByTerms && device.GroupSize % Contraction.Chains == 0)
        {
            var team = new ProductTeam(product, sums, device.GroupSize);
            return new Walk(" teams", $"{Contraction.Chains} work items for every sum, a chain each", team.Groups * device.GroupSize, team.Write);
        }

        return new Walk("", "a work item for every sum", sums, product.WriteElements);
    }

    /// <summary>How work items share the sums.</summary>
    private readonly record struct Walk(string Form, string Description, long Items, Action<KernelWriter> Body);
}
