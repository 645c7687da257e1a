using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Simd.Planning;

/// <summary>
/// How many steps a loop does at once. The processor finishes two vector operations a cycle but waits about four cycles for each result,
/// so a chain of dependent operations needs several independent copies of itself; a kernel with enough independent work
/// of its own needs none. Copies share the registers, and each costs its weight in compile time, about 10 us an instruction.
/// </summary>
internal static class Unrolling
{
    /// <summary>Beyond this weight four copies take too long to compile for what they gain over two.</summary>
    private const int MaxWeightTimes4 = 240;
    private const double InstructionsPerCycle = 2;

    public static int Choose(KernelLayout layout, IReadOnlyList<int> loop, int maxAlive)
    {
        var weight = loop.Sum(layout.Weight);
        var wanted = CriticalPath(layout, loop) / (weight / InstructionsPerCycle);
        var registers = layout.Isa.Registers - 2;
        return wanted > 3 && weight <= MaxWeightTimes4 && maxAlive * 4 <= registers ? 4
            : wanted > 1.2 && maxAlive * 2 <= registers ? 2
            : 1;
    }

    /// <summary>Cycles from the first input to the last result.</summary>
    private static int CriticalPath(KernelLayout layout, IReadOnlyList<int> loop)
    {
        var ready = new Dictionary<int, int>();
        var longest = 0;
        foreach (var id in loop)
        {
            ready[id] = Finish(id);
            longest = Math.Max(longest, ready[id]);
        }

        return longest;

        int Finish(int id)
        {
            var node = layout[id];
            return Math.Max(Start(node.A), Math.Max(Start(node.B), Start(node.C))) + Latency(node);
        }

        int Start(int operand) =>
            operand < 0 || layout.IsConstant(operand) ? 0
            : layout.IsInline(operand) ? Finish(operand)
            : ready.GetValueOrDefault(operand);
    }

    private static int Latency(IrNode node) => node.Op switch
    {
        IrOp.Divide or IrOp.SquareRoot => 16,
        IrOp.Load or IrOp.TableLookup => 6,
        IrOp.Store => 0,
        IrOp.Add or IrOp.Subtract or IrOp.Multiply or IrOp.FusedMultiplyAdd or IrOp.Floor or IrOp.Round or IrOp.Truncate or IrOp.Convert when node.Type.IsFloat() => 4,
        IrOp.Select => 2,
        IrOp.Equal or IrOp.LessThan or IrOp.LessOrEqual => 3,
        _ => 1,
    };
}
