using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>Runs the regions of one run of a program.</summary>
internal interface IRegionRunner
{
    /// <summary>Runs a region's graph.</summary>
    /// <param name="seed">Of this run of the region.</param>
    /// <param name="memory">Gives arrays to write to; new ones are as good.</param>
    ValueTask<ImmutableArray<NdArray>> RunAsync(RegionGraph region, ReadOnlyMemory<FuserValue> inputs, long seed, ProgramMemory memory);

    /// <summary>Called before every trip of a loop: ends the run when it was cancelled, and may let others have the thread.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    ValueTask BeforeTripAsync();
}
