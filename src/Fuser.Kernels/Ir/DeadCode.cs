using System.Collections.Immutable;

namespace Fuser.Kernels.Ir;

/// <summary>
/// Drops the nodes that no store needs, and renumbers. Arguments stay, so that the caller's numbering holds. An integer division whose result
/// nobody stores goes too, and with it its error: what is not computed cannot fail.
/// </summary>
internal static class DeadCode
{
    public static KernelIr Remove(KernelIr kernel)
    {
        var needed = new bool[kernel.Nodes.Length];
        for (var id = kernel.Nodes.Length - 1; id >= 0; id--)
        {
            var node = kernel.Nodes[id];
            needed[id] |= node.Op == IrOp.Store;
            if (needed[id])
            {
                Mark(needed, node.A);
                Mark(needed, node.B);
                Mark(needed, node.C);
            }
        }

        var moved = new int[kernel.Nodes.Length];
        var kept = ImmutableArray.CreateBuilder<IrNode>(kernel.Nodes.Length);
        for (var id = 0; id < kernel.Nodes.Length; id++)
        {
            if (needed[id])
            {
                moved[id] = kept.Count;
                var node = kernel.Nodes[id];
                kept.Add(node with { A = Move(moved, node.A), B = Move(moved, node.B), C = Move(moved, node.C) });
            }
        }

        return new KernelIr(kernel.Name, kernel.Arguments, kept.DrainToImmutable(), kernel.Tables);
    }

    private static void Mark(bool[] needed, int operand)
    {
        if (operand >= 0)
        {
            needed[operand] = true;
        }
    }

    private static int Move(int[] moved, int operand) => operand < 0 ? operand : moved[operand];
}
