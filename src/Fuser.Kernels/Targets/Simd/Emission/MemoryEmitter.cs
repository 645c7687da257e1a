using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Simd.Lanes;
using Fuser.Kernels.Targets.Simd.Planning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>
/// Everything that touches memory: arguments in their storage types, scratch values, indices. Addresses are
/// <c>base + position * size + constant</c>, which is one addressing mode of the machine.
/// </summary>
internal sealed class MemoryEmitter
{
    /// <summary>Beyond this many arguments their pointers are read where they are used instead of being kept in locals.</summary>
    private const int MaxPointerLocals = 256;

    /// <summary>More streams than this the processor does not follow, and the requests would crowd out the loads.</summary>
    private const int MaxPrefetched = 16;

    private static readonly unsafe MethodInfo s_prefetch = typeof(Sse).GetMethod(nameof(Sse.Prefetch1), [typeof(void*)])!;

    private static readonly Instructions s_scalars = new(lane => lane.ClrType(), typeof(ScalarLanes));

    private readonly Dictionary<int, LocalBuilder> _pointers = [];
    private readonly Dictionary<int, IndexLocals> _indices = [];
    private readonly LocalBuilder?[] _tileBases = new LocalBuilder?[2];
    private readonly IlWriter _il;
    private readonly KernelPlan _plan;
    private readonly KernelLayout _layout;
    private readonly LaneIsa _isa;

    public MemoryEmitter(IlWriter il, KernelPlan plan)
    {
        _il = il;
        _plan = plan;
        _layout = plan.Layout;
        _isa = _layout.Isa;
    }

    /// <summary>The local that holds the index of the first element of the current step.</summary>
    public LocalBuilder? Position { get; set; }

    private sealed record IndexLocals(LocalBuilder Start, LocalBuilder Step, LocalBuilder[] Offsets);

    /// <summary>Before the loop: pointers, index vectors and the bases of scratch values that the nodes need.</summary>
    public void Prepare(Segment segment)
    {
        var nodes = new List<int>();
        foreach (var id in segment.Loop)
        {
            _layout.AppendExpression(id, nodes);
        }

        var arguments = nodes.Where(id => _layout[id].Op is IrOp.Load or IrOp.Store).Select(id => (int)_layout[id].Immediate).Distinct().ToList();
        if (arguments.Count <= MaxPointerLocals)
        {
            foreach (var argument in arguments)
            {
                var pointer = _il.Declare(typeof(nint));
                PushPointer(argument);
                _il.Store(pointer);
                _pointers.Add(argument, pointer);
            }
        }

        foreach (var id in nodes)
        {
            if (_layout[id].Op == IrOp.Index)
            {
                PrepareIndex((int)_layout[id].Immediate, id);
            }
        }

        foreach (var id in segment.Incoming.Concat(segment.Outgoing))
        {
            if (!_layout.IsUniform(id) && _tileBases[_layout.LaneOf(id).Size() / 8] is null)
            {
                PrepareTileBase(_layout.LaneOf(id).Size());
            }
        }
    }

    /// <summary>A uniform input or a scalar, broadcast.</summary>
    public void PushUniform(IrNode node, Lane lane)
    {
        PushPointer((int)node.Immediate);
        var dtype = _layout.Ir.Arguments[(int)node.Immediate].DType;
        if (node.Type == IrType.Bool)
        {
            _il.Emit(OpCodes.Ldind_U1);
            _il.Integer(0);
            _il.Emit(OpCodes.Cgt_Un);
            _il.Emit(OpCodes.Neg);
        }
        else if (node.Op == IrOp.Load && NarrowName(dtype) is { } name)
        {
            _il.Call(s_scalars.Find("Load" + name, Lane.Int32, typeof(byte*), 1));
        }
        else
        {
            _il.Unaligned();
            _il.Emit(lane switch
            {
                Lane.Int32 => OpCodes.Ldind_I4,
                Lane.Int64 => OpCodes.Ldind_I8,
                Lane.Float32 => OpCodes.Ldind_R4,
                _ => OpCodes.Ldind_R8,
            });
        }

        _isa.Broadcast(_il, lane);
    }

