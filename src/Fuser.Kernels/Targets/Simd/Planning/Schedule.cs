using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Simd.Planning;

/// <summary>
/// The order in which the values of a kernel are computed: uniform ones first, once; then, per step, the others as the IR has
/// them, except that inputs are read where they are first needed and that no output is written before every input has
/// been read, because an output may be the memory of an input.
/// </summary>
internal sealed class Schedule
{
    public Schedule(KernelLayout layout)
    {
        var placed = new bool[layout.Ir.Nodes.Length];
        var reads = new List<int>();
        var lastLoad = 0;
        var stores = new List<(int Id, int After)>();
        for (var id = 0; id < placed.Length; id++)
        {
            var op = layout[id].Op;
            if (op is IrOp.Load or IrOp.Index && !layout.IsUniform(id))
            {
                continue;
            }

            if (layout.IsUniform(id))
            {
                if (op != IrOp.Constant)
                {
                    Uniform.Add(id);
                }

                continue;
            }

            if (layout.IsInline(id))
            {
                continue;
            }

            reads.Clear();
            layout.AppendReads(id, reads);
            foreach (var read in reads)
            {
                if (!placed[read] && layout[read].Op is IrOp.Load or IrOp.Index && !layout.IsUniform(read))
                {
                    placed[read] = true;
                    Varying.Add(read);
                    lastLoad = Varying.Count;
                }
            }

            if (op == IrOp.Store)
            {
                stores.Add((id, Varying.Count));
            }
            else
            {
                Varying.Add(id);
            }
        }

        InsertStores(stores, lastLoad);
        Varying = ExpressionTrees.Fold(layout, Varying);
    }

    /// <summary>Nodes computed once; constants are not among them.</summary>
    public List<int> Uniform { get; } = [];

    /// <summary>Nodes computed per step.</summary>
    public List<int> Varying { get; private set; } = [];

    private void InsertStores(List<(int Id, int After)> stores, int lastLoad)
    {
        var ordered = new List<int>(Varying.Count + stores.Count);
        var next = 0;
        for (var position = 0; position <= Varying.Count; position++)
        {
            while (next < stores.Count && position >= lastLoad && stores[next].After <= position)
            {
                ordered.Add(stores[next++].Id);
            }

            if (position < Varying.Count)
            {
                ordered.Add(Varying[position]);
            }
        }

        Varying = ordered;
    }
}
