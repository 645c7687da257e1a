using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>
/// Prints what moves between memory and registers. All loads stand before the first use, with 16 bytes each where elements lie behind each other; narrow elements stay
/// packed in 32-bit registers until they are needed.
/// </summary>
internal sealed class PtxMemory
{
    private readonly PtxWriter _writer;
    private readonly KernelIr _ir;
    private readonly PtxWalk _walk;
    private readonly string[] _bases;
    private readonly string[] _addresses;
    private readonly string[][] _words;

    public PtxMemory(PtxWriter writer, KernelIr ir, PtxWalk walk)
    {
        _writer = writer;
        _ir = ir;
        _walk = walk;
        _bases = new string[ir.Arguments.Length];
        _addresses = new string[ir.Arguments.Length];
        _words = new string[ir.Arguments.Length][];
    }

    /// <summary>Where each buffer's first element is.</summary>
    public void LoadBases()
    {
        for (var i = 0; i < _bases.Length; i++)
        {
            if (KernelParameters.IsBuffer(_ir.Arguments[i]))
            {
                var offset = _writer.Emit("ld.param.s64", IrType.Int64, $"[o{i}]");
                _bases[i] = _writer.Emit("mad.lo.s64", IrType.Int64, $"{offset}, {_ir.Arguments[i].DType.ItemSize()}, {Pointer($"a{i}")}");
            }
        }
    }

    /// <summary>A pointer parameter as an address of global memory.</summary>
    public string Pointer(string parameter) => _writer.Emit("cvta.to.global.u64", IrType.Int64, _writer.Emit("ld.param.u64", IrType.Int64, $"[{parameter}]"));

    public void LoadAll()
    {
        for (var i = 0; i < _bases.Length; i++)
        {
            if (KernelParameters.IsBuffer(_ir.Arguments[i]))
            {
                _addresses[i] = Address(i);
                _words[i] = new string[_ir.Arguments[i].Access == InnerAccess.Varying ? Words(i) : 1];
            }
        }

        int[] inputs = [.. Enumerable.Range(0, _bases.Length).Where(i => _ir.Arguments[i].Kind == ArgumentKind.Input)];
        foreach (var i in inputs.Where(i => !IsWide(i)))
        {
            _words[i][0] = LoadOne(i, _addresses[i]);
        }

        int[] wide = [.. inputs.Where(IsWide)];
        if (wide.Length == 0)
        {
            return;
        }

        foreach (var i in wide)
        {
            for (var word = 0; word < _words[i].Length; word++)
            {
                _words[i][word] = _writer.New(WordType(i));
            }
        }

        var (rest, done) = (_writer.Label(), _writer.Label());
        _writer.Emit($"@!{_walk.IsFull} bra {rest}");
        foreach (var i in wide)
        {
            _writer.Emit($"ld.global.nc.{Vector(i)} {List(_words[i])}, [{_addresses[i]}]");
        }

        _writer.Emit($"bra {done}");
        _writer.Place(rest);
        foreach (var i in wide)
        {
            LoadRest(i);
        }

        _writer.Place(done);
    }

    /// <summary>The value of an input's element. Any byte but 0 is true.</summary>
    public string Load(int argument, int element)
    {
        var dtype = _ir.Arguments[argument].DType;
        var value = IsWide(argument) ? Unpacked(argument, element) : _words[argument][0];
        if (dtype != DType.Bool)
        {
            return value;
        }

        var isTrue = _writer.New(IrType.Bool);
        _writer.Emit($"setp.ne.s32 {isTrue}, {value}, 0");
        return isTrue;
    }

    /// <summary>Writes an element, or puts it among those that are written at once.</summary>
    public void Store(int argument, int element, string value)
    {
        var dtype = _ir.Arguments[argument].DType;
        value = dtype == DType.Bool ? _writer.Emit("selp.u32", IrType.Int32, $"1, 0, {value}") : value;
        if (_walk.Width == 1)
        {
            _writer.Emit($"st.global.{ElementType(dtype)} [{_addresses[argument]}], {Registered(value, WordType(argument))}");
            return;
        }

        var item = dtype.ItemSize();
        if (item >= sizeof(int))
        {
            _words[argument][element] = Registered(value, WordType(argument));
            return;
        }

        var (word, bit) = System.Math.DivRem(element * item * 8, 32);
        _words[argument][word] = bit == 0
            ? _writer.Emit("and.b32", IrType.Int32, $"{value}, {(item == 1 ? 0xff : 0xffff)}")
            : _writer.Emit("bfi.b32", IrType.Int32, $"{value}, {_words[argument][word]}, {bit}, {item * 8}");
    }

