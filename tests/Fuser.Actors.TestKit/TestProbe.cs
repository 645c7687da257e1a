using System.Threading.Channels;
using Fuser.Actors.Core;

namespace Fuser.Actors.TestKit;

/// <summary>An actor under the test's control: keeps what it receives for the test to look at, in order.</summary>
public sealed class TestProbe : ActorRef
{
    private readonly ActorCell _cell;
    private readonly Channel<(object Message, ReplyTo Sender)> _received = Channel.CreateUnbounded<(object, ReplyTo)>();

    internal TestProbe(ActorCell cell) => _cell = cell;

    /// <summary>The sender of the message expected last.</summary>
    public ReplyTo LastSender { get; private set; }

    internal override ActorCell Cell => _cell;

    /// <summary>The next message, which must be a <typeparamref name="T"/>.</summary>
    /// <param name="within">Real time to wait; the kit's hang limit when null.</param>
    /// <exception cref="ProbeException">Nothing came, or something else.</exception>
    public async Task<T> ExpectMessage<T>(TimeSpan? within = null)
    {
        object message = await Next($"a {typeof(T).Name}", within);
        return message is T expected ? expected : throw new ProbeException($"{Path} expected a {typeof(T).Name} and got {message}.");
    }

    /// <summary>The next message, which must equal <paramref name="expected"/>.</summary>
    public async Task ExpectMessage<T>(T expected)
        where T : notnull
    {
        object message = await Next($"{expected}", null);
        if (!message.Equals(expected))
        {
            throw new ProbeException($"{Path} expected {expected} and got {message}.");
        }
    }

    /// <summary>Nothing has come, now that the given actors, one after another, have handled all they were sent.</summary>
    public async Task ExpectNoMessage(params ActorRef[] after)
    {
        foreach (ActorRef actor in after)
        {
            await ActorTestKit.Settle(actor);
        }

        await ActorTestKit.Settle(this);
        if (_received.Reader.TryRead(out (object Message, ReplyTo Sender) unexpected))
        {
            throw new ProbeException($"{Path} expected no message and got {unexpected.Message}.");
        }
    }

    /// <summary>Watches an actor: its end arrives as <see cref="Terminated"/>.</summary>
    public void Watch(ActorRef actor) => Tell(new WatchCommand(actor, true));

    /// <summary>Takes <see cref="Watch"/> back.</summary>
    public void Unwatch(ActorRef actor) => Tell(new WatchCommand(actor, false));

    /// <summary>The next message, which must be the Terminated of that actor.</summary>
    public async Task ExpectTerminated(ActorRef actor)
    {
        Terminated terminated = await ExpectMessage<Terminated>();
        if (!ReferenceEquals(terminated.Actor, actor))
        {
            throw new ProbeException($"{Path} expected the end of {actor} and got that of {terminated.Actor}.");
        }
    }

    /// <summary>Answers the message expected last.</summary>
    public void Reply(object message) => LastSender.Tell(message);

    internal static Props Props(Func<TestProbe> probe) =>
        Core.Props.Create(() => new ProbeActor(probe())).WithDispatcher(Dispatcher.CallerWhenIdle());

    internal override void Post(Envelope envelope) => _cell.Post(envelope);

    private async Task<object> Next(string expected, TimeSpan? within)
    {
        try
        {
            (object message, LastSender) = await _received.Reader.ReadAsync().AsTask().WaitAsync(within ?? ActorTestKit.HangLimit);
            return message;
        }
        catch (TimeoutException)
        {
            throw new ProbeException($"{Path} expected {expected} and got nothing.");
        }
    }

    private sealed record WatchCommand(ActorRef Actor, bool On);

    private sealed class ProbeActor(TestProbe probe) : Actor
    {
        protected override void Receive(object message)
        {
            if (message is not WatchCommand command)
            {
                probe._received.Writer.TryWrite((message, Sender));
            }
            else if (command.On)
            {
                Context.Watch(command.Actor);
            }
            else
            {
                Context.Unwatch(command.Actor);
            }
        }
    }
}

/// <summary>A probe's expectation was not met.</summary>
public sealed class ProbeException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ProbeException(string message)
        : base(message)
    {
    }
}
