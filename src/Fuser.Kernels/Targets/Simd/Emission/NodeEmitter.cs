using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Simd.Lanes;
using Fuser.Kernels.Targets.Simd.Planning;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>The code of one node: operands onto the IL stack, the operation, the result left there.</summary>
internal sealed class NodeEmitter
{
    private readonly IlWriter _il;
    private readonly KernelLayout _layout;
    private readonly LaneIsa _isa;
    private readonly MemoryEmitter _memory;
    private readonly ConstantTables _tables;
    private readonly Registers _uniform;
    private readonly Registers _varying;
    private readonly bool _streams;

    public NodeEmitter(IlWriter il, KernelLayout layout, MemoryEmitter memory, ConstantTables tables, Registers uniform, Registers varying, bool streams)
    {
        _streams = streams;
        _il = il;
        _layout = layout;
        _isa = layout.Isa;
        _memory = memory;
        _tables = tables;
        _uniform = uniform;
        _varying = varying;
    }

    /// <summary>Which of the unrolled copies of the loop's body is being written.</summary>
    public int Copy { get; set; }

    /// <summary>Leaves one vector of the node's value on the stack.</summary>
    public void PushResult(int id, int part)
    {
        var node = _layout[id];
        var lane = _layout.LaneOf(id);
        switch (node.Op)
        {
            case IrOp.Scalar:
                _memory.PushUniform(node, lane);
                break;
            case IrOp.Load when _layout.IsUniform(id):
                _memory.PushUniform(node, lane);
                break;
            case IrOp.Load:
                _memory.PushLoad((int)node.Immediate, lane, part, Copy);
                break;
            case IrOp.Index:
                _memory.PushIndex((int)node.Immediate, part, Copy);
                break;
            case IrOp.Select:
                PushSelect(node, id, part);
                break;
            default:
                if (node.Type == IrType.Bool)
                {
                    PushMaskExpression(id, part);
                }
                else
                {
                    PushNumber(node, lane, part);
                }

                break;
        }
    }

    public void Store(int id, int part)
    {
        var node = _layout[id];
        var argument = (int)node.Immediate;
        var isBool = _layout[node.A].Type == IrType.Bool;
        var lane = isBool ? Lane.Int32 : _layout.LaneOf(node.A);
        if (_streams && MemoryEmitter.IsStreamed(_layout.Ir.Arguments[argument].DType))
        {
            Push(node.A, part);
            _memory.StoreStreamed(argument, lane, part, Copy);
            return;
        }

        _memory.PushStoreAddress(argument, lane, part, Copy);
        if (isBool)
        {
            PushMask(node.A, lane, part);
        }
        else
        {
            Push(node.A, part);
        }

        _memory.Store(argument, lane);
    }

    /// <summary>Vectors a store writes.</summary>
    public int StoreParts(int id) => _layout[_layout[id].A].Type == IrType.Bool ? 1 : _layout.PartsOf(_layout.LaneOf(_layout[id].A));

    private void Push(int id, int part)
    {
        if (_layout.IsConstant(id))
        {
            PushConstant(_layout.LaneOf(id), _layout[id].Immediate);
        }
        else if (_layout.IsInline(id))
        {
            PushResult(id, part);
        }
        else
        {
            PushHeld(id, part);
        }
    }

    private void PushHeld(int id, int part) =>
        _il.Load(_layout.IsUniform(id) ? _uniform[id, 0, 0] : _varying[id, part, Copy]);

    /// <summary>A constant where it is used: the compiler makes a memory operand of it, which is cheaper than a register held through the loop.</summary>
    private void PushConstant(Lane lane, long bits)
    {
        var asInteger = lane switch
        {
            Lane.Float32 => float.IsNaN(BitConverter.Int32BitsToSingle((int)bits)),
            Lane.Float64 => double.IsNaN(BitConverter.Int64BitsToDouble(bits)),
            _ => true,
        };

        // Passing a signalling NaN around as a float may quieten it.
        var pushed = asInteger ? lane.Integer() : lane;
        switch (pushed)
        {
            case Lane.Int32: _il.Integer((int)bits); break;
            case Lane.Int64: _il.Integer(bits); break;
            case Lane.Float32: _il.Float(BitConverter.Int32BitsToSingle((int)bits)); break;
            default: _il.Float(BitConverter.Int64BitsToDouble(bits)); break;
        }

        _isa.Broadcast(_il, pushed);
        _isa.Reinterpret(_il, pushed, lane);
    }

    private void PushNumber(IrNode node, Lane lane, int part)
    {
        switch (node.Op)
        {
            case IrOp.Convert when _layout[node.A].Type == IrType.Bool:
                PushMask(node.A, lane.Integer(), part);
                PushConstant(lane.Integer(), One(lane));
                _isa.Operation(_il, "BitwiseAnd", lane.Integer(), 2);
                _isa.Reinterpret(_il, lane.Integer(), lane);
                break;
            case IrOp.Convert when _layout[node.A].Type == IrType.Float32 && lane == Lane.Int32 && _layout.FitsInt32(node.A):
                Push(node.A, part);
                _isa.Operation(_il, "ConvertToInt32Native", Lane.Float32, 1);
                break;
            case IrOp.Convert:
                _isa.Convert(_il, _layout.LaneOf(node.A), lane, part, source => Push(node.A, source));
                break;
            case IrOp.Bitcast:
                Push(node.A, part);
                _isa.Reinterpret(_il, _layout.LaneOf(node.A), lane);
                break;
            case IrOp.TableLookup:
                PushLookup(node, lane, part);
                break;
            case IrOp.ShiftLeft or IrOp.ShiftRight or IrOp.ShiftRightLogical:
                PushShift(node, lane, part);
                break;
            default:
                Push(node.A, part);
                if (node.B >= 0)
                {
                    Push(node.B, part);
                }

                if (node.C >= 0)
                {
                    Push(node.C, part);
                }

                _isa.Operation(_il, Primitives.Name(node.Op, lane), lane, node.Op.Arity());
                break;
        }
    }