    /// <summary>Asks for the lines that the loop comes to in a while; see <see cref="Prefetching"/>.</summary>
    /// <param name="elements">Elements of a round of the loop.</param>
    public void Prefetch(IReadOnlyList<int> loop, int elements)
    {
        var nodes = new List<int>();
        foreach (var id in loop)
        {
            _layout.AppendExpression(id, nodes);
        }

        var inputs = nodes.Where(id => _layout[id].Op == IrOp.Load && !_layout.IsUniform(id)).Select(id => (int)_layout[id].Immediate).Distinct().ToList();
        if (inputs.Count > MaxPrefetched || !Sse.IsSupported)
        {
            return;
        }

        foreach (var argument in inputs)
        {
            var size = _layout.Ir.Arguments[argument].DType.ItemSize();
            for (var offset = 0; offset < elements * size; offset += MemorySizes.CacheLine)
            {
                PushArgument(argument);
                PushScaledPosition(size);
                PushOffset(Prefetching.AheadBytes + offset);
                _il.Call(s_prefetch);
            }
        }
    }

    /// <summary>One vector of a varying input.</summary>
    public void PushLoad(int argument, Lane lane, int part, int copy)
    {
        var dtype = _layout.Ir.Arguments[argument].DType;
        PushElementAddress(argument, dtype.ItemSize(), part, copy, lane);
        if (NarrowName(dtype) is { } name)
        {
            _isa.Special(_il, "Load" + name, typeof(byte*), 1);
        }
        else
        {
            LoadVector(lane);
        }
    }

    /// <summary>Whether an output is written around the caches: whole vectors only, as narrow types have no such instruction.</summary>
    public static bool IsStreamed(DType dtype) => dtype.ItemSize() >= sizeof(int);

    /// <summary>A value on the stack is written around the caches; the address must be a multiple of the vector's size.</summary>
    public void StoreStreamed(int argument, Lane lane, int part, int copy)
    {
        PushStoreAddress(argument, lane, part, copy);
        _isa.Operation(_il, "StoreAlignedNonTemporal", lane, 2);
    }

    /// <summary>The address is pushed before the value.</summary>
    public void PushStoreAddress(int argument, Lane lane, int part, int copy) =>
        PushElementAddress(argument, _layout.Ir.Arguments[argument].DType.ItemSize(), part, copy, lane);

    public void Store(int argument, Lane lane)
    {
        switch (_layout.Ir.Arguments[argument].DType)
        {
            case DType.Bool:
                _isa.Special(_il, "StoreBool", typeof(byte*), 2);
                break;
            case DType.UInt8 or DType.Int8:
                _isa.Special(_il, "StoreInt8", typeof(byte*), 2);
                break;
            case DType.Int16 or DType.Float16 or DType.BFloat16:
                _isa.Special(_il, "StoreInt16", typeof(byte*), 2);
                break;
            default:
                StoreVector(lane);
                break;
        }
    }

    /// <summary>One vector of the logical indices of the step.</summary>
    public void PushIndex(int argument, int part, int copy)
    {
        var index = _indices[argument];
        _il.Load(Position!);
        _il.Emit(OpCodes.Conv_I8);
        if (copy > 0)
        {
            _il.Integer((long)copy * _layout.Step);
            _il.Emit(OpCodes.Add);
        }

        _il.Load(index.Step);
        _il.Emit(OpCodes.Mul);
        _il.Load(index.Start);
        _il.Emit(OpCodes.Add);
        _isa.Broadcast(_il, Lane.Int64);
        _il.Load(index.Offsets[part]);
        _isa.Operation(_il, "Add", Lane.Int64, 2);
    }

