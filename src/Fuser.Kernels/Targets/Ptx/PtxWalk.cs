using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>The loop over a thread's elements, a grid apart, and the index along every axis.</summary>
internal sealed class PtxWalk(PtxWriter writer, LaunchForm form, int width)
{
    private readonly string _again = writer.Label();
    private readonly string _done = writer.Label();
    private string _step = "";
    private string _position = "";
    private string _count = "";

    public LaunchForm Form => form;

    public int Width => width;

    /// <summary>Type of positions.</summary>
    public IrType Type => form.IsWide ? IrType.Int64 : IrType.Int32;

    /// <summary>Suffix of instructions on positions.</summary>
    public string Suffix => form.IsWide ? "s64" : "s32";

    /// <summary>The index along each axis.</summary>
    public string[] Axes { get; } = new string[form.Axes];

    /// <summary>How many elements of a wide access there are, less one; only when accesses are wide.</summary>
    public string Last { get; private set; } = "";

    /// <summary>Set when all elements of a wide access are there.</summary>
    public string IsFull { get; private set; } = "";

    public void Begin()
    {
        _count = Parameter("n");
        var thread = Widened(writer.Emit("mad.lo.s32", IrType.Int32, $"{Special("%ctaid.x")}, {Special("%ntid.x")}, {Special("%tid.x")}"));
        var threads = Widened(writer.Emit("mul.lo.s32", IrType.Int32, $"{Special("%nctaid.x")}, {Special("%ntid.x")}"));
        _position = writer.Emit($"mul.lo.{Suffix}", Type, $"{thread}, {width}");
        _step = writer.Emit($"mul.lo.{Suffix}", Type, $"{threads}, {width}");
        writer.Place(_again);
        var over = writer.New(IrType.Bool);
        writer.Emit($"setp.ge.{Suffix} {over}, {_position}, {_count}");
        writer.Emit($"@{over} bra {_done}");
        PrintAxes();
        if (width > 1)
        {
            var rest = writer.Emit($"sub.{Suffix}", Type, $"{_count}, {_position}");
            rest = writer.Emit($"min.{Suffix}", Type, $"{rest}, {width}");
            rest = form.IsWide ? writer.Emit("cvt.u32.u64", IrType.Int32, rest) : rest;
            Last = writer.Emit("add.s32", IrType.Int32, $"{rest}, -1");
            IsFull = writer.New(IrType.Bool);
            writer.Emit($"setp.eq.s32 {IsFull}, {Last}, {width - 1}");
        }
    }

    public void End()
    {
        writer.Emit($"add.{Suffix} {_position}, {_position}, {_step}");
        writer.Emit($"bra {_again}");
        writer.Place(_done);
        writer.Emit("ret");
    }

    /// <summary>A parameter that has the type of positions.</summary>
    public string Parameter(string name) => writer.Emit($"ld.param.{Suffix}", Type, $"[{name}]");

    private void PrintAxes()
    {
        var rest = _position;
        for (var axis = form.Axes - 1; axis > 0; axis--)
        {
            var size = Parameter($"size{axis}");
            var unsigned = form.IsWide ? "u64" : "u32";
            Axes[axis] = writer.Emit($"rem.{unsigned}", Type, $"{rest}, {size}");
            rest = writer.Emit($"div.{unsigned}", Type, $"{rest}, {size}");
        }

        Axes[0] = rest;
    }

    private string Special(string name) => writer.Emit("mov.u32", IrType.Int32, name);

    private string Widened(string value) => form.IsWide ? writer.Emit("cvt.u64.u32", IrType.Int64, value) : value;
}
