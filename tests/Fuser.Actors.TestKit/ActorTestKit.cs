using System.Collections.Concurrent;
using Fuser.Actors.Core;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.TestKit;

/// <summary>An actor system for one test, on a manual clock, with probes. <c>await using var kit = new ActorTestKit();</c></summary>
public sealed class ActorTestKit : IAsyncDisposable
{
    private int _probes;

    /// <summary>Starts the system.</summary>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="time">The clock; a new manual one when null.</param>
    public ActorTestKit(ActorSystemOptions? options = null, TimeProvider? time = null)
    {
        Time = time as ManualTimeProvider ?? new ManualTimeProvider();
        System = new ActorSystem("test", options, time ?? Time, Log);
    }

    /// <summary>How long anything in a test may take in real time before it counts as hung. Generous: it is no measurement.</summary>
    public static TimeSpan HangLimit { get; } = TimeSpan.FromMinutes(15);

    /// <summary>The system under test.</summary>
    public ActorSystem System { get; }

    /// <summary>The clock of the system.</summary>
    public ManualTimeProvider Time { get; }

    /// <summary>What the system logged.</summary>
    public CapturedLog Log { get; } = new();

    /// <summary>A new probe.</summary>
    public TestProbe CreateProbe(string? name = null)
    {
        TestProbe probe = null!;
        System.Guardian.CreateChild(TestProbe.Props(() => probe), name ?? $"probe-{Interlocked.Increment(ref _probes)}", cell => probe = new TestProbe(cell));
        return probe;
    }

    /// <summary>Waits until the actor has handled everything sent to it so far.</summary>
    public static async Task Settle(ActorRef actor) =>
        await Guard(actor.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromDays(1)).AsTask());

    /// <summary>Fails with a <see cref="TimeoutException"/> instead of hanging.</summary>
    public static Task<T> Guard<T>(Task<T> task) => task.WaitAsync(HangLimit);

    /// <summary>Fails with a <see cref="TimeoutException"/> instead of hanging.</summary>
    public static Task Guard(Task task) => task.WaitAsync(HangLimit);

    /// <summary>Moves the clock in steps until the task is done: for work that sets one timer after another.</summary>
    public async Task AdvanceUntil(Task task, TimeSpan step)
    {
        Task hung = Task.Delay(HangLimit);
        while (!task.IsCompleted && !hung.IsCompleted)
        {
            Time.Advance(step);
            await Task.Yield();
        }

        await Guard(task);
    }

    /// <summary>Shuts the system down; open Asks are not waited for, since the clock moves on at once.</summary>
    public async ValueTask DisposeAsync() => await AdvanceUntil(System.DisposeAsync().AsTask(), TimeSpan.FromMilliseconds(100));
}

/// <summary>A logger that keeps what it is given.</summary>
public sealed class CapturedLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> _entries = new();

    /// <summary>Everything logged so far.</summary>
    public IReadOnlyCollection<(LogLevel Level, string Text, Exception? Exception)> Entries => _entries;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The captured log keeps everything itself.");

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, formatter(state, exception), exception));

    public void Dispose() => _entries.Clear();
}