    public void StoreAll()
    {
        if (_walk.Width == 1)
        {
            return;
        }

        int[] outputs = [.. Enumerable.Range(0, _bases.Length).Where(i => _ir.Arguments[i].Kind == ArgumentKind.Output)];
        var (rest, done) = (_writer.Label(), _writer.Label());
        _writer.Emit($"@!{_walk.IsFull} bra {rest}");
        foreach (var i in outputs)
        {
            _writer.Emit($"st.global.{Vector(i)} [{_addresses[i]}], {List(_words[i])}");
        }

        _writer.Emit($"bra {done}");
        _writer.Place(rest);
        for (var element = 0; element < _walk.Width - 1; element++)
        {
            var isThere = _writer.New(IrType.Bool);
            _writer.Emit($"setp.ge.s32 {isThere}, {_walk.Last}, {element}");
            foreach (var i in outputs)
            {
                var dtype = _ir.Arguments[i].DType;
                _writer.Emit($"@{isThere} st.global.{ElementType(dtype)} [{_addresses[i]}+{element * dtype.ItemSize()}], {Unpacked(i, element)}");
            }
        }

        _writer.Place(done);
    }

    /// <summary>The logical index of an element.</summary>
    public string Index(int argument, int element)
    {
        var index = _writer.Emit("ld.param.s64", IrType.Int64, $"[o{argument}]");
        for (var axis = 0; axis < _walk.Form.Axes; axis++)
        {
            var along = _walk.Form.IsWide ? _walk.Axes[axis] : _writer.Emit("cvt.s64.s32", IrType.Int64, _walk.Axes[axis]);
            along = axis == _walk.Form.Axes - 1 && element > 0 ? _writer.Emit("add.s64", IrType.Int64, $"{along}, {element}") : along;
            var stride = _writer.Emit("ld.param.s64", IrType.Int64, $"[s{argument}_{axis}]");
            index = _writer.Emit("mad.lo.s64", IrType.Int64, $"{along}, {stride}, {index}");
        }

        return index;
    }

    /// <summary>A number, from the low bytes of its parameter.</summary>
    public string Number(int argument, IrType type)
    {
        if (type == IrType.Bool)
        {
            var isTrue = _writer.New(IrType.Bool);
            _writer.Emit($"setp.ne.s32 {isTrue}, {_writer.Emit("ld.param.u8", IrType.Int32, $"[c{argument}]")}, 0");
            return isTrue;
        }

        return _writer.Emit($"ld.param.{(type.IsFloat() ? "f" : "b")}{type.Size() * 8}", type, $"[c{argument}]");
    }

    private string Address(int argument)
    {
        var item = _ir.Arguments[argument].DType.ItemSize();
        var position = "";
        for (var axis = 0; axis < _walk.Form.Axes; axis++)
        {
            var isInner = axis == _walk.Form.Axes - 1;
            if (isInner && _walk.Form.IsUnit)
            {
                position = _ir.Arguments[argument].Access == InnerAccess.Uniform ? position
                    : position.Length == 0 ? _walk.Axes[axis]
                    : _writer.Emit($"add.{_walk.Suffix}", _walk.Type, $"{position}, {_walk.Axes[axis]}");
                continue;
            }

            var stride = _walk.Parameter($"s{argument}_{axis}");
            position = position.Length == 0
                ? _writer.Emit($"mul.lo.{_walk.Suffix}", _walk.Type, $"{_walk.Axes[axis]}, {stride}")
                : _writer.Emit($"mad.lo.{_walk.Suffix}", _walk.Type, $"{_walk.Axes[axis]}, {stride}, {position}");
        }

        return position.Length == 0 ? _bases[argument]
            : _walk.Form.IsWide ? _writer.Emit("mad.lo.s64", IrType.Int64, $"{position}, {item}, {_bases[argument]}")
            : _writer.Emit("mad.wide.s32", IrType.Int64, $"{position}, {item}, {_bases[argument]}");
    }

