using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>Prints what moves between memory and values: positions, loads of up to 16 bytes, stores, and the rest at the end of a run.</summary>
internal sealed class OpenClMemory(KernelIr ir, LaunchForm form, int width)
{
    /// <summary>Declares every position, and loads every vector: all loads stand before the first use.</summary>
    public void PrintLoads(StringBuilder text)
    {
        for (var i = 0; i < ir.Arguments.Length; i++)
        {
            if (KernelParameters.IsBuffer(ir.Arguments[i]))
            {
                text.Append($"    const {(form.IsWide ? "long" : "int")} p{i} = {Position(i)};\n");
            }
        }

        if (width == 1)
        {
            return;
        }

        text.Append($"    const int last = (int)min(n - i, ({(form.IsWide ? "long" : "int")}){width}) - 1;\n");
        foreach (var i in Vectors(ArgumentKind.Input))
        {
            text.Append($"    {Vector(i)} r{i};\n");
        }

        foreach (var i in Vectors(ArgumentKind.Output))
        {
            text.Append($"    {Vector(i)} w{i};\n");
        }

        text.Append($"    if (last == {width - 1}) {{\n");
        foreach (var i in Vectors(ArgumentKind.Input))
        {
            text.Append($"      r{i} = *(__global const {Vector(i)}*)(a{i} + p{i});\n");
        }

        // A rest reads its last element again and again, which is there and harms nobody.
        text.Append("    } else {\n");
        foreach (var i in Vectors(ArgumentKind.Input))
        {
            for (var element = 0; element < width; element++)
            {
                text.Append($"      r{i}.{Component(element)} = a{i}[p{i} + min({element}, last)];\n");
            }
        }

        text.Append("    }\n");
    }

    /// <summary>Writes the vectors, or as much of them as there are elements.</summary>
    public void PrintStores(StringBuilder text)
    {
        if (width == 1)
        {
            return;
        }

        text.Append($"    if (last == {width - 1}) {{\n");
        foreach (var i in Vectors(ArgumentKind.Output))
        {
            text.Append($"      *(__global {Vector(i)}*)(a{i} + p{i}) = w{i};\n");
        }

        text.Append("    } else {\n");
        foreach (var i in Vectors(ArgumentKind.Output))
        {
            for (var element = 0; element < width - 1; element++)
            {
                text.Append($"      if ({element} <= last) a{i}[p{i} + {element}] = w{i}.{Component(element)};\n");
            }
        }

        text.Append("    }\n");
    }

    /// <summary>The value of an input's element. Any byte but 0 is true.</summary>
    public string Load(int argument, int element)
    {
        var source = width > 1 && ir.Arguments[argument].Access == InnerAccess.Varying ? $"r{argument}.{Component(element)}" : $"a{argument}[p{argument}]";
        return ir.Arguments[argument].DType switch
        {
            DType.Bool => $"{source} != 0",
            DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => source,
            _ => $"(int){source}",
        };
    }

    public string Store(int argument, int element, string value)
    {
        var destination = width > 1 ? $"w{argument}.{Component(element)}" : $"a{argument}[p{argument}]";
        return ir.Arguments[argument].DType switch
        {
            DType.Bool => $"{destination} = {value} ? 1 : 0",
            DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => $"{destination} = {value}",
            var narrow => $"{destination} = ({OpenClTypes.Storage(narrow)}){value}",
        };
    }

    /// <summary>The logical index of an element.</summary>
    public string Index(int argument, int element)
    {
        var text = new StringBuilder($"o{argument}");
        for (var axis = 0; axis < form.Axes; axis++)
        {
            var along = axis == form.Axes - 1 && element > 0 ? $"((long)x{axis} + {element})" : $"(long)x{axis}";
            text.Append($" + {along} * s{argument}_{axis}");
        }

        return text.ToString();
    }

    private string Position(int argument)
    {
        var terms = new List<string>();
        var inner = form.Axes - 1;
        for (var axis = 0; axis < form.Axes; axis++)
        {
            if (axis < inner || !form.IsUnit)
            {
                terms.Add($"x{axis} * s{argument}_{axis}");
            }
            else if (ir.Arguments[argument].Access == InnerAccess.Varying)
            {
                terms.Add($"x{axis}");
            }
        }

        return terms.Count == 0 ? "0" : string.Join(" + ", terms);
    }

    private IEnumerable<int> Vectors(ArgumentKind kind) =>
        Enumerable.Range(0, ir.Arguments.Length).Where(i => ir.Arguments[i].Kind == kind && ir.Arguments[i].Access == InnerAccess.Varying);

    private string Vector(int argument) => $"{OpenClTypes.Storage(ir.Arguments[argument].DType)}{width}";

    private static string Component(int element) => $"s{element:x}";
}
