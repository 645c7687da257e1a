using System.Collections.Immutable;
using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>Prints the statements of one stage.</summary>
internal sealed class OpenClRowStage(OpenClRowText text, KernelIr ir)
{
    private readonly bool[] _varies = DeviceCode.Varying(ir);
    private readonly OpenClPrimitives _primitives = new(ir, DeviceCode.Varying(ir));

    private RowProgram Program => text.Program;

    /// <summary>What is the same for all elements, or what differs.</summary>
    public void Print(bool varying, int element = 0, int width = 1)
    {
        for (var id = 0; id < ir.Nodes.Length; id++)
        {
            if (_varies[id] == varying && ir.Nodes[id].Op != IrOp.Store)
            {
                Define(id, element, width);
            }
        }
    }

    /// <summary>What there is once per row goes where the row is; one lane writes results.</summary>
    public void PrintRowStores()
    {
        Print(varying: true); // indices alone, and what is made of them
        foreach (var node in ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate >= Program.FirstRowValue))
        {
            text.Line($"r{node.Immediate - Program.FirstRowValue} = v{node.A};");
        }

        IrNode[] results = [.. ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue)];
        if (results.Length > 0)
        {
            text.PrintAlone(() => Array.ForEach(results, node => text.Line($"{Stored((int)node.Immediate, $"q{node.Immediate}", node.A)};")));
        }
    }

    /// <summary>Element e, or as many from it on as are taken at once: what they are made of, what is written of them, and what is combined, as c0, c1, ..., or c0_0, c0_1, ...</summary>
    public void PrintElements(ImmutableArray<int> sources, bool isRest)
    {
        var width = Program.Width;
        text.PrintAxes("e", text.Form.RowAxes, text.Form.ElementAxes);
        foreach (var i in Swept(IrOp.Load).Union(Swept(IrOp.Store)))
        {
            text.Line($"const {text.IndexType} p{i} = {Position(i)};");
        }

        // Elements are read together before anything is made of the first.
        foreach (var i in Swept(IrOp.Load).Where(_ => width > 1))
        {
            text.Line($"const {Vector(i)} w{i} = *(__global const {Vector(i)}*)(a{i} + p{i});");
        }

        for (var element = 0; element < width; element++)
        {
            Print(varying: true, element, width);
        }

        string[] conditions = [.. new[] { text.IsShared ? "isOwn" : "", isRest ? "isThere" : "" }.Where(condition => condition.Length > 0)];
        foreach (var node in ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue))
        {
            var (argument, place) = ((int)node.Immediate, $"p{node.Immediate}");
            var stored = width == 1 ? Stored(argument, place, node.A)
                : $"*(__global {Vector(argument)}*)(a{argument} + {place}) = ({Vector(argument)})({string.Join(", ", Enumerable.Range(0, width).Select(element => ToStorage(argument, _primitives.Name(node.A, element))))})";
            text.Line($"{(conditions.Length > 0 ? $"if ({string.Join(" && ", conditions)}) " : "")}{stored};");
        }

        for (var i = 0; i < sources.Length; i++)
        {
            var source = ir.Nodes.First(node => node.Op == IrOp.Store && node.Immediate == Program.FirstCombined + sources[i]);
            for (var element = 0; element < width; element++)
            {
                text.Line($"const {OpenClTypes.Value(ir.Nodes[source.A].Type)} c{i}{(width == 1 ? "" : $"_{element}")} = {_primitives.Name(source.A, element)};");
            }
        }
    }

    /// <summary>Arguments with several elements per row that are read, or written.</summary>
    private IEnumerable<int> Swept(IrOp op) => ir.Nodes.Where(node => node.Op == op && IsSwept((int)node.Immediate)).Select(node => (int)node.Immediate).Distinct();

    private string Vector(int argument) => $"{OpenClTypes.Storage(ir.Arguments[argument].DType)}{Program.Width}";

    private bool IsSwept(int argument) => argument < Program.FirstRowValue && !Program.IsPerRow(argument);

    private string Position(int argument)
    {
        var form = text.Form;
        var position = new StringBuilder($"q{argument}");
        for (var axis = form.RowAxes; axis < form.Axes; axis++)
        {
            position.Append(form.IsUnit && axis == form.Axes - 1 ? $" + x{axis}" : $" + x{axis} * s{argument}_{axis}");
        }

        return position.ToString();
    }

    private void Define(int id, int element, int width)
    {
        var node = ir.Nodes[id];
        foreach (var statement in _primitives.Before(id, element))
        {
            text.Line(statement);
        }

        var expression = node.Op switch
        {
            IrOp.Load => Loaded((int)node.Immediate, element, width),
            IrOp.Index => Index((int)node.Immediate, element),
            _ => _primitives.Expression(id, element),
        };
        text.Line($"const {OpenClTypes.Value(node.Type)} {_primitives.Name(id, element)} = {expression};");
    }

    /// <summary>Any byte but 0 is true.</summary>
    private string Loaded(int argument, int element, int width)
    {
        if (argument >= Program.FirstRowValue)
        {
            return $"r{argument - Program.FirstRowValue}";
        }

        var source = width > 1 && !Program.IsPerRow(argument) ? $"w{argument}.s{element}" : $"a{argument}[{(Program.IsPerRow(argument) ? 'q' : 'p')}{argument}]";
        return ir.Arguments[argument].DType switch
        {
            DType.Bool => $"{source} != 0",
            DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => source,
            _ => $"(int){source}",
        };
    }

    private string Stored(int argument, string place, int value) => $"a{argument}[{place}] = {ToStorage(argument, $"v{value}")}";

    private string ToStorage(int argument, string value) => ir.Arguments[argument].DType switch
    {
        DType.Bool => $"{value} ? 1 : 0",
        DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => value,
        var narrow => $"({OpenClTypes.Storage(narrow)}){value}",
    };

    private string Index(int argument, int element)
    {
        var axes = Program.IsPerRow(argument) ? text.Form.RowAxes : text.Form.Axes;
        return $"o{argument}{string.Concat(Enumerable.Range(0, axes).Select(axis => $" + {Along(axis)} * s{argument}_{axis}"))}";

        string Along(int axis) => axis == text.Form.Axes - 1 && element > 0 ? $"((long)x{axis} + {element})" : $"(long)x{axis}";
    }
}
