using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Forms;

/// <summary>
/// A kernel that has loops and branches of its own, described once for every language: <paramref name="Body"/> writes it, statement by statement, into whatever
/// <see cref="KernelWriter"/> it is given.
/// </summary>
/// <param name="Entry">Its name in the text.</param>
/// <param name="Operands">One per buffer.</param>
/// <param name="GroupSize">Work items of a group.</param>
/// <param name="IsWide">Whether positions need 64 bits.</param>
/// <param name="UsesDoubles">Whether it computes with float64.</param>
internal sealed record WrittenKernel(
    string Entry,
    KernelParameters Parameters,
    ImmutableArray<WrittenOperand> Operands,
    int GroupSize,
    bool IsWide,
    bool UsesDoubles,
    Action<KernelWriter> Body);

/// <summary>A buffer of a written kernel.</summary>
/// <param name="Storage">How its elements lie in memory.</param>
internal readonly record struct WrittenOperand(DType Storage, bool IsOutput);

/// <summary>A value in a kernel that is being written: a name of its text, or a constant.</summary>
internal readonly record struct CodeValue(string Text, IrType Type);

/// <summary>Memory that the work items of a group share.</summary>
internal readonly record struct SharedArray(string Name, IrType Type);

/// <summary>A written kernel as text.</summary>
internal sealed record WrittenCode(WrittenKernel Kernel, string Text) : DeviceCode(Kernel.Parameters, Kernel.Entry, Text, Kernel.GroupSize);
