using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>
/// Convolutions as products: overlapping windows are just strides, so the input is read where it is, block by block, and never spelled out window by window.
/// </summary>
internal static class ConvolutionLaunch
{
    public static ContractionLaunch Of(Convolution convolution, RoutineOperand input, RoutineOperand weight, RoutineOperand result) =>
        new(ProductShape.Of(convolution, input, weight, result), weight, input, result, SimdWidths.Best);
}
