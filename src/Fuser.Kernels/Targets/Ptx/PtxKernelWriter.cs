using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>Writes a kernel as PTX, by the rules of <see cref="PtxPrinter"/>.</summary>
internal sealed class PtxKernelWriter : KernelWriter
{
    private readonly PtxWriter _writer = new();
    private readonly string[] _bases;
    private readonly string[] _settings;
    private readonly string _scratch = "";
    private readonly string _fault = "";
    private int _arrays;

    private PtxKernelWriter(WrittenKernel kernel)
        : base(kernel)
    {
        _bases = new string[kernel.Operands.Length];
        for (var i = 0; i < _bases.Length; i++)
        {
            var offset = _writer.Emit("ld.param.s64", IrType.Int64, $"[o{i}]");
            _bases[i] = _writer.Emit("mad.lo.s64", IrType.Int64, $"{offset}, {kernel.Operands[i].Storage.ItemSize()}, {Pointer($"a{i}")}");
        }

        _settings = [.. kernel.Parameters.All.Where(parameter => parameter.Kind == ParameterKind.Setting).Select(parameter => _writer.Emit($"ld.param.{Suffix}", PositionType, $"[{parameter.Name}]"))];
        foreach (var parameter in kernel.Parameters.All)
        {
            _scratch = parameter.Kind == ParameterKind.Scratch ? Pointer(parameter.Name) : _scratch;
            _fault = parameter.Kind == ParameterKind.Fault ? Pointer(parameter.Name) : _fault;
        }
    }

    public static WrittenCode Write(WrittenKernel kernel)
    {
        var writer = new PtxKernelWriter(kernel);
        kernel.Body(writer);
        writer._writer.Emit("ret");
        var text = new StringBuilder(".version 6.0\n.target sm_60\n.address_size 64\n\n");
        text.Append($".visible .entry {kernel.Entry}(\n");
        text.AppendJoin(",\n", kernel.Parameters.All.Select(parameter => $"    .param .b{parameter.Bytes * 8} {parameter.Name}"));
        text.Append($")\n.maxntid {kernel.GroupSize}, 1, 1\n{{\n").Append(writer._writer).Append("}\n");
        return new WrittenCode(kernel, text.ToString());
    }

    private string Suffix => PtxPrimitives.Suffix(PositionType);

    private string Unsigned => Kernel.IsWide ? "u64" : "u32";

    public override CodeValue Constant(IrType type, long bits) => new(type switch
    {
        IrType.Int32 => $"{(int)bits}",
        IrType.Int64 => $"{bits}",
        IrType.Float32 => $"0f{(uint)bits:X8}",
        _ => $"0d{bits:X16}",
    }, type);

    public override CodeValue Setting(int number) => new(_settings[number], PositionType);

    public override CodeValue Lane() => Special("%tid.x");

    public override void ForItems(CodeValue count, Action<CodeValue> body)
    {
        var thread = PlusTimes(Special("%tid.x"), Special("%ctaid.x"), Position(Kernel.GroupSize));
        For(thread, count, Times(Special("%nctaid.x"), Position(Kernel.GroupSize)), body);
    }

    public override void ForGroups(CodeValue count, Action<CodeValue> body) => For(Special("%ctaid.x"), count, Special("%nctaid.x"), body);

    public override void For(CodeValue from, CodeValue to, CodeValue step, Action<CodeValue> body)
    {
        var (again, done) = (_writer.Label(), _writer.Label());
        var counter = Variable(from);
        _writer.Place(again);
        _writer.Emit($"@{Holds("ge", counter, to)} bra {done}");
        body(counter);
        _writer.Emit($"add.{Suffix} {counter.Text}, {counter.Text}, {step.Text}");
        _writer.Emit($"bra {again}");
        _writer.Place(done);
    }

    public override void If(CodeValue condition, Action body, Action? otherwise = null)
    {
        var skip = _writer.Label();
        _writer.Emit($"@!{condition.Text} bra {skip}");
        body();
        if (otherwise is null)
        {
            _writer.Place(skip);
            return;
        }

        var end = _writer.Label();
        _writer.Emit($"bra {end}");
        _writer.Place(skip);
        otherwise();
        _writer.Place(end);
    }

