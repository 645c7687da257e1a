using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Elements of a buffer that a step reads or writes.</summary>
internal readonly record struct MemoryAccess(int Buffer, DType Storage, TensorLayout Layout);

/// <summary>What a step does in memory. One place that knows it for every kind of step.</summary>
internal readonly record struct StepAccess(ImmutableArray<MemoryAccess> Reads, ImmutableArray<MemoryAccess> Writes)
{
    public static StepAccess Of(PlanStep step, ImmutableArray<FusionGroup> groups) => step switch
    {
        KernelStep kernel => new StepAccess(
            [.. groups[kernel.Group].Inputs.OfType<TensorInput>().Select(input => new MemoryAccess(input.Buffer, input.Storage, input.Layout))],
            ImmutableArray.CreateRange(groups[kernel.Group].Outputs, output => new MemoryAccess(output.Buffer, output.Storage, output.Layout))),
        RoutineStep routine => new StepAccess(ImmutableArray.CreateRange(routine.Inputs, Of), ImmutableArray.CreateRange(routine.Outputs, Of)),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"a step of kind {step.GetType().Name} does not say what it reads and writes"),
    };

    private static MemoryAccess Of(RoutineOperand operand) => new(operand.Buffer, operand.DType, operand.Layout);
}
