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
            walk.PrintAlone(() => Array.ForEach(results, node => Store((int)node.Immediate, walk.RowPositions[node.Immediate], [values[node.A]], "")));
        }
    }

    /// <summary>The elements from some places on, as many as are taken at once: all their loads first, then of each what it is made of, then what is written of them.</summary>
    /// <returns>Per element, what is combined of it.</returns>
    public string[][] PrintElements(string[] places, string[] isThere, ImmutableArray<int> sources)
    {
        var (form, width) = (walk.Form, Program.Width);
        var (values, axes) = (new string[places.Length * width][], new string[places.Length][]);
        var positions = new Dictionary<int, string>[places.Length];
        for (var k = 0; k < places.Length; k++)
        {
            (axes[k], positions[k]) = ([.. walk.Axes], []);
            walk.PrintAxes(axes[k], places[k], form.RowAxes, form.ElementAxes);
            for (var element = 0; element < width; element++)
            {
                values[(k * width) + element] = [.. _uniform];
            }

            for (var id = 0; id < ir.Nodes.Length; id++)
            {
                if (_varies[id] && ir.Nodes[id].Op == IrOp.Load)
                {
                    var loaded = LoadElements((int)ir.Nodes[id].Immediate, PositionOf(k, (int)ir.Nodes[id].Immediate), width);
                    for (var element = 0; element < width; element++)
                    {
                        values[(k * width) + element][id] = loaded[element];
                    }
                }
            }
        }

        var combined = new string[values.Length][];
        for (var k = 0; k < places.Length; k++)
        {
            for (var element = 0; element < width; element++)
            {
                var own = values[(k * width) + element];
                for (var id = 0; id < ir.Nodes.Length; id++)
                {
                    if (_varies[id] && ir.Nodes[id].Op is not (IrOp.Store or IrOp.Load))
                    {
                        own[id] = ir.Nodes[id].Op == IrOp.Index ? IndexOf((int)ir.Nodes[id].Immediate, axes[k], element) : Emit(id, own, axes[k], _ => "");
                    }
                }

                combined[(k * width) + element] = [.. sources.Select(source => own[ir.Nodes.First(node => node.Op == IrOp.Store && node.Immediate == Program.FirstCombined + source).A])];
            }

            var writes = ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue).ToArray();
            var condition = writes.Length == 0 || !walk.IsShared ? isThere[k] : walk.Writer.Emit("and.pred", IrType.Bool, $"{isThere[k]}, {walk.IsOwn}");
            foreach (var node in writes)
            {
                Store((int)node.Immediate, PositionOf(k, (int)node.Immediate), [.. Enumerable.Range(k * width, width).Select(element => values[element][node.A])], $"@{condition} ");
            }
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
            IrOp.Index => IndexOf((int)node.Immediate, axes, element: 0),
            IrOp.Scalar => Number((int)node.Immediate, node.Type),
            _ => _primitives.Emit(node, Value(node.A), Value(node.B), Value(node.C)),
        };

        string Value(int operand) => operand < 0 ? "" : values[operand];
    }

    private string LoadOne(int id, string position) => LoadElements((int)ir.Nodes[id].Immediate, position, width: 1)[0];

    /// <summary>Elements behind each other. Any byte but 0 is true.</summary>
    private string[] LoadElements(int argument, string position, int width)
    {
        var dtype = Program.Arguments[argument].DType;
        string[] values = [.. Enumerable.Range(0, width).Select(_ => walk.Writer.New(PtxMemory.WordType(dtype)))];
        walk.Writer.Emit($"ld.global.nc.{Vector(values)}{PtxMemory.ElementType(dtype)} {List(values)}, [{walk.AddressOf(argument, position)}]");
        return dtype != DType.Bool ? values : Array.ConvertAll(values, value =>
        {
            var isTrue = walk.Writer.New(IrType.Bool);
            walk.Writer.Emit($"setp.ne.s32 {isTrue}, {value}, 0");
            return isTrue;
        });
    }

    private void Store(int argument, string position, string[] values, string guard)
    {
        var dtype = Program.Arguments[argument].DType;
        var address = walk.AddressOf(argument, position);
        var stored = Array.ConvertAll(values, value => dtype == DType.Bool ? walk.Writer.Emit("selp.u32", IrType.Int32, $"1, 0, {value}")
            : value[0] == '%' ? value
            : walk.Writer.Emit(PtxMemory.WordType(dtype) switch { IrType.Int32 => "mov.b32", IrType.Int64 => "mov.b64", IrType.Float32 => "mov.f32", _ => "mov.f64" }, PtxMemory.WordType(dtype), value));
        walk.Writer.Emit($"{guard}st.global.{Vector(stored)}{PtxMemory.ElementType(dtype)} [{address}], {List(stored)}");
    }

    private static string Vector(string[] registers) => registers.Length == 1 ? "" : $"v{registers.Length}.";

    private static string List(string[] registers) => registers.Length == 1 ? registers[0] : $"{{{string.Join(", ", registers)}}}";

    private string IndexOf(int argument, string[] axes, int element)
    {
        var index = walk.Writer.Emit("ld.param.s64", IrType.Int64, $"[o{argument}]");
        for (var axis = 0; axis < (Program.IsPerRow(argument) ? walk.Form.RowAxes : walk.Form.Axes); axis++)
        {
            var along = axis == walk.Form.Axes - 1 && element > 0 ? walk.Writer.Emit("add.s64", IrType.Int64, $"{walk.Long(axes[axis])}, {element}") : walk.Long(axes[axis]);
            index = walk.Writer.Emit("mad.lo.s64", IrType.Int64, $"{along}, {walk.Writer.Emit("ld.param.s64", IrType.Int64, $"[s{argument}_{axis}]")}, {index}");
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