    public override CodeValue Variable(CodeValue initial)
    {
        var variable = new CodeValue(_writer.New(initial.Type), initial.Type);
        Set(variable, initial);
        return variable;
    }

    public override void Set(CodeValue variable, CodeValue value) => _writer.Emit($"mov.{Untyped(variable.Type)} {variable.Text}, {value.Text}");

    public override CodeValue Plus(CodeValue a, CodeValue b) => Emit($"add.{PtxPrimitives.Suffix(a.Type)}", a, b);

    public override CodeValue Minus(CodeValue a, CodeValue b) => Emit($"sub.{PtxPrimitives.Suffix(a.Type)}", a, b);

    public override CodeValue Times(CodeValue a, CodeValue b) => Emit($"mul.lo.{PtxPrimitives.Suffix(a.Type)}", a, b);

    public override CodeValue PlusTimes(CodeValue a, CodeValue b, CodeValue c) => Emit($"mad.lo.{PtxPrimitives.Suffix(a.Type)}", Register(b), c, Register(a));

    public override CodeValue Over(CodeValue a, CodeValue b) => Emit($"div.{Unsigned}", a, b);

    public override CodeValue Rest(CodeValue a, CodeValue b) => Emit($"rem.{Unsigned}", a, b);

    public override CodeValue Least(CodeValue a, CodeValue b) => Emit($"min.{Suffix}", a, b);

    public override CodeValue Add(CodeValue a, CodeValue b) => Emit($"add{(a.Type.IsFloat() ? ".rn" : "")}.{PtxPrimitives.Suffix(a.Type)}", a, b);

    public override CodeValue Divide(CodeValue a, CodeValue b) => Emit($"div.rn.{PtxPrimitives.Suffix(a.Type)}", a, b);

    public override CodeValue MultiplyAdd(CodeValue a, CodeValue b, CodeValue c) => Emit($"{(a.Type.IsFloat() ? "fma.rn" : "mad.lo")}.{PtxPrimitives.Suffix(a.Type)}", a, b, c);

    public override CodeValue Convert(CodeValue a, IrType to)
    {
        var opcode = (a.Type, to) switch
        {
            (IrType.Int64, IrType.Int32) => "cvt.u32.u64",
            (IrType.Int32, IrType.Int64) => "cvt.s64.s32",
            (IrType.Float32, IrType.Float64) => "cvt.f64.f32",
            _ => $"cvt.rn.{PtxPrimitives.Suffix(to)}.{PtxPrimitives.Suffix(a.Type)}",
        };
        return a.Type == to ? a : new(_writer.Emit(opcode, to, a.Text), to);
    }

    public override CodeValue IsLess(CodeValue a, CodeValue b) => new(Holds("lt", a, b), IrType.Bool);

    public override CodeValue IsNaN(CodeValue a) => new(Holds("nan", a, a), IrType.Bool);

    public override CodeValue And(CodeValue a, CodeValue b) => Emit("and.pred", a, b);

    public override CodeValue Or(CodeValue a, CodeValue b) => Emit("or.pred", a, b);

    public override CodeValue Select(CodeValue condition, CodeValue whenTrue, CodeValue whenFalse) =>
        new(_writer.Emit($"selp.{Untyped(whenTrue.Type)}", whenTrue.Type, $"{whenTrue.Text}, {whenFalse.Text}, {condition.Text}"), whenTrue.Type);

    public override CodeValue Load(int operand, CodeValue position)
    {
        var storage = Kernel.Operands[operand].Storage;
        var type = PtxMemory.WordType(storage);
        return new(_writer.Emit($"ld.global{(Kernel.Operands[operand].IsOutput ? "" : ".nc")}.{PtxMemory.ElementType(storage)}", type, $"[{Address(_bases[operand], position, storage.ItemSize())}]"), type);
    }

    public override void Store(int operand, CodeValue position, CodeValue value)
    {
        var storage = Kernel.Operands[operand].Storage;
        _writer.Emit($"st.global.{PtxMemory.ElementType(storage)} [{Address(_bases[operand], position, storage.ItemSize())}], {Register(value).Text}");
    }

