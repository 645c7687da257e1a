using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Caching;

/// <summary>
/// Owns the kernels of one spec. Requests for a kernel that is being compiled wait here, so that any number of them is one compile, which ends early when all of them gave up; a failed compile is
/// remembered with its reason. A restart loses the kernels and nothing else: the spec is in the Props.
/// </summary>
internal sealed class KernelSpecActor(KernelSpec spec, PublishedKernels published, ActorRef compilers, TimeSpan compileTimeout, FuserTelemetry telemetry, ILogger logger) : Actor
{
    /// <summary>Failures remembered; they have no other limit, and there are as many argument types as callers can think of.</summary>
    private const int MaxFailures = 256;

    private readonly Dictionary<ArgSpec, CompileInProgress> _compiling = [];
    private readonly Dictionary<ArgSpec, KernelUnavailable> _failures = [];
    private bool _retiring;

    private sealed record CompileSucceeded(ArgSpec Arguments, CompileInProgress Compile, CompiledKernel Kernel);

    private sealed record CompileFailed(ArgSpec Arguments, CompileInProgress Compile, Exception Cause);

    private sealed record GaveUp(ArgSpec Arguments, CompileInProgress Compile, ReplyTo Caller);

    protected override void Receive(object message)
    {
        switch (message)
        {
            case Warm warm: OnWarm(warm); break;
            case CompileSucceeded done: OnCompiled(done); break;
            case CompileFailed failed: OnFailed(failed); break;
            case GaveUp gaveUp: OnGaveUp(gaveUp); break;
            case WouldCompile question: Sender.Tell(Forecast(question.Arguments)); break;
            case WithdrawKernel withdraw: published.Withdraw(withdraw.Slot); break;
            case ForgetFailures: _failures.Clear(); break;
            case RetireSpec: OnRetire(); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        foreach (var slot in published.Slots.Values)
        {
            slot.Retire();
            published.Withdraw(slot);
            Context.Parent!.Tell(new KernelWithdrawn(slot));
        }

        foreach (var sender in _compiling.Keys.ToList().SelectMany(EndCompile))
        {
            sender.Tell(new KernelUnavailable(ErrorCodes.Stopped, "the actor that had the kernel compiled ended before it was done"));
        }
    }

    private void OnWarm(Warm warm)
    {
        if (published.Find(warm.Arguments) is { } ready)
        {
            Sender.Tell(ready);
        }
        else if (_failures.TryGetValue(warm.Arguments, out var failure))
        {
            Sender.Tell(failure);
        }
        else if (_compiling.TryGetValue(warm.Arguments, out var compile))
        {
            Wait(warm, compile);
        }
        else
        {
            StartCompile(warm);
        }
    }

    private void StartCompile(Warm warm)
    {
        KernelLog.Compiling(logger, spec.Key, KeyDifference.Explain(warm.Arguments, published.Slots.Keys));
        var compile = new CompileInProgress();
        _compiling.Add(warm.Arguments, compile);
        ShowStatus();
        compilers.Ask<CompiledKernel>(new Compile(spec, warm.Arguments, warm.Target, compile.Unwanted), compileTimeout, compile.Unwanted).PipeTo(
            Self,
            kernel => new CompileSucceeded(warm.Arguments, compile, kernel),
            error => new CompileFailed(warm.Arguments, compile, error));
        Wait(warm, compile);
    }

    private void Wait(Warm warm, CompileInProgress compile)
    {
        var (self, caller) = (Self, Sender);
        compile.Add(caller, () => self.Tell(new GaveUp(warm.Arguments, compile, caller)), warm.Cancellation);
    }

    /// <summary>Cancels the compile when its last caller gave up; a later request starts a new one.</summary>
    private void OnGaveUp(GaveUp gaveUp)
    {
        if (gaveUp.Compile.Remove(gaveUp.Caller) && IsCurrent(gaveUp.Arguments, gaveUp.Compile))
        {
            EndCompile(gaveUp.Arguments);
            StopWhenDrained();
        }
    }

    private void OnCompiled(CompileSucceeded done)
    {
        telemetry.Compiled(done.Kernel.CompileTime);
        KernelLog.Compiled(logger, spec.Key, done.Kernel.NodeCount, done.Kernel.CompileTime.TotalMilliseconds);
        var slot = new KernelSlot(done.Arguments, done.Kernel);
        if (_retiring || published.Find(done.Arguments) is not null)
        {
            slot.Retire(); // nobody will look for it: the spec goes, or a compile begun before a restart was as quick
        }
        else
        {
            published.Publish(slot);
        }

        Context.Parent!.Tell(new KernelPublished(Self, slot));
        var cached = false;
        foreach (var sender in IsCurrent(done.Arguments, done.Compile) ? EndCompile(done.Arguments) : [])
        {
            sender.Tell(new KernelReady(slot, done.Kernel, cached));
            cached = true; // only the first waited for a compile of its own
        }

        StopWhenDrained();
    }

    private void OnFailed(CompileFailed failed)
    {
        if (!IsCurrent(failed.Arguments, failed.Compile))
        {
            return; // it was given up
        }

        var unavailable = new KernelUnavailable(CodeOf(failed.Cause), $"the kernel could not be compiled: {failed.Cause.Message}");
        if (failed.Cause is not (MailboxFullException or ActorStoppedException or LaunchException))
        {
            if (_failures.Count >= MaxFailures)
            {
                _failures.Clear();
            }

            _failures[failed.Arguments] = unavailable; // the same would happen again; that compilers are overloaded or stopping, or a device is lost, will not
        }

        KernelLog.CompileFailed(logger, spec.Key, failed.Cause);
        Context.Parent!.Tell(KernelFailed.Instance);
        foreach (var sender in EndCompile(failed.Arguments))
        {
            sender.Tell(unavailable);
        }

        StopWhenDrained();
    }

    private static string CodeOf(Exception cause) => cause switch
    {
        AskTimeoutException => ErrorCodes.CompileTimeout,
        FuserException known => known.Code,
        _ => ErrorCodes.CompileFailed,
    };

    private bool IsCurrent(ArgSpec arguments, CompileInProgress compile) => _compiling.TryGetValue(arguments, out var current) && current == compile;

    /// <summary>Removes a compile that is finished or no longer wanted, and returns its callers.</summary>
    private List<ReplyTo> EndCompile(ArgSpec arguments)
    {
        using var compile = _compiling[arguments];
        _compiling.Remove(arguments);
        ShowStatus();
        return compile.End();
    }

    private void ShowStatus() => Context.Status = _compiling.Count == 0 ? null : $"compiling for {_compiling.Count} argument types";

    private CompileForecast Forecast(ArgSpec arguments) =>
        published.Find(arguments) is { } ready ? new CompileForecast(ready.Kernel, null)
        : new CompileForecast(null, _failures.TryGetValue(arguments, out var failure) ? failure.Reason
            : _compiling.ContainsKey(arguments) ? "the kernel is being compiled now"
            : KeyDifference.Explain(arguments, published.Slots.Keys));

    private void OnRetire()
    {
        _retiring = true;
        StopWhenDrained();
    }

    private void StopWhenDrained()
    {
        if (_retiring && _compiling.Count == 0)
        {
            Context.Stop(Self);
        }
    }
}
