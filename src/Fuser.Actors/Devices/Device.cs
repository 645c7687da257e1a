using Fuser.Kernels.Targets;

namespace Fuser.Actors.Devices;

/// <summary>A device of the system.</summary>
/// <param name="Name">As <c>--device</c> takes it.</param>
/// <param name="Target">What generates its code.</param>
/// <param name="RunsOnCaller">Whether a ready kernel runs on the thread of whoever calls. True for the processor: there is no queue to protect, and small arrays would drown in hand-offs.</param>
internal sealed record Device(string Name, string Description, IKernelTarget Target, bool RunsOnCaller);
