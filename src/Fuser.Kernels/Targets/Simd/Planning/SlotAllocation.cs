namespace Fuser.Kernels.Targets.Simd.Planning;

/// <summary>
/// Gives the values of one segment slots of their lane type such that values alive at the same time have different ones
/// (linear scan). Without it there would be a local per value, and beyond 1024 locals the JIT compiler stops keeping any in registers.
/// </summary>
internal sealed class SlotAllocation
{
    private readonly Dictionary<int, int> _slots = [];
    private readonly Stack<int>[] _free = [new(), new(), new(), new()];
    private readonly int[] _counts = new int[4];
    private readonly KernelLayout _layout;
    private int _alive;

    /// <param name="nodes">What is computed, in order.</param>
    /// <param name="given">Which of the values read are not computed here but fetched, just before their first use.</param>
    /// <param name="kept">Values that stay alive to the end.</param>
    /// <param name="alsoGiven">Values fetched although no node here reads them.</param>
    public SlotAllocation(KernelLayout layout, IReadOnlyList<int> nodes, Func<int, bool> given, Func<int, bool> kept, IReadOnlyList<int> alsoGiven)
    {
        _layout = layout;
        var reads = new List<int>();
        var lastUse = new Dictionary<int, int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            reads.Clear();
            layout.AppendReads(nodes[i], reads);
            foreach (var read in reads)
            {
                lastUse[read] = i;
            }
        }

        for (var i = 0; i < nodes.Count; i++)
        {
            reads.Clear();
            layout.AppendReads(nodes[i], reads);
            foreach (var read in reads)
            {
                if (given(read) && !_slots.ContainsKey(read))
                {
                    Take(read);
                    Order.Add((read, true));
                }
            }

            if (layout[nodes[i]].Op != Ir.IrOp.Store)
            {
                Take(nodes[i]);
            }

            Order.Add((nodes[i], false));
            foreach (var read in reads)
            {
                if (_slots.ContainsKey(read) && lastUse[read] == i && !kept(read))
                {
                    Release(read);
                }
            }

            if (_slots.ContainsKey(nodes[i]) && !lastUse.ContainsKey(nodes[i]) && !kept(nodes[i]))
            {
                Release(nodes[i]);
            }
        }

        foreach (var id in alsoGiven.Where(id => !Holds(id)))
        {
            Take(id);
            Order.Add((id, true));
        }
    }

    public static SlotAllocation ForLoop(KernelLayout layout, Segment segment) =>
        new(layout, segment.Loop, id => !layout.IsUniform(id) && segment.Incoming.Contains(id), _ => false, []);

    /// <summary>The nodes with the fetches of given values among them.</summary>
    public List<(int Id, bool IsFetch)> Order { get; } = [];

    /// <summary>Most vectors alive at once.</summary>
    public int MaxAlive { get; private set; }

    public bool Holds(int id) => _slots.ContainsKey(id);

    public int SlotOf(int id) => _slots[id];

    private void Take(int id)
    {
        var lane = (int)_layout.LaneOf(id);
        _slots[id] = _free[lane].Count > 0 ? _free[lane].Pop() : _counts[lane]++;
        _alive += _layout.Parts(id);
        MaxAlive = Math.Max(MaxAlive, _alive);
    }

    private void Release(int id)
    {
        _free[(int)_layout.LaneOf(id)].Push(_slots[id]);
        _alive -= _layout.Parts(id);
    }
}
