namespace Fuser.Kernels.Ir;

/// <summary>Where values of a kernel are used for the last time, so that a target can use their room again.</summary>
internal static class Liveness
{
    /// <summary>For each node the position of its last use, or its own position when it is never used.</summary>
    public static int[] LastUses(KernelIr kernel)
    {
        var last = new int[kernel.Nodes.Length];
        for (var id = 0; id < kernel.Nodes.Length; id++)
        {
            var node = kernel.Nodes[id];
            last[id] = id;
            Use(last, node.A, id);
            Use(last, node.B, id);
            Use(last, node.C, id);
        }

        return last;
    }

    /// <summary>
    /// Gives every value a slot such that values alive at the same time have different ones (linear scan). A
    /// node never shares a slot with its own operands, so a target may write before it has read everything.
    /// </summary>
    /// <returns>The slot of each node (-1 for stores) and how many slots there are.</returns>
    public static (int[] Slots, int Count) AllocateSlots(KernelIr kernel)
    {
        var last = LastUses(kernel);
        var slots = new int[kernel.Nodes.Length];
        var free = new Stack<int>();
        var count = 0;
        for (var id = 0; id < kernel.Nodes.Length; id++)
        {
            var node = kernel.Nodes[id];
            slots[id] = node.Op == IrOp.Store ? -1 : free.Count > 0 ? free.Pop() : count++;
            Release(node.A);
            if (node.B != node.A)
            {
                Release(node.B);
            }

            if (node.C != node.A && node.C != node.B)
            {
                Release(node.C);
            }

            if (last[id] == id && slots[id] >= 0)
            {
                free.Push(slots[id]);
            }

            void Release(int operand)
            {
                if (operand >= 0 && last[operand] == id)
                {
                    free.Push(slots[operand]);
                }
            }
        }

        return (slots, count);
    }

    private static void Use(int[] last, int operand, int at)
    {
        if (operand >= 0)
        {
            last[operand] = at;
        }
    }
}
