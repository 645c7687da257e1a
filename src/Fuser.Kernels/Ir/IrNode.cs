namespace Fuser.Kernels.Ir;

/// <summary>One primitive of a kernel: flat SSA, operands are positions of earlier nodes (-1 where unused).</summary>
internal readonly record struct IrNode(IrOp Op, IrType Type, int A = -1, int B = -1, int C = -1, long Immediate = 0);

/// <summary>A handle on a node under construction, with its type.</summary>
internal readonly record struct IrValue(int Id, IrType Type);
