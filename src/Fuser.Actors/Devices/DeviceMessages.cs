using System.Collections.Immutable;
using Fuser.Actors.Caching;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Devices;

/// <summary>Runs a plan's kernels on the device, in order. Answered with <see cref="Launched"/>.</summary>
/// <param name="Kernels">One per group of the plan.</param>
/// <param name="Outputs">Arrays to write, or default for new ones.</param>
internal sealed record Launch(PlanRunner Plan, ImmutableArray<KernelReady> Kernels, ImmutableArray<FuserValue> Inputs, ImmutableArray<NdArray> Outputs, long Seed, int Threads, CancellationToken Cancellation = default)
{
    // Made with the message, so that one that is sent again costs nothing.
    private readonly Launched _intoOutputs = new(Outputs);

    /// <summary>Runs on this thread, and holds the kernels meanwhile.</summary>
    /// <param name="leased">Holds none.</param>
    public Launched Run(LeasedKernels leased)
    {
        leased.Take(Kernels);
        try
        {
            if (Outputs.IsDefault)
            {
                return new Launched(Plan.Run(Inputs.AsSpan(), leased.Kernels, Seed, Threads, Cancellation));
            }

            Plan.Run(Inputs.AsSpan(), Outputs.AsSpan(), leased.Kernels, Seed, Threads, Cancellation);
            return _intoOutputs;
        }
        finally
        {
            leased.Release();
        }
    }
}

/// <summary>A launch is done.</summary>
internal sealed record Launched(ImmutableArray<NdArray> Outputs);

/// <summary>Reserves memory of the device. Answered with <see cref="Allocated"/>.</summary>
internal sealed record Allocate(DType DType, ImmutableArray<long> Shape);

/// <summary>Memory of a device, by id: the memory itself does not leave the actor.</summary>
internal sealed record Allocated(long BufferId, long Bytes);

/// <summary>Gives memory back. Answered with <see cref="Freed"/>, or a failure when the buffer is not there (any more).</summary>
internal sealed record Free(long BufferId);

/// <summary>Memory was given back.</summary>
internal sealed record Freed(long BufferId);

/// <summary>Answered with <see cref="DeviceStatus"/>.</summary>
internal sealed record GetDeviceStatus
{
    public static GetDeviceStatus Instance { get; } = new();
}

/// <summary>What a device holds and has done since its actor last started.</summary>
internal sealed record DeviceStatus(string Name, string Description, long Launches, long Buffers, long BytesAllocated, int QueueLength);