    /// <summary>A rest reads its last element again and again, which is there and harms nobody.</summary>
    private void LoadRest(int argument)
    {
        var item = _ir.Arguments[argument].DType.ItemSize();
        for (var element = 0; element < _walk.Width; element++)
        {
            var at = _writer.Emit("min.s32", IrType.Int32, $"{_walk.Last}, {element}");
            var value = LoadOne(argument, _writer.Emit("mad.wide.s32", IrType.Int64, $"{at}, {item}, {_addresses[argument]}"));
            if (item >= sizeof(int))
            {
                _writer.Emit($"mov.{MoveType(argument)} {_words[argument][element]}, {value}");
                continue;
            }

            var (word, bit) = System.Math.DivRem(element * item * 8, 32);
            _writer.Emit(bit == 0
                ? $"and.b32 {_words[argument][word]}, {value}, {(item == 1 ? 0xff : 0xffff)}"
                : $"bfi.b32 {_words[argument][word]}, {value}, {_words[argument][word]}, {bit}, {item * 8}");
        }
    }

    private string LoadOne(int argument, string address) =>
        _writer.Emit($"ld.global.nc.{ElementType(_ir.Arguments[argument].DType)}", WordType(argument), $"[{address}]");

    private string Unpacked(int argument, int element)
    {
        var dtype = _ir.Arguments[argument].DType;
        var item = dtype.ItemSize();
        if (item >= sizeof(int))
        {
            return _words[argument][element];
        }

        var (word, bit) = System.Math.DivRem(element * item * 8, 32);
        var type = dtype is DType.Int8 or DType.Int16 ? "s32" : "u32";
        return _writer.Emit($"bfe.{type}", IrType.Int32, $"{_words[argument][word]}, {bit}, {item * 8}");
    }

    private string Registered(string value, IrType type) => value[0] == '%' ? value : _writer.Emit(type switch
    {
        IrType.Int32 => "mov.b32",
        IrType.Int64 => "mov.b64",
        IrType.Float32 => "mov.f32",
        _ => "mov.f64",
    }, type, value);

    private bool IsWide(int argument) => _walk.Width > 1 && _ir.Arguments[argument].Access == InnerAccess.Varying;

    private int Words(int argument) => System.Math.Max(1, _walk.Width * _ir.Arguments[argument].DType.ItemSize() / WordType(argument).Size());

    private IrType WordType(int argument) => WordType(_ir.Arguments[argument].DType);

    /// <summary>The registers a buffer's elements are kept in.</summary>
    public static IrType WordType(DType dtype) => dtype switch
    {
        DType.Int64 => IrType.Int64,
        DType.Float32 => IrType.Float32,
        DType.Float64 => IrType.Float64,
        _ => IrType.Int32,
    };

    private string MoveType(int argument) => WordType(argument) switch
    {
        IrType.Int64 => "b64",
        IrType.Float32 => "f32",
        IrType.Float64 => "f64",
        _ => "b32",
    };

    /// <summary>The access that moves all elements of a step; fewer than 4 bytes are one element of 16 bits, or two of 8.</summary>
    private string Vector(int argument)
    {
        var bytes = _walk.Width * _ir.Arguments[argument].DType.ItemSize();
        var words = _words[argument].Length;
        return bytes < sizeof(int) ? $"u{bytes * 8}" : words == 1 ? MoveType(argument) : $"v{words}.{MoveType(argument)}";
    }

    private static string List(string[] words) => words.Length == 1 ? words[0] : $"{{{string.Join(", ", words)}}}";

    /// <summary>Type of a load or store of one element.</summary>
    public static string ElementType(DType dtype) => dtype switch
    {
        DType.Bool or DType.UInt8 => "u8",
        DType.Int8 => "s8",
        DType.Int16 => "s16",
        DType.Float16 or DType.BFloat16 => "u16",
        DType.Int32 => "b32",
        DType.Int64 => "b64",
        DType.Float32 => "f32",
        _ => "f64",
    };
}
