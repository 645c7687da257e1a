using System.Globalization;
using System.Text;
using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>Collects instructions, and hands out registers: as many as wanted, for the assembler puts them on the real ones.</summary>
internal sealed class PtxWriter
{
    private static readonly (string Prefix, string Type)[] Files = [("%p", "pred"), ("%r", "b32"), ("%rd", "b64"), ("%f", "f32"), ("%fd", "f64")];

    private readonly StringBuilder _text = new();
    private readonly int[] _counts = new int[Files.Length];
    private readonly StringBuilder _memory = new();
    private int _labels;

    /// <summary>A fresh register for values of the type.</summary>
    public string New(IrType type) => Files[(int)type].Prefix + _counts[(int)type]++.ToString(CultureInfo.InvariantCulture);

    /// <summary>A fresh label.</summary>
    public string Label() => $"L{_labels++}";

    public void Emit(string instruction) => _text.Append("    ").Append(instruction).Append(";\n");

    /// <summary>An instruction with a fresh register as its result.</summary>
    public string Emit(string opcode, IrType type, string operands)
    {
        var result = New(type);
        _text.Append("    ").Append(opcode).Append(' ').Append(result).Append(", ").Append(operands).Append(";\n");
        return result;
    }

    /// <summary>Memory of the group or of the thread.</summary>
    /// <param name="space"><c>shared</c> or <c>local</c>.</param>
    public void Declare(string space, string name, long bytes, int alignment = 8) => _memory.Append($"    .{space} .align {alignment} .b8 {name}[{bytes}];\n");

    public void Place(string label) => _text.Append(label).Append(":\n");

    /// <summary>The declarations of all registers and memory, then the instructions.</summary>
    public override string ToString()
    {
        var declarations = new StringBuilder();
        for (var i = 0; i < Files.Length; i++)
        {
            if (_counts[i] > 0)
            {
                declarations.Append($"    .reg .{Files[i].Type} {Files[i].Prefix}<{_counts[i]}>;\n");
            }
        }

        return declarations.Append(_memory).Append(_text).ToString();
    }
}
