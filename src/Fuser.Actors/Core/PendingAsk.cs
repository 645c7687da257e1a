using System.Threading.Tasks.Sources;

namespace Fuser.Actors.Core;

/// <summary>
/// One Ask: the envelope in the mailbox and the answer in one pooled object. Its life is one word: generation, owners, status.
/// Answer, timeout and cancellation race on a single compare-and-swap from pending to done that names the generation, so exactly one
/// wins and none can hit a later Ask. The caller and the envelope each own the object; the last to let go returns it to the pool,
/// so a cancelled Ask is never reused while a mailbox still holds it.
/// </summary>
internal abstract class PendingAsk : Envelope
{
    private const long Free = 0, Pending = 1, Done = 2, Retired = 3, StatusMask = 3;
    private const long Owner = 4, OwnersMask = 12, Unlisted = 16;
    private const int GenerationShift = 5;

    private long _state = (1L << GenerationShift) | Unlisted;
    private CancellationTokenRegistration _cancellation;
    private long _startedAt;

    private protected PendingAsk(AskRegistry registry) => Registry = registry;

    internal AskRegistry Registry { get; }

    /// <summary>The actor whose turn it is to answer: named in errors, and the one whose stop or failure fails the Ask.</summary>
    internal ActorRef Holder { get; set; } = null!;

    internal long Deadline { get; private set; }

    internal long Generation => Volatile.Read(ref _state) >> GenerationShift;

    internal bool IsPending(long generation)
    {
        long state = Volatile.Read(ref _state);
        return state >> GenerationShift == generation && (state & StatusMask) == Pending;
    }

    internal bool TryReply(long generation, object message)
    {
        // Read before the race is decided: once done, the caller may let go and the fields may belong to the next Ask.
        (ActorRef holder, object asked) = (Holder, Message);
        if (!TryFinish(generation))
        {
            return false;
        }

        Complete(message, asked, holder);
        Registry.OnDone();
        return true;
    }

    internal bool TryFail(long generation, Exception cause)
    {
        if (!TryFinish(generation))
        {
            return false;
        }

        SetException(cause);
        Registry.OnDone();
        return true;
    }

    internal void TimeOut(long generation)
    {
        (ActorRef? holder, object? message, var waited) = (Holder, Message, TimeSpan.FromMilliseconds(Deadline - _startedAt));
        if (IsPending(generation) && holder is not null && message is not null)
        {
            TryFail(generation, new AskTimeoutException(holder.Path, message, waited, holder.Describe()));
        }
    }

    /// <summary>What the deadline scan does with this object: its deadline when it waits, else null; <paramref name="drop"/> when the scan need not look again.</summary>
    internal long? Inspect(out long generation, out bool drop)
    {
        long state = Volatile.Read(ref _state);
        generation = state >> GenerationShift;
        switch (state & StatusMask)
        {
            case Pending:
                drop = false;
                return Deadline;
            case Done:
                // Answered, but nobody has awaited it yet and perhaps nobody ever will.
                drop = Interlocked.CompareExchange(ref _state, state | Unlisted, state) == state;
                return null;
            default:
                drop = (state & StatusMask) == Retired;
                return null;
        }
    }

    /// <summary>One of the two owners lets go.</summary>
    internal void Release()
    {
        long state = Interlocked.Add(ref _state, -Owner);
        if ((state & OwnersMask) != 0)
        {
            return;
        }

        Message = null!;
        Holder = null!;
        Activity = null;
        Sender = default;
        long fresh = (((state >> GenerationShift) + 1) << GenerationShift) | (state & Unlisted);
        Volatile.Write(ref _state, fresh | Free);
        if (!TryReturn())
        {
            Volatile.Write(ref _state, fresh | Retired);
        }
    }

    private protected void Start(ActorRef holder, object message, long timeoutMs, CancellationToken cancellationToken)
    {
        if ((_state & Unlisted) != 0)
        {
            Registry.List(this);
        }

        long generation = Generation;
        Message = message;
        Holder = holder;
        Sender = new ReplyTo(this, generation);
        Activity = System.Diagnostics.Activity.Current;
        _startedAt = Registry.Clock.NowMs;
        Deadline = _startedAt + timeoutMs;
        Volatile.Write(ref _state, (generation << GenerationShift) | (2 * Owner) | Pending);
        if (cancellationToken.CanBeCanceled)
        {
            // The caller disposes the registration before it lets go, so the callback can only mean this Ask.
            _cancellation = cancellationToken.UnsafeRegister(
                static (ask, token) => ((PendingAsk)ask!).TryFail(((PendingAsk)ask).Generation, new OperationCanceledException(token)), this);
        }
    }

    private protected void CallerDone()
    {
        CancellationTokenRegistration cancellation = _cancellation;
        _cancellation = default;
        cancellation.Dispose();
        Release();
    }

    private protected abstract void Complete(object message, object asked, ActorRef holder);

    private protected abstract void SetException(Exception cause);

    private protected abstract bool TryReturn();

    private bool TryFinish(long generation)
    {
        long state = Volatile.Read(ref _state);
        while (state >> GenerationShift == generation && (state & StatusMask) == Pending)
        {
            long seen = Interlocked.CompareExchange(ref _state, (state & ~StatusMask) | Done, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }
}

internal sealed class PendingAsk<T>(AskRegistry registry, AskPool<T> pool) : PendingAsk(registry), IValueTaskSource<T>
{
    // Continuations go to the pool: user code must never run inside an actor's turn, where it could block the actor it waits for.
    private ManualResetValueTaskSourceCore<T> _core = new() { RunContinuationsAsynchronously = true };

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public T GetResult(short token)
    {
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The Ask has no answer yet: await it, exactly once.");
        }

        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            CallerDone();
        }
    }

    internal ValueTask<T> Begin(ActorRef holder, object message, long timeoutMs, CancellationToken cancellationToken)
    {
        var answer = new ValueTask<T>(this, _core.Version);
        Start(holder, message, timeoutMs, cancellationToken);
        return answer;
    }

    private protected override void Complete(object message, object asked, ActorRef holder)
    {
        if (message is T answer)
        {
            _core.SetResult(answer);
        }
        else if (message is Status.Failure failure)
        {
            _core.SetException(failure.Cause);
        }
        else
        {
            _core.SetException(new UnexpectedReplyException(holder.Path, asked, message, typeof(T)));
        }
    }

    private protected override void SetException(Exception cause) => _core.SetException(cause);

    private protected override bool TryReturn() => pool.TryReturn(this);
}
