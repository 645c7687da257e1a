using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Simd.Lanes;

namespace Fuser.Kernels.Targets.Simd.Planning;

/// <summary>A kernel cut into segments, and where in scratch memory the values that cross between them lie.</summary>
internal sealed class KernelPlan
{
    /// <summary>Vector instructions per method: well under what the JIT compiler tracks, and where compile time per instruction is least.</summary>
    private const int MaxWeight = 500;
    private const int MinWeight = 300;

    /// <summary>Scratch of one tile stays in the second-level cache, and where it can in the first.</summary>
    private const int ScratchBudget = 256 * 1024;
    private const int MaxTile = 1024;
    private const int MinTile = 128;

    private readonly int[] _slots;
    private int _uniformSlots;
    private int _tileSlots;

    public KernelPlan(KernelLayout layout)
    {
        Layout = layout;
        _slots = new int[layout.Ir.Nodes.Length];
        Array.Fill(_slots, -1);
        var schedule = new Schedule(layout);
        if (Weight(schedule.Uniform) + Weight(schedule.Varying) <= MaxWeight)
        {
            Once = [];
            var whole = new Segment(schedule.Uniform, schedule.Varying, new HashSet<int>(), new HashSet<int>());
            var copies = CopiesOf(whole);
            PerTile = [whole with { Copies = copies, HasRestLoop = copies > 1 }];
            Stride = layout.Step;
            return;
        }

        // A second loop would add half to the compile time of a large kernel, and gain on short runs only.
        (Once, PerTile) = Cut(schedule);
        PerTile = Array.ConvertAll(PerTile, segment => segment with { Copies = Math.Min(2, CopiesOf(segment)) });
        Stride = layout.Step * PerTile.Max(segment => segment.Copies);
        Tile = ScratchBudget / Math.Max(1, _tileSlots * sizeof(long));
        Tile = Math.Clamp(Tile / MinTile * MinTile, MinTile, MaxTile);
    }

    public KernelLayout Layout { get; }

    /// <summary>Segments run once per call, before the others.</summary>
    public Segment[] Once { get; }

    /// <summary>Segments run in order for every tile.</summary>
    public Segment[] PerTile { get; }

    /// <summary>Whether there is a form of the segments that does one step at a time and is compiled much sooner.</summary>
    public bool UnrollsLater => PerTile[0].HasRestLoop;

    /// <summary>The segments of <see cref="PerTile"/> as they are compiled first.</summary>
    public Segment[] First => UnrollsLater ? Array.ConvertAll(PerTile, segment => segment with { Copies = 1, HasRestLoop = false }) : PerTile;

    /// <summary>The code covers multiples of so many elements; a power of two.</summary>
    public int Stride { get; }

    /// <summary>Elements between two segments; 0 when there is one segment, which needs no tiles.</summary>
    public int Tile { get; }

    /// <summary>Bytes of scratch memory a run needs.</summary>
    public int ScratchBytes => UniformBytes + (_tileSlots * Tile * sizeof(long));

    private int UniformBytes => _uniformSlots * VectorBytes;

    private int VectorBytes => Layout.Isa.Count(Lane.Int64) * sizeof(long);

    /// <summary>Where in scratch memory a value that crosses segments begins.</summary>
    public int ScratchOffset(int id) =>
        Layout.IsUniform(id) ? _slots[id] * VectorBytes : UniformBytes + (_slots[id] * Tile * sizeof(long));

    private int CopiesOf(Segment segment) =>
        Unrolling.Choose(Layout, segment.Loop, SlotAllocation.ForLoop(Layout, segment).MaxAlive);

    private int Weight(List<int> nodes) => nodes.Sum(Layout.Weight);

