using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Devices.Routines;

/// <summary>A routine made ready for the shapes and layouts of one plan, in host memory. Immutable, so any number of calls may use it at once.</summary>
internal abstract unsafe class RoutineLaunch
{
    /// <param name="buffers">One pointer per buffer of the plan, to its first element.</param>
    public abstract void Run(byte** buffers, int threads);

    public static RoutineLaunch Of(RoutineStep step) => step.Routine switch
    {
        CumulativeSum sum => new CumulativeSumLaunch(sum, step.Inputs[0], step.Outputs[0]),
        Contraction contraction => ContractionLaunch.Of(contraction, step.Inputs[0], step.Inputs[1], step.Outputs[0], SimdWidths.Best),
        Convolution convolution => ConvolutionLaunch.Of(convolution, step.Inputs[0], step.Inputs[1], step.Outputs[0]),
        Lookup lookup => new LookupLaunch(lookup, step.Inputs[0], step.Inputs[1], step.Outputs[0]),
        Pooling pooling => new PoolingLaunch(pooling, step.Inputs[0], step.Outputs[0], step.Outputs is [_, var indices] ? indices : null),
        var other => throw new InternalFuserException(ErrorCodes.Internal, $"{other.Kind} has no routine in host memory"),
    };
}
