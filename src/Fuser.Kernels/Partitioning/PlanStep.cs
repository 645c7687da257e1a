using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>A step of a plan; steps run one after the other.</summary>
internal abstract record PlanStep;

/// <summary>Runs the kernel of a fusion group.</summary>
/// <param name="Group">Position in <see cref="GraphPlan.Groups"/>.</param>
internal sealed record KernelStep(int Group) : PlanStep;

/// <summary>Runs a routine.</summary>
/// <param name="Inputs">What it reads, in the order the routine wants; 16-bit floats come as float32.</param>
/// <param name="Outputs">What it writes.</param>
/// <param name="Origin">Id of one of its results, for <see cref="PlanOrigins"/>.</param>
internal sealed record RoutineStep(Routine Routine, ImmutableArray<RoutineOperand> Inputs, ImmutableArray<RoutineOperand> Outputs, int Origin) : PlanStep;

/// <summary>A tensor a routine reads or writes: elements of a buffer.</summary>
internal sealed record RoutineOperand(int Buffer, DType DType, TensorLayout Layout);
