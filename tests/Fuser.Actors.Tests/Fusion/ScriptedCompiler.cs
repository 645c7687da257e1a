using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Stands in for the compiler: what the test returns is the answer, null is none at all, an exception crashes the actor.</summary>
internal sealed class ScriptedCompiler(Func<Compile, object?> compile) : Actor
{
    public static CompiledKernel Real(Compile compile) => KernelCompiler.CompileKernel(compile.Spec, compile.Arguments, compile.Target);

    protected override void Receive(object message)
    {
        switch (compile((Compile)message))
        {
            case null: break;
            case FuserException refusal: Sender.Fail(refusal); break;
            case { } kernel: Sender.Tell(kernel); break;
        }
    }
}
