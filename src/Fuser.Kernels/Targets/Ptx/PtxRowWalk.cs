using System.Numerics;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>Where a thread is among the rows: its lane, the row or chunk it works on, positions in buffers; and the instructions that count and place.</summary>
internal sealed class PtxRowWalk
{
    public PtxRowWalk(RowProgram program)
    {
        (Program, Form) = (program, program.Form);
        Bases = new string[program.Arguments.Length];
        RowPositions = new string[program.Arguments.Length];
        RowValues = [.. program.RowValues.Select(Writer.New)];
        Axes = new string[program.Form.Axes];
    }

    public PtxWriter Writer { get; } = new();

    public RowProgram Program { get; }

    public RowForm Form { get; }

    /// <summary>Where each buffer's first element is.</summary>
    public string[] Bases { get; }

    /// <summary>Where in each buffer the row begins.</summary>
    public string[] RowPositions { get; }

    /// <summary>Registers of the values per row.</summary>
    public string[] RowValues { get; }

    /// <summary>The index along each axis that numbers the rows; room for those within a row.</summary>
    public string[] Axes { get; }

    /// <summary>Register with the address of the fault word; null when no integers are divided.</summary>
    public string? Fault { get; set; }

    /// <summary>The thread's number among those of its row.</summary>
    public string Lane { get; private set; } = "";

    /// <summary>The row's number among those of the group.</summary>
    public string Team { get; private set; } = "";

    /// <summary>Set when the row is this team's to write.</summary>
    public string IsOwn { get; private set; } = "";

    public IrType IndexType => Form.IsWide ? IrType.Int64 : IrType.Int32;

    /// <summary>Suffix of instructions on positions.</summary>
    public string Suffix => Form.IsWide ? "s64" : "s32";

    /// <summary>Suffix of divisions of positions.</summary>
    public string Unsigned => Form.IsWide ? "u64" : "u32";

    public bool IsShared => Form.Lanes > 1;

    public IEnumerable<int> Buffers => Enumerable.Range(0, Program.Arguments.Length).Where(i => KernelParameters.IsBuffer(Program.Arguments[i]));

    public PtxPrimitives Primitives(KernelIr ir) => new(Writer, ir, Fault);

    /// <summary>Goes over the rows, or chunks of them.</summary>
    public void ForUnits(string units, Action<string> print)
    {
        var (thread, group, groups) = (Special("%tid.x"), Special("%ctaid.x"), Special("%nctaid.x"));
        if (IsShared)
        {
            Lane = Writer.Emit("and.b32", IrType.Int32, $"{thread}, {Form.Lanes - 1}");
            Team = Writer.Emit("shr.u32", IrType.Int32, $"{thread}, {BitOperations.Log2((uint)Form.Lanes)}");
            var step = Widened(Writer.Emit("mul.lo.s32", IrType.Int32, $"{groups}, {Form.Teams}"));
            Loop(Widened(Writer.Emit("mul.lo.s32", IrType.Int32, $"{group}, {Form.Teams}")), units, step, first =>
            {
                // All lanes of a group meet at every barrier: those beyond the last row do that one again, and write nothing.
                var unit = Index("add", first, Widened(Team));
                IsOwn = Holds("lt", unit, units);
                print(Index("min", unit, Index("add", units, "-1")));
            });
        }
        else
        {
            var step = Widened(Writer.Emit("mul.lo.s32", IrType.Int32, $"{groups}, {Form.GroupSize}"));
            Loop(Widened(Writer.Emit("mad.lo.s32", IrType.Int32, $"{group}, {Form.GroupSize}, {thread}")), units, step, print);
        }
    }

    /// <summary>What one lane of a row does.</summary>
    public void PrintAlone(Action print)
    {
        if (!IsShared)
        {
            print();
            return;
        }

        var skip = Writer.Label();
        var isFirst = Writer.New(IrType.Bool);
        Writer.Emit($"setp.eq.s32 {isFirst}, {Lane}, 0");
        Writer.Emit($"@!{Writer.Emit("and.pred", IrType.Bool, $"{isFirst}, {IsOwn}")} bra {skip}");
        print();
        Writer.Place(skip);
    }

    /// <summary>Counts from one number to below another.</summary>
    public void Loop(string from, string to, string step, Action<string> print)
    {
        var (again, done) = (Writer.Label(), Writer.Label());
        var counter = Writer.New(IndexType);
        Writer.Emit($"mov.b{IndexType.Size() * 8} {counter}, {from}");
        Writer.Place(again);
        Writer.Emit($"@{Holds("ge", counter, to)} bra {done}");
        print(counter);
        Writer.Emit($"add.{Suffix} {counter}, {counter}, {step}");
        Writer.Emit($"bra {again}");
        Writer.Place(done);
    }

    /// <summary>The index along axes of which the first has no size.</summary>
    public void PrintAxes(string[] axes, string linear, int first, int count)
    {
        for (var axis = first + count - 1; axis > first; axis--)
        {
            var size = Parameter($"size{axis}");
            axes[axis] = Writer.Emit($"rem.{Unsigned}", IndexType, $"{linear}, {size}");
            linear = Writer.Emit($"div.{Unsigned}", IndexType, $"{linear}, {size}");
        }

        axes[first] = linear;
    }

    /// <summary>A position moved along some axes.</summary>
    public string Position(int argument, string start, string[] axes, int first, int count)
    {
        for (var axis = first; axis < first + count; axis++)
        {
            if (axis == Form.Axes - 1 && Form.IsUnit)
            {
                start = Index("add", start, axes[axis]);
                continue;
            }

            var stride = Parameter($"s{argument}_{axis}");
            start = start.Length == 0 ? Index("mul.lo", axes[axis], stride) : Writer.Emit($"mad.lo.{Suffix}", IndexType, $"{axes[axis]}, {stride}, {start}");
        }

        return start;
    }

    public string AddressOf(int argument, string position)
    {
        var item = Program.Arguments[argument].DType.ItemSize();
        return Writer.Emit(Form.IsWide ? "mad.lo.s64" : "mad.wide.s32", IrType.Int64, $"{position}, {item}, {Bases[argument]}");
    }

    public string Long(string index) => Form.IsWide ? index : Writer.Emit("cvt.s64.s32", IrType.Int64, index);

    public string Index(string op, string a, string b) => Writer.Emit($"{op}.{Suffix}", IndexType, $"{a}, {b}");

    public string Holds(string comparison, string a, string b)
    {
        var result = Writer.New(IrType.Bool);
        Writer.Emit($"setp.{comparison}.{Suffix} {result}, {a}, {b}");
        return result;
    }

    public string Parameter(string name) => Writer.Emit($"ld.param.{Suffix}", IndexType, $"[{name}]");

    public string Pointer(string parameter) => Writer.Emit("cvta.to.global.u64", IrType.Int64, Writer.Emit("ld.param.u64", IrType.Int64, $"[{parameter}]"));

    public string Address(string memory) => Writer.Emit("mov.u64", IrType.Int64, memory);

    public string Special(string name) => Writer.Emit("mov.u32", IrType.Int32, name);

    public string Widened(string value) => Form.IsWide ? Writer.Emit("cvt.u64.u32", IrType.Int64, value) : value;
}
