using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fuser.Actors.Core;

/// <summary>
/// A tree of actors in this process. Create one, keep it, and dispose it: disposal runs <see cref="Shutdown"/> and ends everything
/// within <see cref="ActorSystemOptions.DrainTimeout"/> plus twice <see cref="ActorSystemOptions.StopTimeout"/>. No Ask outlives it.
/// </summary>
public sealed class ActorSystem : IAsyncDisposable
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _restarts;
    private long _messagesOfStopped;
    private int _peakOfStopped;

    /// <summary>Starts a system.</summary>
    /// <param name="name">Name in errors, logs and metrics, under the rules of actor names.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="timeProvider">The clock of all timeouts and timers; the system's when null.</param>
    /// <param name="loggerFactory">Where failures of actors are logged; nowhere when null.</param>
    /// <exception cref="ArgumentException">The name or a setting is out of range.</exception>
    public ActorSystem(string name, ActorSystemOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!ActorPath.IsValidName(name))
        {
            throw new ArgumentException($"'{name}' cannot name an actor system: it must be 1 to {ActorPath.MaxNameLength} of A-Z a-z 0-9 - _ . $ : + @.", nameof(name));
        }

        Name = name;
        Options = options ?? new ActorSystemOptions();
        ActorSystemOptions.Validate(Options);
        TimeProvider = timeProvider ?? TimeProvider.System;
        Log = new ActorLog((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Fuser.Actors"));
        Clock = new CoarseClock(TimeProvider);
        Asks = new AskRegistry(this, Clock, Options.AskTimeout);
        AskPath = new ActorPath(name, null, "ask");
        Shutdown = new CoordinatedShutdown(this);
        Guardian = new ActorCell(this, Props.Create<GuardianActor>().WithSupervisorStrategy(Options.GuardianStrategy), new ActorPath(name, null, "user"), null);
        Guardian.SendSystem(new CreateMessage());
        Meter = ActorTelemetry.CreateMeter(this);
    }

    /// <summary>Name of the system.</summary>
    public string Name { get; }

    /// <summary>The settings it was started with.</summary>
    public ActorSystemOptions Options { get; }

    /// <summary>The clock of all timeouts and timers.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>Everything that did not arrive.</summary>
    public DeadLetters DeadLetters { get; } = new();

    /// <summary>The orderly end of the system, and where to add to it.</summary>
    public CoordinatedShutdown Shutdown { get; }

    /// <summary>Completes when all actors have stopped.</summary>
    public Task WhenTerminated => _stopped.Task;

    /// <summary>The failure that was escalated past the top and ended the system; null as long as there is none.</summary>
    public Exception? TerminationCause { get; private set; }

    /// <summary>Counters as they stand.</summary>
    public ActorSystemStatistics Statistics
    {
        get
        {
            (long messages, int actors, int peak) = (Interlocked.Read(ref _messagesOfStopped), -1, Volatile.Read(ref _peakOfStopped));
            Guardian.Measure(ref messages, ref actors, ref peak);
            return new ActorSystemStatistics(messages, actors, Interlocked.Read(ref _restarts), DeadLetters.Dead, DeadLetters.Unhandled, DeadLetters.Dropped, peak);
        }
    }

    internal CoarseClock Clock { get; }

    internal AskRegistry Asks { get; }

    internal ActorPath AskPath { get; }

    internal ActorLog Log { get; }

    internal ActorCell Guardian { get; }

    internal Meter Meter { get; }

    /// <summary>Creates a top-level actor. It starts in its own first turn.</summary>
    /// <param name="props">How to make and run it.</param>
    /// <param name="name">Unique among the top-level actors; generated when null. See <see cref="IActorContext.ActorOf"/>.</param>
    /// <exception cref="InvalidActorNameException">The name is malformed or taken.</exception>
    /// <exception cref="ActorStoppedException">The system is stopping.</exception>
    public ActorRef ActorOf(Props props, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        return Guardian.CreateChild(props, name);
    }

    /// <summary>Stops an actor after the message it is handling.</summary>
    public void Stop(ActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        actor.SendSystem(new TerminateMessage());
    }

    /// <summary>Runs <see cref="Shutdown"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await Shutdown.RunAsync().ConfigureAwait(false);
        Meter.Dispose();
    }

    internal void CountRestart() => Interlocked.Increment(ref _restarts);

    internal void CountStopped(ActorCell cell)
    {
        Interlocked.Add(ref _messagesOfStopped, cell.Processed);
        int peak = Volatile.Read(ref _peakOfStopped);
        while (cell.MailboxPeak > peak)
        {
            int seen = Interlocked.CompareExchange(ref _peakOfStopped, cell.MailboxPeak, peak);
            if (seen == peak)
            {
                break;
            }

            peak = seen;
        }
    }

    internal void OnGuardianFailed(Exception cause)
    {
        TerminationCause ??= cause;
        Log.Escalated(Name, cause);
        _ = Shutdown.RunAsync();
    }

    internal void OnGuardianStopped() => _stopped.TrySetResult();

    /// <summary>Sends a system message now or after a pause.</summary>
    internal void SendAfter(TimeSpan delay, ActorRef to, SystemMessage message)
    {
        if (delay <= TimeSpan.Zero)
        {
            to.SendSystem(message);
            return;
        }

        ITimer? timer = null;
        timer = Clock.CreateTimer(_ =>
        {
            timer!.Dispose();
            to.SendSystem(message);
        });
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private sealed class GuardianActor : Actor
    {
        protected override void Receive(object message) => Unhandled(message);
    }
}

/// <summary>Counters of an actor system since its start.</summary>
/// <param name="Messages">Messages handled.</param>
/// <param name="Actors">Actors that have not stopped.</param>
/// <param name="Restarts">Restarts by supervision.</param>
/// <param name="Dead">Messages to stopped actors and answers to Asks that were over.</param>
/// <param name="Unhandled">Messages their receiver did not know.</param>
/// <param name="Dropped">Messages refused by full mailboxes.</param>
/// <param name="LongestMailbox">Most messages that have waited at one actor, as seen when a turn took them.</param>
public sealed record ActorSystemStatistics(long Messages, int Actors, long Restarts, long Dead, long Unhandled, long Dropped, int LongestMailbox);
