using Fuser.Actors.Core;
using Fuser.Kernels;

namespace Fuser.Actors.Compilation;

/// <summary>Compiles, one kernel at a time; a pool of them is the compiler. Owns nothing, so a crash costs one compile.</summary>
internal sealed class CompilerActor : Actor
{
    protected override void Receive(object message)
    {
        if (message is not Compile compile)
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
            using var activity = FuserTelemetry.StartCompile(compile.Spec);
            Sender.Tell(KernelCompiler.CompileKernel(compile.Spec, compile.Arguments, compile.Target, compile.Cancellation));
        }
        catch (OperationCanceledException) when (compile.Cancellation.IsCancellationRequested)
        {
            // Nobody is left to answer to.
        }
        catch (FuserException error)
        {
            Sender.Fail(error); // the graph's or the target's fault, not the actor's: no restart
        }
    }
}
