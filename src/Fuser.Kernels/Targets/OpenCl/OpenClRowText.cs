using System.Text;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>The text of a kernel with reductions, line by line, and what all parts of it say in the same way.</summary>
internal sealed class OpenClRowText(RowProgram program)
{
    private readonly StringBuilder _text = new();
    private string _indent = "  ";

    public RowProgram Program => program;

    public RowForm Form => program.Form;

    public string IndexType => Form.IsWide ? "long" : "int";

    public bool IsShared => Form.Lanes > 1;

    /// <summary>Text that is not indented.</summary>
    public void Raw(string text) => _text.Append(text);

    public void Line(string line) => _text.Append(_indent).Append(line).Append('\n');

    public void Open(string line)
    {
        Line(line);
        _indent += "  ";
    }

    public void Close()
    {
        _indent = _indent[2..];
        Line("}");
    }

    /// <summary>What one lane of a row does.</summary>
    public void PrintAlone(Action print)
    {
        if (!IsShared)
        {
            print();
            return;
        }

        Open("if (isOwn && lane == 0) {");
        print();
        Close();
    }

    /// <summary>The index along axes of which the first has no size.</summary>
    public void PrintAxes(string linear, int first, int count)
    {
        if (count == 1)
        {
            Line($"const {IndexType} x{first} = {linear};");
            return;
        }

        Line($"{IndexType} rest{first} = {linear};");
        for (var axis = first + count - 1; axis > first; axis--)
        {
            Line($"const {IndexType} x{axis} = rest{first} % size{axis}; rest{first} /= size{axis};");
        }

        Line($"const {IndexType} x{first} = rest{first};");
    }

    public override string ToString() => _text.ToString();
}
