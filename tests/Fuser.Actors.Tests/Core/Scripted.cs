using Fuser.Actors.Core;

namespace Fuser.Actors.Tests.Core;

/// <summary>An actor whose behaviour is written in the test.</summary>
internal sealed class Scripted(Action<Scripted, object> receive) : Actor
{
    public Action<Scripted>? Start { get; init; }

    public Action<Scripted>? End { get; init; }

    public Action<Scripted, Exception, object?>? BeforeRestart { get; init; }

    public Action<Scripted, Exception>? AfterRestart { get; init; }

    public SupervisorStrategy? Strategy { get; init; }

    public new IActorContext Context => base.Context;

    public new ActorRef Self => base.Self;

    public new ReplyTo Sender => base.Sender;

    public new IStash Stash => base.Stash;

    public new ITimerScheduler Timers => base.Timers;

    protected override SupervisorStrategy SupervisorStrategy => Strategy ?? base.SupervisorStrategy;

    public new void Unhandled(object message) => base.Unhandled(message);

    /// <summary>Creates its Props.</summary>
    public static Props Props(Action<Scripted, object> receive) => Actors.Core.Props.Create(() => new Scripted(receive));

    /// <summary>A supervisor whose children the test creates by sending their Props and an optional name.</summary>
    public static Props Parent(SupervisorStrategy strategy) => Props(static (self, message) =>
    {
        switch (message)
        {
            case (Props props, string name):
                self.Sender.Tell(self.Context.ActorOf(props, name));
                break;
            case ActorRef child:
                self.Context.Stop(child);
                break;
            case Exception cause:
                throw cause;
            default:
                self.Unhandled(message);
                break;
        }
    }).WithSupervisorStrategy(strategy);

    protected override void Receive(object message) => receive(this, message);

    protected override void PreStart() => Start?.Invoke(this);

    protected override void PostStop() => End?.Invoke(this);

    protected override void PreRestart(Exception cause, object? message)
    {
        BeforeRestart?.Invoke(this, cause, message);
        base.PreRestart(cause, message);
    }

    protected override void PostRestart(Exception cause)
    {
        AfterRestart?.Invoke(this, cause);
        base.PostRestart(cause);
    }
}

/// <summary>A failure made on purpose.</summary>
internal sealed class BoomException(string message = "boom") : Exception(message);