    private static long One(Lane lane) => lane switch
    {
        Lane.Float32 => BitConverter.SingleToInt32Bits(1f),
        Lane.Float64 => BitConverter.DoubleToInt64Bits(1),
        _ => 1,
    };

    private void PushShift(IrNode node, Lane lane, int part)
    {
        var name = Primitives.Name(node.Op, lane);
        Push(node.A, part);
        if (_layout.IsConstant(node.B))
        {
            _il.Integer((int)_layout[node.B].Immediate & ((lane.Size() * 8) - 1));
            _isa.Operation(_il, name, lane, 2);
        }
        else
        {
            Push(node.B, part);
            _isa.Operation(_il, name + "Variable", lane, 2);
        }
    }

    private void PushLookup(IrNode node, Lane lane, int part)
    {
        _il.Integer(_tables.AddressOf((int)node.Immediate, lane.Size()));
        Push(node.A, 0);
        var name = lane.Size() == 4 ? "LookUp32" : part == 0 ? "LookUp64Lower" : "LookUp64Upper";
        _isa.Special(_il, name, typeof(byte*), 2);
        _isa.Reinterpret(_il, lane.Integer(), lane);
    }

    private void PushSelect(IrNode node, int id, int part)
    {
        var (whenTrue, whenFalse) = (node.B, node.C);
        var condition = node.A;
        if (node.Type == IrType.Bool)
        {
            var form = _layout.LaneOf(id);
            PushMask(condition, form, part);
            PushMask(whenTrue, form, part);
            PushMask(whenFalse, form, part);
            _isa.Operation(_il, "ConditionalSelect", form, 3);
            return;
        }

        var lane = _layout.LaneOf(id);
        if (IsSelectingMinMax(node, lane))
        {
            // a < b ? a : b is the minimum instruction of (a, b), and a < b ? b : a the maximum of (b, a).
            Push(whenTrue, part);
            Push(whenFalse, part);
            _isa.Operation(_il, _layout[condition].A == whenTrue ? "MinNative" : "MaxNative", lane, 2);
            return;
        }

        while (IsNot(condition, out var inner) && _layout.IsInline(condition))
        {
            (whenTrue, whenFalse) = (whenFalse, whenTrue);
            condition = inner;
        }

        PushCondition(condition, lane, part);
        Push(whenTrue, part);
        Push(whenFalse, part);
        _isa.Operation(_il, "ConditionalSelect", lane, 3);
    }

    private bool IsSelectingMinMax(IrNode select, Lane lane)
    {
        var condition = _layout[select.A];
        return _isa.HasSelectingMinMax && lane.IsFloat() && condition.Op == IrOp.LessThan
            && ((condition.A == select.B && condition.B == select.C) || (condition.A == select.C && condition.B == select.B));
    }

    /// <summary>Xor with true.</summary>
    private bool IsNot(int id, out int inner)
    {
        var node = _layout[id];
        inner = node.A;
        return node.Op == IrOp.Xor && node.Type == IrType.Bool && _layout.IsConstant(node.B) && _layout[node.B].Immediate != 0;
    }

    /// <summary>A mask as a select of such lanes takes it; a comparison of the same lanes already is that.</summary>
    private void PushCondition(int id, Lane lane, int part)
    {
        PushMask(id, _isa.MaskLane(lane), part);
        _isa.MaskForSelect(_il, lane);
    }

    /// <summary>A mask in lanes of the wanted size.</summary>
    private void PushMask(int id, Lane wanted, int part)
    {
        var form = _layout.LaneOf(id);
        if (_layout.IsConstant(id))
        {
            PushConstant(wanted, _layout[id].Immediate != 0 ? -1 : 0);
        }
        else if (form == wanted)
        {
            PushMaskAsMade(id, part);
        }
        else
        {
            _isa.Convert(_il, form, wanted, part, source => PushMaskAsMade(id, source));
        }
    }

    private void PushMaskAsMade(int id, int part)
    {
        if (_layout.IsInline(id))
        {
            PushResult(id, part);
        }
        else
        {
            PushHeld(id, part);
        }
    }

    private void PushMaskExpression(int id, int part)
    {
        var node = _layout[id];
        var form = _layout.LaneOf(id);
        switch (node.Op)
        {
            case IrOp.Convert:
                Push(node.A, part);
                PushConstant(_layout.LaneOf(node.A), 0);
                _isa.Compare(_il, "Equals", _layout.LaneOf(node.A));
                _isa.Operation(_il, "OnesComplement", form, 1);
                break;
            case IrOp.And or IrOp.Or or IrOp.Xor:
                PushMask(node.A, form, part);
                if (IsNot(id, out _))
                {
                    _isa.Operation(_il, "OnesComplement", form, 1);
                }
                else
                {
                    PushMask(node.B, form, part);
                    _isa.Operation(_il, Primitives.Name(node.Op, form), form, 2);
                }

                break;
            default:
                Push(node.A, part);
                Push(node.B, part);
                _isa.Compare(_il, Primitives.Name(node.Op, _layout.LaneOf(node.A)), _layout.LaneOf(node.A));
                break;
        }
    }
}
