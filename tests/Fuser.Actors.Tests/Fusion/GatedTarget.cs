using Fuser.Actors.TestKit;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>The interpreter as the processor's target, with the test's own code at the start of every compile and of every run.</summary>
internal sealed class GatedTarget(Action<KernelIr>? onCompile = null, Action? onRun = null) : IKernelTarget
{
    private int _compiles;

    public int Compiles => Volatile.Read(ref _compiles);

    public string Name => "gated";

    public string Fingerprint => "gated";

    public ElementwiseKernel Compile(KernelIr kernel, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _compiles);
        onCompile?.Invoke(kernel);
        return new GatedKernel(InterpreterTarget.Instance.Compile(kernel, cancellationToken), onRun);
    }

    public Combiner Combiner(ReductionKind kind, IrType type) => InterpreterTarget.Instance.Combiner(kind, type);

    private sealed class GatedKernel(ElementwiseKernel inner, Action? onRun) : ElementwiseKernel(inner.Ir, TimeSpan.FromMilliseconds(1))
    {
        public override string Listing => inner.Listing;

        public override long CodeBytes => 4096;

        public override unsafe void Run(void** arguments, nint count)
        {
            onRun?.Invoke();
            inner.Run(arguments, count);
        }
    }
}

/// <summary>A point that code stops at until the test lets it go on.</summary>
internal sealed class Gate : IDisposable
{
    private readonly SemaphoreSlim _reached = new(0);
    private readonly ManualResetEventSlim _open = new();

    /// <summary>Whether passing stops here. A gate that is off lets everybody through unseen.</summary>
    public bool IsOn { get; set; } = true;

    public void Pass()
    {
        if (IsOn)
        {
            _reached.Release();
            _open.Wait(ActorTestKit.HangLimit).ShouldBeTrue("the test never opened the gate");
        }
    }

    /// <summary>Waits until somebody stands at the gate.</summary>
    public async Task Reached() => (await _reached.WaitAsync(ActorTestKit.HangLimit)).ShouldBeTrue("nobody came to the gate");

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _reached.Dispose();
    }
}
