using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Evaluation;

namespace Fuser.Kernels.Targets.Interpreter;

internal sealed class InterpretedKernel : ElementwiseKernel
{
    /// <summary>Elements per block: long enough to hide the dispatch, short enough that all slots stay in the cache.</summary>
    private const int BlockLength = 256;
    private const int SlotBytes = BlockLength * sizeof(long);

    private readonly int[] _slots;
    private readonly int _slotCount;

    public InterpretedKernel(KernelIr ir)
        : base(ir, TimeSpan.Zero) => (_slots, _slotCount) = Liveness.AllocateSlots(ir);

    public override string Listing => Ir.ToString();

    public override long CodeBytes => Ir.Nodes.Length * Unsafe.SizeOf<IrNode>();

    public override unsafe void Run(void** arguments, nint count)
    {
        var memory = ArrayPool<byte>.Shared.Rent(_slotCount * SlotBytes);
        try
        {
            for (nint start = 0; start < count; start += BlockLength)
            {
                RunBlock(arguments, start, (int)nint.Min(BlockLength, count - start), memory);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(memory);
        }
    }

    private unsafe void RunBlock(void** arguments, nint start, int length, Span<byte> memory)
    {
        for (var id = 0; id < Ir.Nodes.Length; id++)
        {
            var node = Ir.Nodes[id];
            if (node.Op == IrOp.Store)
            {
                BlockTransfer.Store(Ir.Arguments[(int)node.Immediate], arguments[node.Immediate], start, Block(node.A, length, memory));
                continue;
            }

            var result = Block(id, length, memory);
            switch (node.Op)
            {
                case IrOp.Load:
                    BlockTransfer.Load(Ir.Arguments[(int)node.Immediate], arguments[node.Immediate], start, result);
                    break;
                case IrOp.Scalar:
                    Repeat(new ReadOnlySpan<byte>(arguments[node.Immediate], node.Type.Size()), result);
                    break;
                case IrOp.Index:
                    var range = *(IndexRange*)arguments[node.Immediate];
                    var indices = MemoryMarshal.Cast<byte, long>(result);
                    for (var i = 0; i < length; i++)
                    {
                        indices[i] = range.Start + ((start + i) * range.Step);
                    }

                    break;
                default:
                    var operandType = node.Op == IrOp.Select || node.A < 0 ? node.Type : Ir.Nodes[node.A].Type;
                    Evaluator.Evaluate(node, operandType, Block(node.A, length, memory), Block(node.B, length, memory), Block(node.C, length, memory), result, Ir.Tables);
                    break;
            }
        }
    }

    private Span<byte> Block(int id, int length, Span<byte> memory) =>
        id < 0 ? default : memory.Slice(_slots[id] * SlotBytes, length * Ir.Nodes[id].Type.Size());

    internal static void Repeat(ReadOnlySpan<byte> element, Span<byte> result)
    {
        for (var at = 0; at < result.Length; at += element.Length)
        {
            element.CopyTo(result[at..]);
        }
    }
}
