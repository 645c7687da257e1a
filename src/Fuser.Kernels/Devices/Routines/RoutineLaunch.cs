using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;

namespace Fuser.Kernels.Devices.Routines;

/// <summary>A routine made ready for the shapes and layouts of one plan, in host memory. Immutable, so any number of calls may use it at once.</summary>
internal abstract unsafe class RoutineLaunch
{
    /// <param name="buffers">One pointer per buffer of the plan, to its first element.</param>
    public abstract void Run(byte** buffers, int threads);

    public static RoutineLaunch Of(RoutineStep step) => step.Routine switch
    {
        CumulativeSum sum => new CumulativeSumLaunch(sum, step.Inputs[0], step.Outputs[0]),
        var other => throw new InternalFuserException(ErrorCodes.Internal, $"{other.Kind} has no routine in host memory"),
    };
}