    public void PushScratchAddress(int id, int part, int copy)
    {
        var lane = _layout.LaneOf(id);
        if (_layout.IsUniform(id))
        {
            _il.LoadArgument(SegmentCode.Scratch);
            PushOffset(_plan.ScratchOffset(id));
            return;
        }

        _il.Load(_tileBases[lane.Size() / 8]!);
        PushScaledPosition(lane.Size());
        PushOffset(_plan.ScratchOffset(id) + (((copy * _layout.Step) + (part * _isa.Count(lane))) * lane.Size()));
    }

    public void LoadVector(Lane lane)
    {
        _il.Unaligned();
        _il.Emit(OpCodes.Ldobj, _isa.ValueType(lane));
    }

    public void StoreVector(Lane lane)
    {
        _il.Unaligned();
        _il.Emit(OpCodes.Stobj, _isa.ValueType(lane));
    }

    private void PushElementAddress(int argument, int size, int part, int copy, Lane lane)
    {
        PushArgument(argument);
        PushScaledPosition(size);
        PushOffset(((copy * _layout.Step) + (part * _isa.Count(lane))) * size);
    }

    private void PushArgument(int argument)
    {
        if (_pointers.TryGetValue(argument, out var pointer))
        {
            _il.Load(pointer);
        }
        else
        {
            PushPointer(argument);
        }
    }

    private void PushScaledPosition(int size)
    {
        _il.Load(Position!);
        if (size > 1)
        {
            _il.Integer(size);
            _il.Emit(OpCodes.Mul);
        }

        _il.Emit(OpCodes.Add);
    }

    private void PushOffset(int offset)
    {
        if (offset != 0)
        {
            _il.Integer(offset);
            _il.Emit(OpCodes.Add);
        }
    }

    private void PushPointer(int argument)
    {
        _il.LoadArgument(SegmentCode.Arguments);
        if (argument > 0)
        {
            _il.Emit(OpCodes.Sizeof, typeof(nint));
            _il.Integer(argument);
            _il.Emit(OpCodes.Mul);
            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Ldind_I);
    }

    private void PrepareIndex(int argument, int id)
    {
        if (_indices.ContainsKey(argument))
        {
            return;
        }

        var index = new IndexLocals(_il.Declare(typeof(long)), _il.Declare(typeof(long)), new LocalBuilder[_layout.Parts(id)]);
        PushPointer(argument);
        _il.Unaligned();
        _il.Emit(OpCodes.Ldind_I8);
        _il.Store(index.Start);
        PushPointer(argument);
        _il.Integer(sizeof(long));
        _il.Emit(OpCodes.Add);
        _il.Unaligned();
        _il.Emit(OpCodes.Ldind_I8);
        _il.Store(index.Step);
        for (var part = 0; part < index.Offsets.Length; part++)
        {
            index.Offsets[part] = _il.Declare(_isa.ValueType(Lane.Int64));
            _il.Load(index.Step);
            _isa.Special(_il, part == 0 ? "IndexOffsetsLower" : "IndexOffsetsUpper", typeof(long), 1);
            _il.Store(index.Offsets[part]);
        }

        _indices.Add(argument, index);
    }

    /// <summary>Scratch holds one tile; its values are addressed by the position in the whole, so the base is moved back by the tile's start.</summary>
    private void PrepareTileBase(int size)
    {
        var local = _il.Declare(typeof(nint));
        _il.LoadArgument(SegmentCode.Scratch);
        _il.LoadArgument(SegmentCode.Start);
        _il.Integer(size);
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Sub);
        _il.Store(local);
        _tileBases[size / 8] = local;
    }

    private static string? NarrowName(DType dtype) => dtype switch
    {
        DType.Bool => "Bool",
        DType.UInt8 => "UInt8",
        DType.Int8 => "Int8",
        DType.Int16 => "Int16",
        DType.Float16 or DType.BFloat16 => "UInt16",
        _ => null,
    };
}
