using Fuser.Kernels.Devices.Reductions;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Kernels.Devices;

/// <summary>
/// Runs the kernel of a fusion group over all loops of its specialisation in host memory: outer axes, tiles for what is strided, and threads. Made once
/// per plan; immutable, so any number of calls may use it at once.
/// </summary>
internal abstract unsafe class GroupLaunch
{
    /// <summary>
    /// Work, in primitives times elements, below which a second thread costs more than it saves: about 15 us. Measured by the benchmark, which prints where two threads overtake one.
    /// </summary>
    protected const long ParallelWork = 1_000_000;

    public static GroupLaunch Of(Specialisation specialisation) =>
        specialisation.Rows is null ? new KernelLaunch(specialisation) : new ReductionLaunch(specialisation);

    /// <param name="kernel">The specialisation's own.</param>
    /// <param name="buffers">One pointer per buffer of the plan, to its first element.</param>
    /// <param name="numbers">The plan's numbers, 8 bytes each.</param>
    /// <exception cref="InputException">An integer was divided by zero.</exception>
    public void Run(CompiledKernel kernel, byte** buffers, long* numbers, long seed, int threads)
    {
        try
        {
            RunAll(kernel, buffers, numbers, seed, threads);
        }
        catch (DivideByZeroException error)
        {
            throw DividedByZero(error);
        }
    }

    /// <summary>What a division that a kernel refused is to whoever handed the divisor in.</summary>
    public static InputException DividedByZero(DivideByZeroException cause) =>
        new(ErrorCodes.InvalidValue, "an integer was divided by zero; check the divisor, or convert to a floating point type first", cause);

    protected abstract void RunAll(CompiledKernel kernel, byte** buffers, long* numbers, long seed, int threads);
}