    private (Segment[] Once, Segment[] PerTile) Cut(Schedule schedule)
    {
        var lastUse = LastUses(schedule.Uniform, schedule.Varying);
        var once = Split(schedule.Uniform.FindAll(id => !IsLeaf(id)), 0, lastUse, schedule.Uniform);
        var perTile = Split(schedule.Varying, schedule.Uniform.Count, lastUse, schedule.Varying);
        var home = new Dictionary<int, int>();
        for (var s = 0; s < once.Count; s++)
        {
            once[s].ForEach(id => home.Add(id, s));
        }

        for (var s = 0; s < perTile.Count; s++)
        {
            perTile[s].ForEach(id => home.Add(id, once.Count + s));
        }

        var nodes = once.Concat(perTile).ToList();
        var incoming = nodes.ConvertAll(_ => new HashSet<int>());
        var outgoing = nodes.ConvertAll(_ => new HashSet<int>());
        var leaves = nodes.ConvertAll(_ => new SortedSet<int>());
        var reads = new List<int>();
        for (var s = 0; s < nodes.Count; s++)
        {
            reads.Clear();
            nodes[s].ForEach(id => Layout.AppendReads(id, reads));
            foreach (var read in reads)
            {
                if (IsLeaf(read))
                {
                    leaves[s].Add(read);
                }
                else if (home[read] != s)
                {
                    incoming[s].Add(read);
                    outgoing[home[read]].Add(read);
                }
            }
        }

        AssignScratch(nodes, incoming, outgoing);
        var segments = nodes.Select((body, s) => s < once.Count
            ? new Segment([.. leaves[s], .. body], [], incoming[s], outgoing[s])
            : new Segment([.. leaves[s]], body, incoming[s], outgoing[s])).ToArray();
        return (segments[..once.Count], segments[once.Count..]);
    }

    /// <summary>Uniform values that cost no more to read again than to fetch from scratch.</summary>
    private bool IsLeaf(int id) => Layout.IsUniform(id) && Layout[id].Op is IrOp.Scalar or IrOp.Load;

    private Dictionary<int, int> LastUses(List<int> uniform, List<int> varying)
    {
        var last = new Dictionary<int, int>();
        var reads = new List<int>();
        var position = 0;
        foreach (var id in uniform.Concat(varying))
        {
            reads.Clear();
            Layout.AppendReads(id, reads);
            reads.ForEach(read => last[read] = position);
            position++;
        }

        return last;
    }

    /// <summary>Cuts where the fewest values are alive, between <see cref="MinWeight"/> and <see cref="MaxWeight"/> instructions from the cut before.</summary>
    private List<List<int>> Split(List<int> nodes, int offset, Dictionary<int, int> lastUse, List<int> positions)
    {
        var place = new Dictionary<int, int>();
        for (var i = 0; i < positions.Count; i++)
        {
            place[positions[i]] = offset + i;
        }

        var alive = Alive(nodes, place, lastUse);
        var segments = new List<List<int>>();
        var start = 0;
        while (start < nodes.Count)
        {
            var weight = 0;
            var best = -1;
            var end = start;
            for (; end < nodes.Count && weight + Layout.Weight(nodes[end]) <= MaxWeight; end++)
            {
                weight += Layout.Weight(nodes[end]);
                if (weight >= MinWeight && (best < 0 || alive[end] <= alive[best - 1]))
                {
                    best = end + 1;
                }
            }

            var cut = end == nodes.Count ? end : best;
            segments.Add(nodes.GetRange(start, cut - start));
            start = cut;
        }

        return segments;
    }

    /// <summary>For each position of the list, the vectors held after it that something later reads.</summary>
    private int[] Alive(List<int> nodes, Dictionary<int, int> place, Dictionary<int, int> lastUse)
    {
        var dying = new int[nodes.Count + 1];
        var alive = new int[nodes.Count];
        var positionOf = new Dictionary<int, int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            positionOf[place[nodes[i]]] = i;
        }

        var now = 0;
        for (var i = 0; i < nodes.Count; i++)
        {
            if (lastUse.TryGetValue(nodes[i], out var last))
            {
                now += Layout.Parts(nodes[i]);
                dying[positionOf.GetValueOrDefault(last, nodes.Count)] += Layout.Parts(nodes[i]);
            }

            now -= dying[i];
            alive[i] = now;
        }

        return alive;
    }

    /// <summary>Slots of tile memory are used again once the last segment that reads them is done; uniform values keep theirs.</summary>
    private void AssignScratch(List<List<int>> nodes, List<HashSet<int>> incoming, List<HashSet<int>> outgoing)
    {
        var lastReader = new Dictionary<int, int>();
        for (var s = 0; s < nodes.Count; s++)
        {
            foreach (var id in incoming[s])
            {
                lastReader[id] = s;
            }
        }

        var free = new Stack<int>();
        for (var s = 0; s < nodes.Count; s++)
        {
            foreach (var id in nodes[s].Where(outgoing[s].Contains))
            {
                _slots[id] = Layout.IsUniform(id) ? _uniformSlots++ : free.Count > 0 ? free.Pop() : _tileSlots++;
            }

            foreach (var id in incoming[s])
            {
                if (lastReader[id] == s && !Layout.IsUniform(id))
                {
                    free.Push(_slots[id]);
                }
            }
        }
    }
}
