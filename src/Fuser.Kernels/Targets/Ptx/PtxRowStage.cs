using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>Prints the instructions of one stage.</summary>
internal sealed class PtxRowStage(PtxRowWalk walk, KernelIr ir)
{
    private readonly bool[] _varies = DeviceCode.Varying(ir);
    private readonly PtxPrimitives _primitives = walk.Primitives(ir);
    private readonly string[] _uniform = new string[ir.Nodes.Length];

    private RowProgram Program => walk.Program;

    /// <summary>What is the same for all elements.</summary>
    public void PrintUniform()
    {
        for (var id = 0; id < ir.Nodes.Length; id++)
        {
            if (!_varies[id])
            {
                _uniform[id] = Emit(id, _uniform, walk.Axes, id => LoadOne(id, walk.RowPositions[(int)ir.Nodes[id].Immediate]));
            }
        }
    }

    /// <summary>What there is once per row goes where the row is; one lane writes results.</summary>
    public void PrintPerRow()
    {
        PrintUniform();
        string[] values = [.. _uniform];
        for (var id = 0; id < values.Length; id++)
        {
            if (_varies[id] && ir.Nodes[id].Op != IrOp.Store)
            {
                values[id] = Emit(id, values, walk.Axes, id => LoadOne(id, walk.RowPositions[(int)ir.Nodes[id].Immediate]));
            }
        }

        foreach (var node in ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate >= Program.FirstRowValue))
        {
            PtxCombining.Move(walk.Writer, node.Type, walk.RowValues[node.Immediate - Program.FirstRowValue], values[node.A]);
        }

        IrNode[] results = [.. ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue)];
        if (results.Length > 0)
        {
            walk.PrintAlone(() => Array.ForEach(results, node => Store((int)node.Immediate, walk.RowPositions[node.Immediate], values[node.A], "")));
        }
    }

    /// <summary>Elements: all their loads first, then of each what it is made of and what is written of it.</summary>
    /// <returns>Per element, what is combined of it.</returns>
    public string[][] PrintElements(string[] places, string[] isThere, ImmutableArray<int> sources)
    {
        var (form, values, axes) = (walk.Form, new string[places.Length][], new string[places.Length][]);
        var positions = new Dictionary<int, string>[places.Length];
        for (var k = 0; k < places.Length; k++)
        {
            (values[k], axes[k], positions[k]) = ([.. _uniform], [.. walk.Axes], []);
            walk.PrintAxes(axes[k], places[k], form.RowAxes, form.ElementAxes);
            for (var id = 0; id < ir.Nodes.Length; id++)
            {
                var node = ir.Nodes[id];
                if (_varies[id] && node.Op == IrOp.Load)
                {
                    values[k][id] = LoadOne(id, PositionOf(k, (int)node.Immediate));
                }
            }
        }

        var combined = new string[places.Length][];
        for (var k = 0; k < places.Length; k++)
        {
            for (var id = 0; id < ir.Nodes.Length; id++)
            {
                if (_varies[id] && ir.Nodes[id].Op is not (IrOp.Store or IrOp.Load))
                {
                    values[k][id] = Emit(id, values[k], axes[k], _ => "");
                }
            }

            // Truth values are loaded as numbers: only now are the loads all under way.
            var writes = ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue).ToArray();
            var condition = writes.Length == 0 || !walk.IsShared ? isThere[k] : walk.Writer.Emit("and.pred", IrType.Bool, $"{isThere[k]}, {walk.IsOwn}");
            foreach (var node in writes)
            {
                Store((int)node.Immediate, PositionOf(k, (int)node.Immediate), values[k][node.A], $"@{condition} ");
            }

            combined[k] = [.. sources.Select(source => values[k][ir.Nodes.First(node => node.Op == IrOp.Store && node.Immediate == Program.FirstCombined + source).A])];
        }

        return combined;

        string PositionOf(int k, int argument)
        {
            if (!positions[k].TryGetValue(argument, out var position))
            {
                position = walk.Position(argument, walk.RowPositions[argument], axes[k], form.RowAxes, form.ElementAxes);
                positions[k].Add(argument, position);
            }

            return position;
        }
    }

    private string Emit(int id, string[] values, string[] axes, Func<int, string> load)
    {
        var node = ir.Nodes[id];
        return node.Op switch
        {
            IrOp.Load when node.Immediate >= Program.FirstRowValue => walk.RowValues[node.Immediate - Program.FirstRowValue],
            IrOp.Load => load(id),
            IrOp.Index => IndexOf((int)node.Immediate, axes),
            IrOp.Scalar => Number((int)node.Immediate, node.Type),
            _ => _primitives.Emit(node, Value(node.A), Value(node.B), Value(node.C)),
        };

        string Value(int operand) => operand < 0 ? "" : values[operand];
    }

    /// <summary>Any byte but 0 is true.</summary>
    private string LoadOne(int id, string position)
    {
        var argument = (int)ir.Nodes[id].Immediate;
        var dtype = Program.Arguments[argument].DType;
        var value = walk.Writer.Emit($"ld.global.nc.{PtxMemory.ElementType(dtype)}", PtxMemory.WordType(dtype), $"[{walk.AddressOf(argument, position)}]");
        if (dtype != DType.Bool)
        {
            return value;
        }

        var isTrue = walk.Writer.New(IrType.Bool);
        walk.Writer.Emit($"setp.ne.s32 {isTrue}, {value}, 0");
        return isTrue;
    }

    private void Store(int argument, string position, string value, string guard)
    {
        var dtype = Program.Arguments[argument].DType;
        var address = walk.AddressOf(argument, position);
        var stored = dtype == DType.Bool ? walk.Writer.Emit("selp.u32", IrType.Int32, $"1, 0, {value}") : value;
        if (stored[0] != '%')
        {
            stored = walk.Writer.Emit(PtxMemory.WordType(dtype) switch { IrType.Int32 => "mov.b32", IrType.Int64 => "mov.b64", IrType.Float32 => "mov.f32", _ => "mov.f64" }, PtxMemory.WordType(dtype), stored);
        }

        walk.Writer.Emit($"{guard}st.global.{PtxMemory.ElementType(dtype)} [{address}], {stored}");
    }

    private string IndexOf(int argument, string[] axes)
    {
        var index = walk.Writer.Emit("ld.param.s64", IrType.Int64, $"[o{argument}]");
        for (var axis = 0; axis < (Program.IsPerRow(argument) ? walk.Form.RowAxes : walk.Form.Axes); axis++)
        {
            index = walk.Writer.Emit("mad.lo.s64", IrType.Int64, $"{walk.Long(axes[axis])}, {walk.Writer.Emit("ld.param.s64", IrType.Int64, $"[s{argument}_{axis}]")}, {index}");
        }

        return index;
    }

    /// <summary>A number, from the low bytes of its parameter.</summary>
    private string Number(int argument, IrType type)
    {
        if (type != IrType.Bool)
        {
            return walk.Writer.Emit($"ld.param.{(type.IsFloat() ? "f" : "b")}{type.Size() * 8}", type, $"[c{argument}]");
        }

        var isTrue = walk.Writer.New(IrType.Bool);
        walk.Writer.Emit($"setp.ne.s32 {isTrue}, {walk.Writer.Emit("ld.param.u8", IrType.Int32, $"[c{argument}]")}, 0");
        return isTrue;
    }
}
