using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Interpreter;

/// <summary>
/// The oracle: runs the IR primitive by primitive over blocks of elements, with the evaluator's plain loops. Needs no code
/// generation, so it is also the whole story where none is possible.
/// </summary>
internal sealed class InterpreterTarget : IKernelTarget
{
    public static InterpreterTarget Instance { get; } = new();

    public string Name => "interpreter";

    public string Fingerprint => "interpreter";

    public CompiledKernel Compile(KernelIr kernel) => new InterpretedKernel(kernel);
}
