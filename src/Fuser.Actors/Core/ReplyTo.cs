namespace Fuser.Actors.Core;

/// <summary>
/// Where an answer goes: an actor, one Ask, or nobody. It may be kept and used later from any thread; for an Ask the first answer
/// wins and every further one is a dead letter. It is a value of two words so that handing one out allocates nothing: an Ask is
/// pooled, and the generation keeps a late answer from reaching the next Ask that lives in the same object.
/// </summary>
public readonly struct ReplyTo : IEquatable<ReplyTo>
{
    private readonly object? _target;
    private readonly long _generation;

    internal ReplyTo(PendingAsk ask, long generation)
    {
        _target = ask;
        _generation = generation;
    }

    private ReplyTo(ActorRef? actor) => _target = actor;

    /// <summary>True when there is nobody to answer to.</summary>
    public bool IsNobody => _target is null;

    /// <summary>The actor that sent the message; null when it was an Ask or nobody.</summary>
    public ActorRef? Actor => _generation == 0 ? (ActorRef?)_target : null;

    /// <summary>True while an answer can still reach somebody: false once an Ask is answered, timed out or cancelled.</summary>
    public bool IsWaiting => _target is not null && (_generation == 0 || ((PendingAsk)_target).IsPending(_generation));

    internal PendingAsk? Ask => _generation == 0 ? null : (PendingAsk?)_target;

    /// <summary>An actor as the receiver of answers.</summary>
    public static implicit operator ReplyTo(ActorRef? actor) => new(actor);

    /// <summary>An actor as the receiver of answers.</summary>
    public static ReplyTo FromActorRef(ActorRef? actor) => new(actor);

    /// <summary>True when both stand for the same receiver.</summary>
    public static bool operator ==(ReplyTo left, ReplyTo right) => left.Equals(right);

    /// <summary>True when the receivers differ.</summary>
    public static bool operator !=(ReplyTo left, ReplyTo right) => !left.Equals(right);

    /// <summary>Sends the answer. A <see cref="Status.Failure"/> makes the Ask throw its cause.</summary>
    public void Tell(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_target is null)
        {
            ActorCell.Current?.System.DeadLetters.Publish(message, default, ActorCell.Current.Path, DeadLetterReason.Dead);
        }
        else if (_generation == 0)
        {
            ((ActorRef)_target).Tell(message);
        }
        else
        {
            var ask = (PendingAsk)_target;
            if (!ask.TryReply(_generation, message))
            {
                ask.Registry.System.DeadLetters.Publish(message, default, ask.Registry.System.AskPath, DeadLetterReason.Dead);
            }
        }
    }

    /// <summary>Answers with a failure: the Ask throws <paramref name="cause"/>, an actor receives <see cref="Status.Failure"/>.</summary>
    public void Fail(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        Tell(new Status.Failure(cause));
    }

    /// <inheritdoc/>
    public bool Equals(ReplyTo other) => ReferenceEquals(_target, other._target) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReplyTo other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_target, _generation);

    /// <inheritdoc/>
    public override string ToString() => _target switch { null => "nobody", ActorRef actor => actor.ToString(), _ => "an Ask" };

    internal bool TryFail(Exception cause) => Ask is { } ask && ask.TryFail(_generation, cause);
}
