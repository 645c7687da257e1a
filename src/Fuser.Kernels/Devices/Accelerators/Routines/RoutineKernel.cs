using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>A routine made ready for a device and for the shapes of one step. What is compiled depends on the form alone; the shapes are numbers that launches are given.</summary>
/// <param name="Form">All that changes the text: kernels of equal forms have the same passes with the same texts, and share compiled code. Only the numbers of work items may differ.</param>
/// <param name="Description">Who does what, for a reader.</param>
/// <param name="Operands">What the step reads, then what it writes.</param>
/// <param name="Settings">Values of the parameters of that kind.</param>
/// <param name="ScratchWords">Memory between the passes, in words of 8 bytes.</param>
internal sealed record RoutineKernel(
    string Form,
    string Description,
    ImmutableArray<RoutineOperand> Operands,
    ImmutableArray<RoutinePass> Passes,
    ImmutableArray<long> Settings,
    long ScratchWords = 0)
{
    /// <summary>Passes that have work items. Tensors without elements have none: then nothing is compiled either.</summary>
    public int Launches => Passes.Count(pass => pass.Items > 0);

    /// <summary>How it is launched, in words.</summary>
    public string Text => $"form {Form}: {Description}";

    /// <summary>Whether any number is a float64, one of those that are only looked up excepted: those are bytes.</summary>
    public static bool UsesDoubles(RoutineStep step) => step.Routine is not Lookup
        && (step.Routine is Pooling { IsMaximum: false } or CumulativeSum && step.Inputs[0].DType.IsFloatingPoint() || step.Inputs.Concat(step.Outputs).Any(operand => operand.DType == DType.Float64));

    /// <exception cref="InternalFuserException">There is no such routine.</exception>
    public static RoutineKernel Of(RoutineStep step, RoutineDevice device) => step.Routine switch
    {
        Lookup lookup => LookupKernel.Of(lookup, step, device),
        CumulativeSum sum => CumulativeSumKernel.Of(sum, step, device),
        Pooling pooling => PoolingKernel.Of(pooling, step, device),
        Contraction or Convolution => ProductKernel.Of(step, device),
        var other => throw new InternalFuserException(ErrorCodes.Internal, $"{other.Kind} has no kernel for devices"),
    };
}

/// <summary>What is launched at once.</summary>
/// <param name="Items">Work items that are needed.</param>
internal sealed record RoutinePass(WrittenKernel Kernel, long Items);

/// <summary>What routines have to know of a device.</summary>
/// <param name="GroupSize">Work items of a group.</param>
/// <param name="IsForProcessor">Whether work items are threads of a processor.</param>
internal readonly record struct RoutineDevice(int GroupSize, bool IsForProcessor)
{
    /// <summary>Positions get 64 bits whether they need them or not: so tests need no huge arrays.</summary>
    public bool IsWide { get; init; }
}
