using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Core;

/// <summary>What the runtime logs: failures and what was decided about them. Messages are never logged, only counted and published as dead letters.</summary>
internal sealed partial class ActorLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Warning, "{Actor} failed: {Directive} after {Delay}")]
    internal partial void ActorFailed(ActorPath actor, Directive directive, TimeSpan delay, Exception cause);

    [LoggerMessage(2, LogLevel.Error, "{Hook} of {Actor} threw; the actor goes on to its end")]
    internal partial void HookFailed(ActorPath actor, string hook, Exception cause);

    [LoggerMessage(3, LogLevel.Critical, "A failure was escalated past the top of {System}: the system ends")]
    internal partial void Escalated(string system, Exception cause);

    [LoggerMessage(4, LogLevel.Error, "Shutdown task {Task} of phase {Phase} failed or ran out of time")]
    internal partial void ShutdownTaskFailed(string task, ShutdownPhase phase, Exception cause);
}
