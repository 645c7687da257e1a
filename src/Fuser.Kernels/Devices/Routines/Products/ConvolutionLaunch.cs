using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>
/// Convolutions as products: overlapping windows are just strides, so the input is read where it is, block by block, and never spelled out window by window.
/// </summary>
internal static class ConvolutionLaunch
{
    public static ContractionLaunch Of(Convolution convolution, RoutineOperand input, RoutineOperand weight, RoutineOperand result)
    {
        var (x, w, d) = (input.Layout, weight.Layout, result.Layout);
        var (groups, space) = (convolution.Groups, Enumerable.Range(0, convolution.Stride.Length));
        var (channels, outputs) = (w.Sizes[1], d.Sizes[1] / groups);
        var shape = ProductShape.Of(
            [new ProductAxis(d.Sizes[0], 0, x.Strides[0], d.Strides[0]), new ProductAxis(groups, outputs * w.Strides[0], channels * x.Strides[1], outputs * d.Strides[1])],
            [new ProductAxis(outputs, w.Strides[0], 0, d.Strides[1])],
            space.Select(axis => new ProductAxis(d.Sizes[axis + 2], 0, convolution.Stride[axis] * x.Strides[axis + 2], d.Strides[axis + 2])),
            space.Select(axis => new ProductAxis(w.Sizes[axis + 2], w.Strides[axis + 2], convolution.Dilation[axis] * x.Strides[axis + 2], 0))
                .Prepend(new ProductAxis(channels, w.Strides[1], x.Strides[1], 0)));
        return new ContractionLaunch(shape, weight, input, result, SimdWidths.Best);
    }
}
