using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;

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

    public ElementwiseKernel Compile(KernelIr kernel, CancellationToken cancellationToken = default) => new InterpretedKernel(kernel);

    public Combiner Combiner(ReductionKind kind, IrType type) => type switch
    {
        IrType.Float32 when kind == ReductionKind.Sum => new PlainWideSum(),
        IrType.Int32 => new PlainCombiner<int>(kind),
        IrType.Int64 => new PlainCombiner<long>(kind),
        IrType.Float32 => new PlainCombiner<float>(kind),
        IrType.Float64 => new PlainCombiner<double>(kind),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"{type.Text()} is not combined"),
    };
}
