using Fuser.Actors.Core;

namespace Fuser.Actors.Devices;

/// <summary>
/// Notices a tensor that nobody disposed: held by the tensor and by every input made of it, so it goes when both have. It tells the device's actor, and touches
/// nothing of the device.
/// </summary>
internal sealed class LeakGuard(ActorRef device, long bufferId) : IDisposable
{
#pragma warning disable MA0055 // noticing what was not disposed is what finalizers are for; this one sends a message
    ~LeakGuard() => device.Tell(new Leaked(bufferId));
#pragma warning restore MA0055

    /// <summary>The tensor was disposed.</summary>
    public void Dispose() => GC.SuppressFinalize(this);
}
