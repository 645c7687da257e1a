using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;

namespace Fuser.Actors.Fallback;

/// <summary>
/// Runs graphs that cannot be fused, or shall not be: every operation by itself, interpreted. It shares no generated code with the
/// fused path and gives the same bits.
/// </summary>
internal sealed class FallbackActor : Actor
{
    protected override void Receive(object message)
    {
        if (message is not RunUnfused run)
        {
            Unhandled(message);
            return;
        }

        if (!Sender.IsWaiting)
        {
            return; // whoever asked gave up while this waited its turn
        }

        try
        {
            Sender.Tell(Run(run));
        }
        catch (OperationCanceledException) when (run.Cancellation.IsCancellationRequested)
        {
            // Nobody is left to answer to.
        }
        catch (FuserException error)
        {
            Sender.Fail(error); // the inputs' fault, not the actor's: no restart
        }
    }

    private static UnfusedRan Run(RunUnfused run)
    {
        var compiled = KernelCompiler.CompilePlan(run.Graph, run.Inputs.AsSpan(), InterpreterTarget.Instance, FusionMode.Unfused, run.Cancellation);
        var steps = PlanDescription.Of(compiled.Runner.Plan);
        if (run.Outputs.IsDefault)
        {
            return new UnfusedRan(compiled.Run(run.Inputs.AsSpan(), run.Seed, run.Threads, run.Cancellation), steps);
        }

        compiled.Runner.Run(run.Inputs.AsSpan(), run.Outputs.AsSpan(), compiled.Kernels.AsSpan(), run.Seed, run.Threads, run.Cancellation);
        return new UnfusedRan(run.Outputs, steps);
    }
}
