using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;

namespace Fuser.Kernels.Tests.ControlFlow;

/// <summary>The interpreter, with a count of what was compiled and run.</summary>
internal sealed class CountingTarget : IKernelTarget
{
    public int Compiles { get; private set; }

    public int Runs { get; private set; }

    /// <summary>Called with the number of runs so far.</summary>
    public Action<int>? AfterRun { get; init; }

    /// <summary>Called with the number of compiles so far.</summary>
    public Action<int>? AfterCompile { get; init; }

    public string Name => "counting";

    public string Fingerprint => "counting";

    public ElementwiseKernel Compile(KernelIr kernel, CancellationToken cancellationToken = default)
    {
        Compiles++;
        AfterCompile?.Invoke(Compiles);
        return new Kernel(this, InterpreterTarget.Instance.Compile(kernel, cancellationToken));
    }

    public Combiner Combiner(ReductionKind kind, IrType type) => InterpreterTarget.Instance.Combiner(kind, type);

    private sealed class Kernel(CountingTarget target, ElementwiseKernel inner) : ElementwiseKernel(inner.Ir, inner.CompileTime)
    {
        public override string Listing => inner.Listing;

        public override long CodeBytes => inner.CodeBytes;

        public override unsafe void Run(void** arguments, nint count)
        {
            inner.Run(arguments, count);
            target.Runs++;
            target.AfterRun?.Invoke(target.Runs);
        }
    }
}