    public override CodeValue LoadScratch(IrType type, CodeValue word) => new(_writer.Emit($"ld.global.{Untyped(type)}", type, $"[{Address(_scratch, word, sizeof(long))}]"), type);

    public override void StoreScratch(CodeValue word, CodeValue value) => _writer.Emit($"st.global.{Untyped(value.Type)} [{Address(_scratch, word, sizeof(long))}], {Register(value).Text}");

    public override SharedArray Share(IrType type, int count)
    {
        var array = new SharedArray($"shared{_arrays++}", type);
        _writer.Declare("shared", array.Name, (long)count * type.Size(), LaunchForm.AccessBytes);
        return array;
    }

    public override CodeValue LoadShared(SharedArray array, CodeValue position, int further = 0) =>
        new(_writer.Emit($"ld.shared.{Untyped(array.Type)}", array.Type, $"[{Shared(array, position)}+{further * array.Type.Size()}]"), array.Type);

    public override CodeValue[] LoadSharedWide(SharedArray array, CodeValue position, int further)
    {
        var values = new CodeValue[LaunchForm.AccessBytes / array.Type.Size()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = new CodeValue(_writer.New(array.Type), array.Type);
        }

        _writer.Emit($"ld.shared.v{values.Length}.{Untyped(array.Type)} {{{string.Join(", ", values.Select(value => value.Text))}}}, [{Shared(array, position)}+{further * array.Type.Size()}]");
        return values;
    }

    public override void StoreShared(SharedArray array, CodeValue position, int further, CodeValue value) =>
        _writer.Emit($"st.shared.{Untyped(array.Type)} [{Shared(array, position)}+{further * array.Type.Size()}], {Register(value).Text}");

    public override void Barrier() => _writer.Emit("bar.sync 0");

    public override void ReportIndex()
    {
        var hasDivided = _writer.New(IrType.Bool);
        _writer.Emit($"setp.ne.s32 {hasDivided}, {_writer.Emit("ld.global.u32", IrType.Int32, $"[{_fault}]")}, 0");
        _writer.Emit($"st.global.u32 [{_fault}+4], {_writer.Emit("selp.b32", IrType.Int32, $"1, 2, {hasDivided}")}");
    }

    private string Pointer(string parameter) => _writer.Emit("cvta.to.global.u64", IrType.Int64, _writer.Emit("ld.param.u64", IrType.Int64, $"[{parameter}]"));

    private CodeValue Special(string name)
    {
        var value = _writer.Emit("mov.u32", IrType.Int32, name);
        return new(Kernel.IsWide ? _writer.Emit("cvt.u64.u32", IrType.Int64, value) : value, PositionType);
    }

    private string Shared(SharedArray array, CodeValue position) => Address(_writer.Emit("mov.u64", IrType.Int64, array.Name), position, array.Type.Size());

    private string Address(string start, CodeValue position, int item) =>
        _writer.Emit(position.Type == IrType.Int64 ? "mad.lo.s64" : "mad.wide.s32", IrType.Int64, $"{Register(position).Text}, {item}, {start}");

    private string Holds(string comparison, CodeValue a, CodeValue b)
    {
        var result = _writer.New(IrType.Bool);
        _writer.Emit($"setp.{comparison}.{PtxPrimitives.Suffix(a.Type)} {result}, {Register(a).Text}, {b.Text}");
        return result;
    }

    private CodeValue Emit(string opcode, CodeValue a, CodeValue b) => new(_writer.Emit(opcode, a.Type, $"{Register(a).Text}, {b.Text}"), a.Type);

    private CodeValue Emit(string opcode, CodeValue a, CodeValue b, CodeValue c) => new(_writer.Emit(opcode, a.Type, $"{Register(a).Text}, {b.Text}, {c.Text}"), a.Type);

    private CodeValue Register(CodeValue value) => value.Text[0] == '%' ? value : Variable(value);

    private static string Untyped(IrType type) => type switch
    {
        IrType.Bool => "pred",
        IrType.Int32 => "b32",
        IrType.Int64 => "b64",
        IrType.Float32 => "f32",
        _ => "f64",
    };
}
