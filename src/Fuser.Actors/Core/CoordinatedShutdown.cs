namespace Fuser.Actors.Core;

/// <summary>The steps of a shutdown, in their order.</summary>
public enum ShutdownPhase
{
    /// <summary>Tasks that turn new work away.</summary>
    StopAccepting,

    /// <summary>Tasks that finish work; then the system itself waits until no Ask is open. Shares <see cref="ActorSystemOptions.DrainTimeout"/> with the phase before.</summary>
    Drain,

    /// <summary>Tasks that run beside the stopping of all actors, children before parents, within <see cref="ActorSystemOptions.StopTimeout"/>.</summary>
    StopActors,

    /// <summary>Tasks that free what the actors used, within another <see cref="ActorSystemOptions.StopTimeout"/>.</summary>
    Release,
}

/// <summary>
/// Ends an actor system in phases, each with a deadline. A task that fails or runs out of time is logged and left behind: the
/// shutdown always goes on, and always ends. What still waits for an actor after its deadline fails with <see cref="ActorStoppedException"/>.
/// </summary>
public sealed class CoordinatedShutdown
{
    private readonly Lock _gate = new();
    private readonly ActorSystem _system;
    private readonly List<(ShutdownPhase Phase, string Name, Func<CancellationToken, Task> Run)> _tasks = [];
    private TaskCompletionSource? _run;

    internal CoordinatedShutdown(ActorSystem system) => _system = system;

    /// <summary>True once a shutdown has begun.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
            {
                return _run is not null;
            }
        }
    }

    /// <summary>Adds a task to a phase. The tasks of a phase run side by side; the token is cancelled at the phase's deadline.</summary>
    /// <exception cref="InvalidOperationException">The shutdown has begun.</exception>
    public void AddTask(ShutdownPhase phase, string name, Func<CancellationToken, Task> task)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(task);
        lock (_gate)
        {
            if (_run is not null)
            {
                throw new InvalidOperationException($"'{name}' comes too late: the shutdown of '{_system.Name}' has begun.");
            }

            _tasks.Add((phase, name, task));
        }
    }

    /// <summary>Runs the shutdown, once; further calls wait for the same one. Never throws for a task that failed.</summary>
    public Task RunAsync()
    {
        TaskCompletionSource run;
        lock (_gate)
        {
            if (_run is not null)
            {
                return _run.Task;
            }

            run = _run = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = RunPhasesAsync(run);
        return run.Task;
    }

    private async Task RunPhasesAsync(TaskCompletionSource run)
    {
        try
        {
            ActorSystemOptions options = _system.Options;
            using (var deadline = new CancellationTokenSource(options.DrainTimeout, _system.TimeProvider))
            {
                await RunPhaseAsync(ShutdownPhase.StopAccepting, [], deadline.Token).ConfigureAwait(false);
                await RunPhaseAsync(ShutdownPhase.Drain, [("open Asks", _system.Asks.DrainAsync)], deadline.Token).ConfigureAwait(false);
            }

            using (var deadline = new CancellationTokenSource(options.StopTimeout, _system.TimeProvider))
            {
                await RunPhaseAsync(ShutdownPhase.StopActors, [("actors", StopActors)], deadline.Token).ConfigureAwait(false);
            }

            _system.Guardian.AbortLeaves();
            _system.Asks.Close();
            using (var deadline = new CancellationTokenSource(options.StopTimeout, _system.TimeProvider))
            {
                await RunPhaseAsync(ShutdownPhase.Release, [], deadline.Token).ConfigureAwait(false);
            }

            run.SetResult();
        }
        catch (Exception bug)
        {
            run.SetException(bug);
        }
    }

    private Task StopActors()
    {
        _system.Guardian.SendSystem(new TerminateMessage());
        return _system.WhenTerminated;
    }

    private async Task RunPhaseAsync(ShutdownPhase phase, (string Name, Func<Task> Run)[] own, CancellationToken deadline)
    {
        var running = new List<Task>();
        foreach ((_, string name, Func<CancellationToken, Task> run) in _tasks.Where(t => t.Phase == phase))
        {
            running.Add(RunTaskAsync(phase, name, () => run(deadline), deadline));
        }

        // The system's own part of draining comes after the tasks that finish work, since they may ask.
        if (phase == ShutdownPhase.Drain)
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }

        foreach ((string name, Func<Task> run) in own)
        {
            running.Add(RunTaskAsync(phase, name, run, deadline));
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private async Task RunTaskAsync(ShutdownPhase phase, string name, Func<Task> run, CancellationToken deadline)
    {
        try
        {
            await run().WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (Exception cause)
        {
            _system.Log.ShutdownTaskFailed(name, phase, cause);
        }
    }
}
