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
    public void Print(bool varying)
    {
        for (var id = 0; id < ir.Nodes.Length; id++)
        {
            if (_varies[id] == varying && ir.Nodes[id].Op != IrOp.Store)
            {
                Define(id);
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

    /// <summary>Element e: what it is made of, what is written of it, and what is combined, as c0, c1, ...</summary>
    public void PrintElement(ImmutableArray<int> sources, bool isRest)
    {
        text.PrintAxes("e", text.Form.RowAxes, text.Form.ElementAxes);
        foreach (var i in ir.Nodes.Where(node => node.Op is IrOp.Load or IrOp.Store && IsSwept((int)node.Immediate)).Select(node => (int)node.Immediate).Distinct())
        {
            text.Line($"const {text.IndexType} p{i} = {Position(i)};");
        }

        Print(varying: true);
        string[] conditions = [.. new[] { text.HasBarriers ? "isOwn" : "", isRest ? "isThere" : "" }.Where(condition => condition.Length > 0)];
        foreach (var node in ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue))
        {
            text.Line($"{(conditions.Length > 0 ? $"if ({string.Join(" && ", conditions)}) " : "")}{Stored((int)node.Immediate, $"p{node.Immediate}", node.A)};");
        }

        for (var i = 0; i < sources.Length; i++)
        {
            var source = ir.Nodes.First(node => node.Op == IrOp.Store && node.Immediate == Program.FirstCombined + sources[i]);
            text.Line($"const {OpenClTypes.Value(ir.Nodes[source.A].Type)} c{i} = v{source.A};");
        }
    }

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

    private void Define(int id)
    {
        var node = ir.Nodes[id];
        foreach (var statement in _primitives.Before(id, 0))
        {
            text.Line(statement);
        }

        var expression = node.Op switch
        {
            IrOp.Load => Loaded((int)node.Immediate),
            IrOp.Index => Index((int)node.Immediate),
            _ => _primitives.Expression(id, 0),
        };
        text.Line($"const {OpenClTypes.Value(node.Type)} v{id} = {expression};");
    }

    /// <summary>Any byte but 0 is true.</summary>
    private string Loaded(int argument)
    {
        if (argument >= Program.FirstRowValue)
        {
            return $"r{argument - Program.FirstRowValue}";
        }

        var source = $"a{argument}[{(Program.IsPerRow(argument) ? 'q' : 'p')}{argument}]";
        return ir.Arguments[argument].DType switch
        {
            DType.Bool => $"{source} != 0",
            DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => source,
            _ => $"(int){source}",
        };
    }

    private string Stored(int argument, string place, int value) => $"a{argument}[{place}] = {ir.Arguments[argument].DType switch
    {
        DType.Bool => $"v{value} ? 1 : 0",
        DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => $"v{value}",
        var narrow => $"({OpenClTypes.Storage(narrow)})v{value}",
    }}";

    private string Index(int argument)
    {
        var axes = Program.IsPerRow(argument) ? text.Form.RowAxes : text.Form.Axes;
        return $"o{argument}{string.Concat(Enumerable.Range(0, axes).Select(axis => $" + (long)x{axis} * s{argument}_{axis}"))}";
    }
}
