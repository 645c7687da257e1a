using System.Reflection.Emit;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Simd.Planning;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>
/// The method of one segment: what is the same for all elements, then a loop over several steps at once, their nodes
/// interleaved so that the processor has independent work, then a loop over the steps that are left.
/// </summary>
internal sealed class SegmentEmitter
{
    private readonly IlWriter _il;
    private readonly KernelPlan _plan;
    private readonly KernelLayout _layout;
    private readonly Segment _segment;
    private readonly MemoryEmitter _memory;
    private readonly NodeEmitter _nodes;
    private readonly SlotAllocation _once;
    private readonly SlotAllocation _loop;
    private readonly Registers _uniform;
    private readonly Registers _varying;
    private readonly bool _streams;

    /// <param name="streams">Whether outputs are written around the caches; they are then aligned at the start.</param>
    public SegmentEmitter(IlWriter il, KernelPlan plan, Segment segment, ConstantTables tables, bool streams)
    {
        _il = il;
        _plan = plan;
        _streams = streams;
        _layout = plan.Layout;
        _segment = segment;
        var kept = new HashSet<int>();
        var reads = new List<int>();
        foreach (var id in segment.Loop)
        {
            reads.Clear();
            _layout.AppendReads(id, reads);
            kept.UnionWith(reads.Where(_layout.IsUniform));
        }

        _once = new SlotAllocation(_layout, segment.Once, segment.Incoming.Contains, kept.Contains, [.. segment.Incoming.Where(kept.Contains)]);
        _loop = SlotAllocation.ForLoop(_layout, segment);
        _uniform = new Registers(il, _layout, _once);
        _varying = new Registers(il, _layout, _loop);
        _memory = new MemoryEmitter(il, plan);
        _nodes = new NodeEmitter(il, _layout, _memory, tables, _uniform, _varying, streams);
    }

    public void Emit()
    {
        // Called without arguments, the method only gets itself compiled.
        var body = _il.DefineLabel();
        _il.LoadArgument(SegmentCode.Arguments);
        _il.Branch(OpCodes.Brtrue, body);
        _il.Emit(OpCodes.Ret);
        _il.Mark(body);
        _il.Comment("once");
        _memory.Prepare(_segment);
        foreach (var (id, isFetch) in _once.Order)
        {
            EmitNode(id, isFetch, 0);
        }

        if (_segment.Loop.Count > 0)
        {
            EmitLoops();
        }

        _il.Emit(OpCodes.Ret);
    }

    private void EmitLoops()
    {
        var position = _il.Declare(typeof(nint));
        _memory.Position = position;
        _il.LoadArgument(SegmentCode.Start);
        _il.Store(position);
        EmitLoop(position, _segment.Copies);
        if (_segment.HasRestLoop)
        {
            EmitLoop(position, 1);
        }
    }

    /// <summary>while (position &lt;= end - stride) { ...; position += stride; }</summary>
    private void EmitLoop(LocalBuilder position, int copies)
    {
        var stride = copies * _layout.Step;
        var limit = _il.Declare(typeof(nint));
        _il.Comment($"{copies} steps of {_layout.Step}");
        _il.LoadArgument(SegmentCode.End);
        _il.Integer(stride);
        _il.Emit(OpCodes.Sub);
        _il.Store(limit);
        var test = _il.DefineLabel();
        var body = _il.DefineLabel();
        _il.Branch(OpCodes.Br, test);
        _il.Mark(body);
        if (_streams)
        {
            _memory.Prefetch(_segment.Loop, stride);
        }

        foreach (var (id, isFetch) in _loop.Order)
        {
            for (var copy = 0; copy < copies; copy++)
            {
                EmitNode(id, isFetch, copy);
            }
        }

        _il.Load(position);
        _il.Integer(stride);
        _il.Emit(OpCodes.Add);
        _il.Store(position);
        _il.Mark(test);
        _il.Load(position);
        _il.Load(limit);
        _il.Branch(OpCodes.Ble, body);
    }

    private void EmitNode(int id, bool isFetch, int copy)
    {
        _nodes.Copy = copy;
        if (_il.IsListing)
        {
            var node = _layout[id];
            _il.Comment(node.Op == IrOp.Store ? $"  store @{node.Immediate}" : $"  %{id} : {node.Type.Text()} = {(isFetch ? "fetch" : node.Op.ToString().ToLowerInvariant())}");
        }

        if (!isFetch && _layout[id].Op == IrOp.Store)
        {
            for (var part = 0; part < _nodes.StoreParts(id); part++)
            {
                _nodes.Store(id, part);
            }

            return;
        }

        var registers = _layout.IsUniform(id) ? _uniform : _varying;
        for (var part = 0; part < _layout.Parts(id); part++)
        {
            if (isFetch)
            {
                _memory.PushScratchAddress(id, part, copy);
                _memory.LoadVector(_layout.LaneOf(id));
            }
            else
            {
                _nodes.PushResult(id, part);
            }

            _il.Store(registers[id, part, copy]);
        }

        if (!isFetch && _segment.Outgoing.Contains(id))
        {
            for (var part = 0; part < _layout.Parts(id); part++)
            {
                _memory.PushScratchAddress(id, part, copy);
                _il.Load(registers[id, part, copy]);
                _memory.StoreVector(_layout.LaneOf(id));
            }
        }
    }
}
