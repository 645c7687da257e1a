using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Caching;

/// <summary>
/// Owns the kernels of one spec. Requests for a kernel that is being compiled wait here, so that any number of them is one compile; a failed compile is
/// remembered with its reason. A restart loses the kernels and nothing else: the spec is in the Props.
/// </summary>
internal sealed class KernelSpecActor(KernelSpec spec, PublishedKernels published, ActorRef compilers, TimeSpan compileTimeout, ILogger logger) : Actor
{
    private readonly Dictionary<ArgSpec, List<ReplyTo>> _waiting = [];
    private readonly Dictionary<ArgSpec, string> _failures = [];
    private bool _retiring;

    private sealed record CompileSucceeded(ArgSpec Arguments, CompiledKernel Kernel);

    private sealed record CompileFailed(ArgSpec Arguments, Exception Cause);

    protected override void Receive(object message)
    {
        switch (message)
        {
            case Warm warm: OnWarm(warm); break;
            case CompileSucceeded done: OnCompiled(done); break;
            case CompileFailed failed: OnFailed(failed); break;
            case WouldCompile question: Sender.Tell(new CompileForecast(Forecast(question.Arguments))); break;
            case EvictKernel evict: OnEvict(evict); break;
            case ClearKernels: OnClear(); break;
            case RetireSpec: OnRetire(); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        foreach (var slot in published.Slots.Values)
        {
            Withdraw(slot, slot.Retire);
        }

        foreach (var sender in _waiting.Values.SelectMany(senders => senders))
        {
            sender.Tell(new KernelUnavailable("the actor that compiled the kernel was restarted"));
        }

        _waiting.Clear();
    }

    private void OnWarm(Warm warm)
    {
        if (published.Slots.TryGetValue(warm.Arguments, out var slot) && slot.Acquire() is { } kernel)
        {
            Sender.Tell(new KernelReady(slot, kernel, Cached: true));
            slot.Release();
        }
        else if (_failures.TryGetValue(warm.Arguments, out var reason))
        {
            Sender.Tell(new KernelUnavailable(reason));
        }
        else if (_waiting.TryGetValue(warm.Arguments, out var senders))
        {
            senders.Add(Sender);
        }
        else
        {
            StartCompile(warm);
        }
    }

    private void StartCompile(Warm warm)
    {
        KernelLog.Compiling(logger, spec.Key, KeyDifference.Explain(warm.Arguments, published.Slots.Keys));
        _waiting.Add(warm.Arguments, [Sender]);
        Context.Status = $"compiling for {_waiting.Count} argument types";
        compilers.Ask<CompiledKernel>(new Compile(spec, warm.Arguments, warm.Target), compileTimeout).PipeTo(
            Self,
            kernel => new CompileSucceeded(warm.Arguments, kernel),
            error => new CompileFailed(warm.Arguments, error));
    }

    private void OnCompiled(CompileSucceeded done)
    {
        var slot = new KernelSlot(done.Arguments, done.Kernel);
        if (!_retiring)
        {
            published.Publish(slot);
            Context.Parent!.Tell(new KernelPublished(spec, slot));
        }

        KernelLog.Compiled(logger, spec.Key, done.Kernel.Ir.Nodes.Length, done.Kernel.CompileTime.TotalMilliseconds);
        var cached = false;
        foreach (var sender in TakeWaiting(done.Arguments))
        {
            sender.Tell(new KernelReady(slot, done.Kernel, cached));
            cached = true; // only the first waited for a compile of its own
        }

        StopWhenDrained();
    }

    private void OnFailed(CompileFailed failed)
    {
        var reason = $"the kernel could not be compiled: {failed.Cause.Message}";
        _failures[failed.Arguments] = reason;
        KernelLog.CompileFailed(logger, spec.Key, failed.Cause);
        Context.Parent!.Tell(new KernelFailed(spec, reason));
        foreach (var sender in TakeWaiting(failed.Arguments))
        {
            sender.Tell(new KernelUnavailable(reason));
        }

        StopWhenDrained();
    }

    private List<ReplyTo> TakeWaiting(ArgSpec arguments)
    {
        _waiting.Remove(arguments, out var senders);
        Context.Status = _waiting.Count == 0 ? null : $"compiling for {_waiting.Count} argument types";
        return senders ?? [];
    }

    private string? Forecast(ArgSpec arguments) =>
        published.Slots.TryGetValue(arguments, out var slot) && !slot.IsRetired ? null
        : _failures.TryGetValue(arguments, out var reason) ? reason
        : _waiting.ContainsKey(arguments) ? "the kernel is being compiled now"
        : KeyDifference.Explain(arguments, published.Slots.Keys);

    private void OnEvict(EvictKernel evict)
    {
        var retired = evict.Slot.TryRetire();
        if (retired)
        {
            published.Withdraw(evict.Slot);
        }

        Context.Parent!.Tell(new KernelWithdrawn(spec, evict.Slot, retired));
    }

    private void OnClear()
    {
        _failures.Clear();
        foreach (var slot in published.Slots.Values)
        {
            if (slot.TryRetire())
            {
                Withdraw(slot, static () => { });
            }
        }

        Sender.Tell(Cleared.Instance);
    }

    private void Withdraw(KernelSlot slot, Action retire)
    {
        retire();
        published.Withdraw(slot);
        Context.Parent!.Tell(new KernelWithdrawn(spec, slot, Evicted: true));
    }

    private void OnRetire()
    {
        _retiring = true;
        StopWhenDrained();
    }

    private void StopWhenDrained()
    {
        if (_retiring && _waiting.Count == 0)
        {
            Context.Stop(Self);
        }
    }
}
