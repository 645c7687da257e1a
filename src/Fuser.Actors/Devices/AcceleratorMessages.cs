using System.Collections.Immutable;
using Fuser.Actors.Caching;
using Fuser.Actors.Core;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Devices;

/// <summary>Opens the device and has its exactness probed, if that was not done yet. Answered with <see cref="Admitted"/>, or a failure that says why it may not be used.</summary>
internal sealed record Admit(bool AllowInexact);

/// <summary>The device may be used.</summary>
/// <param name="Difference">What it gets wrong, when it is used all the same.</param>
internal sealed record Admitted(string? Difference);

/// <summary>Runs a plan on an accelerator. Answered with <see cref="Launched"/>, or with <see cref="Kept"/> when the results stay there.</summary>
/// <param name="Kernels">One per group of the plan.</param>
/// <param name="Threads">That steps on the host may use.</param>
/// <param name="Outputs">Arrays to write, or default for new ones.</param>
/// <param name="KeepResults">Whether the results stay on the device; outputs are of no use then.</param>
internal sealed record LaunchOnDevice(DevicePlan Plan, ImmutableArray<KernelReady> Kernels, ImmutableArray<FuserValue> Inputs, ImmutableArray<NdArray> Outputs, bool KeepResults, long Seed, int Threads);

/// <summary>Results that stay on the device, one id per output.</summary>
internal sealed record Kept(ImmutableArray<long> BufferIds);

/// <summary>Copies an array to the device. Answered with <see cref="Allocated"/>. The array is read until then.</summary>
internal sealed record Upload(NdArray Array);

/// <summary>Copies a buffer to the host. Answered with <see cref="Downloaded"/>.</summary>
/// <param name="Destination">Row-major, of the buffer's size.</param>
internal sealed record Download(long BufferId, NdArray Destination);

/// <summary>The copy is complete.</summary>
internal sealed record Downloaded
{
    public static Downloaded Instance { get; } = new();
}

/// <summary>Gives a buffer's memory back. Not answered; one that is gone already is no error.</summary>
internal sealed record Discard(long BufferId);

/// <summary>Nobody holds the tensor of this buffer any more, and nobody disposed it.</summary>
internal sealed record Leaked(long BufferId);

/// <summary>A launch for a stream, whose sender is whoever asked for it, with the buffers its inputs lie in, held for it.</summary>
internal sealed record StreamLaunch(LaunchOnDevice Launch, ImmutableDictionary<long, DeviceBuffer> Inputs);

/// <summary>A stream is done with its launch. Its sender waits for the ids when there are results to keep. Never refused by a full mailbox.</summary>
internal sealed record StreamIdle(ActorRef Stream, ImmutableArray<DeviceBuffer> Results) : IAutoReceivedMessage;

/// <summary>A stream found the device lost. Never refused by a full mailbox.</summary>
internal sealed record StreamLost(ActorRef Stream, Exception Cause) : IAutoReceivedMessage;
