using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Simd.Planning;

/// <summary>
/// Writes a value that is used once, by the node after it, as an operand of that node instead of into a local. The JIT compiler then sees
/// expressions instead of a chain of copies, which takes it a third less time, and it folds loads into instructions.
/// </summary>
internal static class ExpressionTrees
{
    /// <summary>Deeper expressions gain nothing and take stack in the compiler.</summary>
    private const int MaxDepth = 8;

    /// <summary>Removes from the order the nodes that became operands and marks them in the layout.</summary>
    public static List<int> Fold(KernelLayout layout, List<int> order)
    {
        var uses = CountUses(layout, order);
        var depth = new Dictionary<int, int>();
        var folded = new List<int>(order.Count);
        var reads = new List<int>();
        foreach (var id in order)
        {
            reads.Clear();
            layout.AppendReads(id, reads);
            var deepest = 0;
            while (folded.Count > 0 && folded[^1] is var last && CanFold(layout, last, id, reads, uses) && depth.GetValueOrDefault(last) < MaxDepth)
            {
                layout.MakeInline(last);
                folded.RemoveAt(folded.Count - 1);
                deepest = Math.Max(deepest, depth.GetValueOrDefault(last) + 1);
            }

            depth[id] = deepest;
            folded.Add(id);
        }

        return folded;
    }

    private static bool CanFold(KernelLayout layout, int value, int user, List<int> reads, Dictionary<int, int> uses) =>
        layout[value].Op != IrOp.Store && reads.Contains(value) && uses[value] == 1 && layout.Width(user) <= layout.Parts(value);

    /// <summary>How often the code of the nodes pushes each value; a comparison that is written again at each use reads its operands again.</summary>
    private static Dictionary<int, int> CountUses(KernelLayout layout, List<int> order)
    {
        var uses = new Dictionary<int, int>();
        order.ForEach(Count);
        return uses;

        void Count(int id)
        {
            var node = layout[id];
            CountOperand(node.A);
            CountOperand(node.B);
            CountOperand(node.C);
        }

        void CountOperand(int operand)
        {
            if (operand < 0 || layout.IsConstant(operand))
            {
                return;
            }

            if (layout.IsInline(operand))
            {
                Count(operand);
            }
            else
            {
                uses[operand] = uses.GetValueOrDefault(operand) + 1;
            }
        }
    }
}
