using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>Writes a kernel as OpenCL C 1.2, by the rules of <see cref="OpenClPrinter"/>.</summary>
internal sealed class OpenClKernelWriter : KernelWriter
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _shared = new();
    private readonly OpenClForm _walk;
    private string _indent = "  ";
    private int _names;

    private OpenClKernelWriter(WrittenKernel kernel, OpenClForm walk)
        : base(kernel) => _walk = walk;

    public static WrittenCode Write(WrittenKernel kernel, OpenClForm walk)
    {
        var writer = new OpenClKernelWriter(kernel, walk);
        kernel.Body(writer);
        var text = new StringBuilder("#pragma OPENCL FP_CONTRACT OFF\n");
        if (kernel.UsesDoubles)
        {
            text.Append("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
        }

        text.Append($"__kernel __attribute__((reqd_work_group_size({kernel.GroupSize}, 1, 1)))\nvoid {kernel.Entry}({string.Join(", ", kernel.Parameters.All.Select(writer.Declaration))})\n{{\n");
        for (var i = 0; i < kernel.Operands.Length; i++)
        {
            text.Append($"  a{i} += o{i};\n");
        }

        return new WrittenCode(kernel, text.Append(writer._shared).Append(writer._text).Append("}\n").ToString());
    }

    private string PositionName => OpenClTypes.Value(PositionType);

    public override CodeValue Constant(IrType type, long bits) =>
        new(type == PositionType && bits is >= 0 and <= int.MaxValue ? $"{bits}" : OpenClTypes.Constant(type, bits), type);

    public override CodeValue Setting(int number) => new($"k{number}", PositionType);

    public override CodeValue Lane() => Define(PositionType, $"({PositionName})get_local_id(0)");

    public override void ForItems(CodeValue count, Action<CodeValue> body)
    {
        var item = Name(PositionType);
        if (_walk == OpenClForm.OneElement)
        {
            Line($"const {PositionName} {item.Text} = ({PositionName})get_global_id(0);");
            Block($"if ({item.Text} < {count.Text})", () => body(item));
        }
        else
        {
            Block($"for ({PositionName} {item.Text} = ({PositionName})get_global_id(0); {item.Text} < {count.Text}; {item.Text} += ({PositionName})get_global_size(0))", () => body(item));
        }
    }

    public override void ForGroups(CodeValue count, Action<CodeValue> body)
    {
        var item = Name(PositionType);
        Block($"for ({PositionName} {item.Text} = ({PositionName})get_group_id(0); {item.Text} < {count.Text}; {item.Text} += ({PositionName})get_num_groups(0))", () => body(item));
    }

    public override void For(CodeValue from, CodeValue to, CodeValue step, Action<CodeValue> body)
    {
        var counter = Name(PositionType);
        Block($"for ({PositionName} {counter.Text} = {from.Text}; {counter.Text} < {to.Text}; {counter.Text} += {step.Text})", () => body(counter));
    }

    public override void If(CodeValue condition, Action body, Action? otherwise = null)
    {
        Block($"if ({condition.Text})", body);
        if (otherwise is not null)
        {
            Block("else", otherwise);
        }
    }

    public override CodeValue Variable(CodeValue initial)
    {
        var variable = Name(initial.Type);
        Line($"{OpenClTypes.Value(initial.Type)} {variable.Text} = {initial.Text};");
        return variable;
    }

    public override void Set(CodeValue variable, CodeValue value) => Line($"{variable.Text} = {value.Text};");

    public override CodeValue Plus(CodeValue a, CodeValue b) => Define(a.Type, $"{a.Text} + {b.Text}");

    public override CodeValue Minus(CodeValue a, CodeValue b) => Define(a.Type, $"{a.Text} - {b.Text}");

    public override CodeValue Times(CodeValue a, CodeValue b) => Define(a.Type, $"{a.Text} * {b.Text}");

    public override CodeValue PlusTimes(CodeValue a, CodeValue b, CodeValue c) => Define(a.Type, $"{a.Text} + {b.Text} * {c.Text}");

    public override CodeValue Over(CodeValue a, CodeValue b) => Define(a.Type, $"{a.Text} / {b.Text}");

    public override CodeValue Rest(CodeValue a, CodeValue b) => Define(a.Type, $"{a.Text} % {b.Text}");

    public override CodeValue Least(CodeValue a, CodeValue b) => Define(a.Type, $"min({a.Text}, ({PositionName}){b.Text})");

    public override CodeValue Add(CodeValue a, CodeValue b) => Define(a.Type, a.Type.IsFloat() ? $"{a.Text} + {b.Text}" : Wrapped(a.Type, $"{Unsigned(a)} + {Unsigned(b)}"));

    public override CodeValue Divide(CodeValue a, CodeValue b) => Define(a.Type, $"{a.Text} / {b.Text}");

    public override CodeValue MultiplyAdd(CodeValue a, CodeValue b, CodeValue c) =>
        Define(a.Type, a.Type.IsFloat() ? $"fma({a.Text}, {b.Text}, {c.Text})" : Wrapped(a.Type, $"{Unsigned(a)} * {Unsigned(b)} + {Unsigned(c)}"));

    public override CodeValue Convert(CodeValue a, IrType to) => a.Type == to ? a : Define(to, to.IsFloat() ? $"convert_{OpenClTypes.Value(to)}_rte({a.Text})" : $"({OpenClTypes.Value(to)}){a.Text}");

    public override CodeValue IsLess(CodeValue a, CodeValue b) => Define(IrType.Bool, $"{a.Text} < {b.Text}");

    public override CodeValue IsNaN(CodeValue a) => Define(IrType.Bool, $"{a.Text} != {a.Text}");

    public override CodeValue And(CodeValue a, CodeValue b) => Define(IrType.Bool, $"{a.Text} && {b.Text}");

    public override CodeValue Or(CodeValue a, CodeValue b) => Define(IrType.Bool, $"{a.Text} || {b.Text}");

    public override CodeValue Select(CodeValue condition, CodeValue whenTrue, CodeValue whenFalse) => Define(whenTrue.Type, $"{condition.Text} ? {whenTrue.Text} : {whenFalse.Text}");

    public override CodeValue Load(int operand, CodeValue position) => Define(ValueOf(operand), $"a{operand}[{position.Text}]");

    public override void Store(int operand, CodeValue position, CodeValue value) => Line($"a{operand}[{position.Text}] = ({OpenClTypes.Storage(Kernel.Operands[operand].Storage)}){value.Text};");

    public override CodeValue LoadScratch(IrType type, CodeValue word) => Define(type, type == IrType.Float64 ? $"as_double(scratch[{word.Text}])" : $"scratch[{word.Text}]");

    public override void StoreScratch(CodeValue word, CodeValue value) => Line($"scratch[{word.Text}] = {(value.Type == IrType.Float64 ? $"as_long({value.Text})" : value.Text)};");

    public override SharedArray Share(IrType type, int count)
    {
        var array = new SharedArray($"shared{_names++}", type);
        _shared.Append($"  __local {OpenClTypes.Value(type)} {array.Name}[{count}] __attribute__((aligned(16)));\n");
        return array;
    }

    public override CodeValue LoadShared(SharedArray array, CodeValue position, int further = 0) => Define(array.Type, $"{array.Name}[{position.Text} + {further}]");

    public override CodeValue[] LoadSharedWide(SharedArray array, CodeValue position, int further)
    {
        var (count, wide) = (LaunchForm.AccessBytes / array.Type.Size(), $"w{_names++}");
        var type = $"{OpenClTypes.Value(array.Type)}{count}";
        Line($"const {type} {wide} = *(const __local {type}*)({array.Name} + {position.Text} + {further});");
        return [.. Enumerable.Range(0, count).Select(i => new CodeValue($"{wide}.s{i}", array.Type))];
    }

    public override void StoreShared(SharedArray array, CodeValue position, int further, CodeValue value) => Line($"{array.Name}[{position.Text} + {further}] = {value.Text};");

    public override void Barrier() => Line("barrier(CLK_LOCAL_MEM_FENCE);");

    public override void ReportIndex() => Line("fault[1] = fault[0] != 0 ? 1 : 2;");

    private IrType ValueOf(int operand) => Kernel.Operands[operand].Storage is DType.Bool ? IrType.Int32 : IrTypes.OfStorage(Kernel.Operands[operand].Storage);

    private string Declaration(KernelParameter parameter) => parameter.Kind switch
    {
        ParameterKind.Buffer => $"__global {(Kernel.Operands[parameter.Argument].IsOutput ? "" : "const ")}{OpenClTypes.Storage(Kernel.Operands[parameter.Argument].Storage)}* restrict {parameter.Name}",
        ParameterKind.Fault => "__global int* fault",
        ParameterKind.Scratch => "__global long* restrict scratch",
        _ => $"const {(parameter.Bytes == 8 ? "long" : "int")} {parameter.Name}",
    };

    private static string Unsigned(CodeValue value) => $"(u{OpenClTypes.Value(value.Type)}){value.Text}";

    private static string Wrapped(IrType type, string expression) => $"({OpenClTypes.Value(type)})({expression})";

    private CodeValue Name(IrType type) => new($"v{_names++}", type);

    private CodeValue Define(IrType type, string expression)
    {
        var value = Name(type);
        Line($"const {OpenClTypes.Value(type)} {value.Text} = {expression};");
        return value;
    }

    private void Line(string line) => _text.Append(_indent).Append(line).Append('\n');

    private void Block(string head, Action body)
    {
        Line($"{head} {{");
        _indent += "  ";
        body();
        _indent = _indent[2..];
        Line("}");
    }
}
