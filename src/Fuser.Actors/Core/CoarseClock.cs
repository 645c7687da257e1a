namespace Fuser.Actors.Core;

/// <summary>Milliseconds for deadlines and reports, read once per message. The system's own tick is used for the real clock since it costs a fifth of a timestamp.</summary>
internal sealed class CoarseClock(TimeProvider time)
{
    private readonly bool _isSystem = ReferenceEquals(time, TimeProvider.System);

    internal long NowMs => _isSystem ? Environment.TickCount64 : time.GetTimestamp() * 1_000 / time.TimestampFrequency;

    /// <summary>A timer that is not started and does not carry the creator's execution context.</summary>
    internal ITimer CreateTimer(TimerCallback callback)
    {
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        return time.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
