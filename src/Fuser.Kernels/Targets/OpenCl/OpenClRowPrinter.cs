using System.Collections.Immutable;
using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>
/// Prints a pass of a kernel with reductions. The lanes of a row take its elements in turn, so that neighbours read neighbours; what is to be combined goes through memory they
/// share, from which each takes a block that lies together. What the blocks come to is put together eight by eight, which makes a tile one value; tiles are counted in base 2, slot by
/// slot: all of it is the fixed tree. A lane that has a row for itself does the same without the others.
/// </summary>
internal sealed class OpenClRowPrinter
{
    private const int NarrowSlots = 32;
    private const int WideSlots = 64;

    private readonly StringBuilder _text = new();
    private readonly RowProgram _program;
    private readonly RowPass _pass;
    private readonly RowForm _form;
    private string _indent = "  ";

    private OpenClRowPrinter(RowProgram program, RowPass pass) => (_program, _pass, _form) = (program, pass, program.Form);

    public static RowCode Print(RowProgram program, RowPass pass)
    {
        var printer = new OpenClRowPrinter(program, pass);
        printer.PrintAll();
        return new RowCode(program, pass, printer._text.ToString());
    }

    private string IndexType => _form.IsWide ? "long" : "int";

    private bool IsShared => _form.Lanes > 1;

    private bool HasBarriers => IsShared || _form.IsInStep;

    private int Tile => _program.Block * _form.Lanes;

    private IEnumerable<int> Buffers => Enumerable.Range(0, _program.Arguments.Length).Where(i => KernelParameters.IsBuffer(_program.Arguments[i]));

    /// <summary>Sweeps of this pass that combine something, and the one whose chunks are combined.</summary>
    private IEnumerable<RowStage> Combining => _pass.Stages.Append(_pass.Combines).Where(stage => stage >= 0).Select(stage => _program.Stages[stage]).Where(stage => !stage.Reductions.IsEmpty);

    private void Line(string line) => _text.Append(_indent).Append(line).Append('\n');

    private void KeepInStep()
    {
        if (_form.IsInStep)
        {
            Line("barrier(CLK_LOCAL_MEM_FENCE);");
        }
    }

    private void Open(string line)
    {
        Line(line);
        _indent += "  ";
    }

    private void Close(string line = "}")
    {
        _indent = _indent[2..];
        Line(line);
    }

    private void PrintAll()
    {
        _text.Append("#pragma OPENCL FP_CONTRACT OFF\n");
        if (_program.UsesDoubles)
        {
            _text.Append("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
        }

        _text.Append(OpenClHelpers.For([.. _pass.Stages.Select(stage => _program.Stages[stage].Ir).OfType<KernelIr>()]));
        foreach (var definition in Combining.SelectMany(stage => stage.Reductions).Select(reduction => new OpenClCombining(reduction.Kind, reduction.Type).Definition).Distinct())
        {
            _text.Append(definition);
        }

        _text.Append($"__kernel __attribute__((reqd_work_group_size({_form.GroupSize}, 1, 1)))\nvoid {_pass.Entry}({string.Join(", ", _program.Parameters.All.Select(Declaration))})\n{{\n");
        foreach (var i in Buffers)
        {
            Line($"a{i} += o{i};");
        }

        PrintSharedMemory();
        Line($"const {IndexType} units = {(_pass.IsOverChunks ? "rows * chunks" : "rows")};");
        if (HasBarriers)
        {
            Line($"const int lane = (int)get_local_id(0) % {_form.Lanes}, team = (int)get_local_id(0) / {_form.Lanes};");
            Open($"for ({IndexType} first = ({IndexType})get_group_id(0) * {_form.Teams}; first < units; first += ({IndexType})get_num_groups(0) * {_form.Teams}) {{");

            // All work items of a group meet at every barrier: those beyond the last row do that one again, and write nothing.
            Line($"const {IndexType} unit = min(first + team, units - 1);");
            Line("const bool isOwn = first + team < units;");
        }
        else
        {
            Open($"for ({IndexType} unit = ({IndexType})get_global_id(0); unit < units; unit += ({IndexType})get_global_size(0)) {{");
        }

        PrintRow();
        Close();
        _text.Append("}\n");
    }

    private string Declaration(KernelParameter parameter) => parameter.Kind switch
    {
        ParameterKind.Buffer when _program.Arguments[parameter.Argument].Kind == ArgumentKind.Input => $"__global const {OpenClTypes.Storage(_program.Arguments[parameter.Argument].DType)}* restrict {parameter.Name}",
        ParameterKind.Buffer => $"__global {OpenClTypes.Storage(_program.Arguments[parameter.Argument].DType)}* restrict {parameter.Name}",
        ParameterKind.Fault => "__global int* fault",
        ParameterKind.Scratch => "__global long* restrict scratch",
        _ => $"const {(parameter.Bytes == 8 ? "long" : "int")} {parameter.Name}",
    };

    private void PrintSharedMemory()
    {
        if (!IsShared || !Combining.Any())
        {
            return;
        }

        for (var i = 0; i < Combining.Max(stage => stage.Reductions.Length); i++)
        {
            Line($"__local long shared{i}[{((_form.GroupSize * _program.LaneStep * _program.SharedBytes(i)) + sizeof(long) - 1) / sizeof(long)}];");
            Line($"__local long joined{i}[{_form.GroupSize + (_form.GroupSize / RowProgram.Joined)}];");
        }
    }

    private void PrintRow()
    {
        if (_pass.IsOverChunks)
        {
            // Neighbouring units are neighbouring rows, which lie together where each has a lane for itself.
            Line($"const {IndexType} row = unit % rows, part = unit / rows;");
            Line($"const {IndexType} begin = part * chunk, end = min(begin + chunk, n);");
        }
        else
        {
            Line($"const {IndexType} row = unit, begin = 0, end = n;");
        }

        PrintAxes("row", 0, _form.RowAxes);
        foreach (var i in Buffers)
        {
            Line($"const {IndexType} q{i} = {string.Join(" + ", Enumerable.Range(0, _form.RowAxes).Select(axis => $"x{axis} * s{i}_{axis}"))};");
        }

        for (var i = 0; i < _program.RowValues.Length; i++)
        {
            Line($"{OpenClTypes.Value(_program.RowValues[i])} r{i};");
        }

        foreach (var i in _pass.Reads)
        {
            Line($"r{i} = {FromWord(_program.RowValues[i], $"scratch[{i}l * rows + row]")};");
        }

        if (_pass.Combines >= 0)
        {
            PrintCombination(_program.Stages[_pass.Combines]);
        }

        foreach (var stage in _pass.Stages)
        {
            if (_program.Stages[stage].Kind == StageKind.PerRow)
            {
                PrintPerRow(_program.Stages[stage].Ir!);
            }
            else
            {
                PrintSweep(_program.Stages[stage]);
            }
        }

        if (!_pass.Writes.IsEmpty)
        {
            PrintAlone(() =>
            {
                foreach (var i in _pass.Writes)
                {
                    Line($"scratch[{i}l * rows + row] = {ToWord(_program.RowValues[i], $"r{i}")};");
                }
            });
        }
    }

    /// <summary>What one lane of a row does.</summary>
    private void PrintAlone(Action print)
    {
        if (!HasBarriers)
        {
            print();
            return;
        }

        Open(IsShared ? "if (isOwn && lane == 0) {" : "if (isOwn) {");
        print();
        Close();
    }

    /// <summary>The index along axes of which the first has no size.</summary>
    private void PrintAxes(string linear, int first, int count)
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

    private void PrintPerRow(KernelIr ir)
    {
        var body = new StageBody(this, ir);
        Open("{");
        body.Print(varying: false);
        body.PrintRowStores();
        Close();
    }

    private void PrintSweep(RowStage stage)
    {
        var body = new StageBody(this, stage.Ir!);
        Open("{");
        body.Print(varying: false);
        if (stage.Reductions.IsEmpty)
        {
            Open($"for ({IndexType} e = begin{(IsShared ? " + lane" : "")}; e < end; e += {_form.Lanes}) {{");
            body.PrintElement([], isRest: false);
            KeepInStep();
            Close();
        }
        else
        {
            ImmutableArray<OpenClCombining> combining = [.. stage.Reductions.Select(reduction => new OpenClCombining(reduction.Kind, reduction.Type))];
            PrintTiles(combining, "begin", "end", isRest => body.PrintElement(stage.Sources, isRest));
            if (_pass.IsOverChunks)
            {
                PrintAlone(() =>
                {
                    for (var i = 0; i < combining.Length; i++)
                    {
                        Line($"scratch[{Partial(i, "part")}] = {ToWord(combining[i].Result, $"f{i}")};");
                    }
                });
            }
            else
            {
                PrintResults(stage);
            }
        }

        Close();
    }

    /// <summary>Makes what the chunks of a row came to one value.</summary>
    private void PrintCombination(RowStage stage)
    {
        Open("{");
        ImmutableArray<OpenClCombining> combining = [.. stage.Reductions.Select(reduction => new OpenClCombining(reduction.Kind, Reduction.ResultOf(reduction.Kind, reduction.Type)))];
        PrintTiles(combining, "0", "chunks", isRest =>
        {
            for (var i = 0; i < combining.Length; i++)
            {
                Line($"const {combining[i].ResultType} c{i} = {FromWord(combining[i].Result, $"scratch[{Partial(i, "e")}]")};");
            }
        });
        PrintResults(stage);
        Close();
    }

    private void PrintResults(RowStage stage)
    {
        for (var i = 0; i < stage.Reductions.Length; i++)
        {
            Line($"r{stage.Reductions[i].RowValue} = f{i};");
        }
    }

    private string Partial(int reduction, string chunk) => $"({_program.RowValues.Length}l + ({reduction}l * chunks)) * rows + (long)row * chunks + {chunk}";

    /// <summary>Goes over elements tile by tile; leaves the results in f0, f1, ...</summary>
    /// <param name="printElement">Prints what element e has to be combined, as c0, c1, ...; told whether the element may be one beyond the last, that is a repetition of it.</param>
    private void PrintTiles(ImmutableArray<OpenClCombining> combining, string begin, string end, Action<bool> printElement)
    {
        var all = Enumerable.Range(0, combining.Length).ToArray();
        foreach (var i in all)
        {
            Line($"{combining[i].ResultType} s{i}[{(_form.IsWide ? WideSlots : NarrowSlots)}];");
            if (IsShared)
            {
                Line($"__local {OpenClCombining.MemoryType(combining[i].Value)}* const t{i} = (__local {OpenClCombining.MemoryType(combining[i].Value)}*)shared{i} + team * {_form.Lanes * _program.LaneStep};");
                Line($"__local {OpenClCombining.MemoryType(combining[i].Result)}* const j{i} = (__local {OpenClCombining.MemoryType(combining[i].Result)}*)joined{i} + team * {_form.Lanes};");
                Line($"__local {OpenClCombining.MemoryType(combining[i].Result)}* const k{i} = (__local {OpenClCombining.MemoryType(combining[i].Result)}*)joined{i} + {_form.GroupSize} + team * {_form.Lanes / RowProgram.Joined};");
            }
        }

        Line($"{IndexType} tiles = 0;");
        Open($"for ({IndexType} tile = {begin}; tile < {end}; tile += {Tile}) {{");
        if (!IsShared)
        {
            foreach (var i in all)
            {
                Line($"{OpenClCombining.MemoryType(combining[i].Value)} t{i}[{_program.Block}];");
            }
        }

        Open($"if ({end} - tile >= {Tile}) {{");
        PrintTile(isRest: false);
        Close("} else {");
        _indent += "  ";
        PrintTile(isRest: true);
        Close();
        PrintJoin(combining);
        KeepInStep();
        Line($"{IndexType} full = tiles++;");
        Line("int slot = 0;");
        Open("for (; full & 1; full >>= 1, slot++) {");
        foreach (var i in all)
        {
            Line($"v{i} = {combining[i].Call($"s{i}[slot]", $"v{i}")};");
        }

        Close();
        foreach (var i in all)
        {
            Line($"s{i}[slot] = v{i};");
        }

        KeepInStep();
        Close();
        Line("int slot = 0;");
        Line("while (!((tiles >> slot) & 1)) slot++;");
        foreach (var i in all)
        {
            Line($"{combining[i].ResultType} f{i} = s{i}[slot];");
        }

        Open("for (slot++; tiles >> slot; slot++) {");
        Open("if ((tiles >> slot) & 1) {");
        foreach (var i in all)
        {
            Line($"f{i} = {combining[i].Call($"s{i}[slot]", $"f{i}")};");
        }

        Close();
        Close();

        void PrintTile(bool isRest)
        {
            Open($"for (int j = 0; j < {_program.Block}; j++) {{");
            var element = IsShared ? $"tile + j * {_form.Lanes} + lane" : "tile + j";
            if (isRest)
            {
                Line($"const {IndexType} at = {element}, e = min(at, {end} - 1);");
                Line($"const bool isThere = at < {end};");
            }
            else
            {
                Line($"const {IndexType} e = {element};");
            }

            printElement(isRest);
            if (IsShared)
            {
                Line($"const int place = j * {_form.Lanes} + lane;");
            }

            var at = IsShared ? $"place + place / {_program.Block}" : "j";
            foreach (var i in all)
            {
                Line($"t{i}[{at}] = {(isRest ? $"isThere ? c{i} : {combining[i].Identity}" : $"c{i}")};");
            }

            Close();
        }
    }

    /// <summary>Makes the values of a tile one, in v0, v1, ... of every lane.</summary>
    private void PrintJoin(ImmutableArray<OpenClCombining> combining)
    {
        if (IsShared)
        {
            Line("barrier(CLK_LOCAL_MEM_FENCE);");
        }

        for (var i = 0; i < combining.Length; i++)
        {
            var source = IsShared ? $"t{i}[lane * {_program.LaneStep} + " : $"t{i}[";
            PrintBlock(combining[i], i, k => $"({combining[i].ResultType}){source}{k}]", _program.Block);
        }

        if (!IsShared)
        {
            return;
        }

        for (var i = 0; i < combining.Length; i++)
        {
            Line($"j{i}[lane] = v{i};");
        }

        Line("barrier(CLK_LOCAL_MEM_FENCE);");
        var (from, to) = ("j", "k");
        var count = _form.Lanes;
        for (; count > RowProgram.Joined; count /= RowProgram.Joined)
        {
            Open($"if (lane < {count / RowProgram.Joined}) {{");
            for (var i = 0; i < combining.Length; i++)
            {
                var source = $"{from}{i}[lane * {RowProgram.Joined} + ";
                Line($"{to}{i}[lane] = {Tree(combining[i], [.. Enumerable.Range(0, RowProgram.Joined).Select(k => $"{source}{k}]")])};");
            }

            Close();
            Line("barrier(CLK_LOCAL_MEM_FENCE);");
            (from, to) = (to, from);
        }

        for (var i = 0; i < combining.Length; i++)
        {
            Line($"v{i} = {Tree(combining[i], [.. Enumerable.Range(0, count).Select(k => $"{from}{i}[{k}]")])};");
        }
    }

    /// <summary>A block of values, made one by loops that a compiler can turn into vectors, and at the end by one expression.</summary>
    private void PrintBlock(OpenClCombining combining, int reduction, Func<string, string> value, int count)
    {
        var (level, last) = (0, value);
        for (; count > RowProgram.Joined; count /= 2)
        {
            var name = $"u{reduction}_{level++}";
            Line($"{combining.ResultType} {name}[{count / 2}];");
            Line($"for (int j = 0; j < {count / 2}; j++) {name}[j] = {combining.Call(last("2 * j"), last("2 * j + 1"))};");
            last = k => $"{name}[{k}]";
        }

        Line($"{combining.ResultType} v{reduction} = {Tree(combining, [.. Enumerable.Range(0, count).Select(k => last($"{k}"))])};");
    }

    /// <summary>A power of two of values.</summary>
    private static string Tree(OpenClCombining combining, ReadOnlySpan<string> values) => values.Length == 1 ? values[0]
        : combining.Call(Tree(combining, values[..(values.Length / 2)]), Tree(combining, values[(values.Length / 2)..]));

    private static string FromWord(IrType type, string word) => type switch
    {
        IrType.Bool => $"{word} != 0",
        IrType.Int32 => $"(int){word}",
        IrType.Int64 => word,
        IrType.Float32 => $"as_float((int){word})",
        _ => $"as_double({word})",
    };

    private static string ToWord(IrType type, string value) => type switch
    {
        IrType.Float32 => $"as_int({value})",
        IrType.Float64 => $"as_long({value})",
        _ => value,
    };

    /// <summary>The statements of one stage.</summary>
    private sealed class StageBody
    {
        private readonly OpenClRowPrinter _printer;
        private readonly KernelIr _ir;
        private readonly bool[] _varies;
        private readonly OpenClPrimitives _primitives;

        public StageBody(OpenClRowPrinter printer, KernelIr ir)
        {
            (_printer, _ir) = (printer, ir);
            _varies = DeviceCode.Varying(ir);
            _primitives = new OpenClPrimitives(ir, _varies);
        }

        private RowProgram Program => _printer._program;

        /// <summary>What is the same for all elements, or what differs.</summary>
        public void Print(bool varying)
        {
            for (var id = 0; id < _ir.Nodes.Length; id++)
            {
                if (_varies[id] == varying && _ir.Nodes[id].Op != IrOp.Store)
                {
                    Define(id);
                }
            }
        }

        /// <summary>What there is once per row goes where the row is; one lane writes results.</summary>
        public void PrintRowStores()
        {
            Print(varying: true); // indices alone, and what is made of them
            foreach (var node in _ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate >= Program.FirstRowValue))
            {
                _printer.Line($"r{node.Immediate - Program.FirstRowValue} = v{node.A};");
            }

            IrNode[] results = [.. _ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue)];
            if (results.Length > 0)
            {
                _printer.PrintAlone(() => Array.ForEach(results, node => _printer.Line($"{Stored((int)node.Immediate, $"q{node.Immediate}", node.A)};")));
            }
        }

        /// <summary>Element e: what it is made of, what is written of it, and what is combined, as c0, c1, ...</summary>
        public void PrintElement(ImmutableArray<int> sources, bool isRest)
        {
            _printer.PrintAxes("e", _printer._form.RowAxes, _printer._form.ElementAxes);
            foreach (var i in _ir.Nodes.Where(node => node.Op is IrOp.Load or IrOp.Store && IsSwept((int)node.Immediate)).Select(node => (int)node.Immediate).Distinct())
            {
                _printer.Line($"const {_printer.IndexType} p{i} = {Position(i)};");
            }

            Print(varying: true);
            string[] conditions = [.. new[] { _printer.HasBarriers ? "isOwn" : "", isRest ? "isThere" : "" }.Where(condition => condition.Length > 0)];
            foreach (var node in _ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue))
            {
                _printer.Line($"{(conditions.Length > 0 ? $"if ({string.Join(" && ", conditions)}) " : "")}{Stored((int)node.Immediate, $"p{node.Immediate}", node.A)};");
            }

            for (var i = 0; i < sources.Length; i++)
            {
                var source = _ir.Nodes.First(node => node.Op == IrOp.Store && node.Immediate == Program.FirstCombined + sources[i]);
                _printer.Line($"const {OpenClTypes.Value(_ir.Nodes[source.A].Type)} c{i} = v{source.A};");
            }
        }

        private bool IsSwept(int argument) => argument < Program.FirstRowValue && !Program.IsPerRow(argument);

        private string Position(int argument)
        {
            var form = _printer._form;
            var text = new StringBuilder($"q{argument}");
            for (var axis = form.RowAxes; axis < form.Axes; axis++)
            {
                text.Append(form.IsUnit && axis == form.Axes - 1 ? $" + x{axis}" : $" + x{axis} * s{argument}_{axis}");
            }

            return text.ToString();
        }

        private void Define(int id)
        {
            var node = _ir.Nodes[id];
            foreach (var statement in _primitives.Before(id, 0))
            {
                _printer.Line(statement);
            }

            var expression = node.Op switch
            {
                IrOp.Load => Loaded((int)node.Immediate),
                IrOp.Index => Index((int)node.Immediate),
                _ => _primitives.Expression(id, 0),
            };
            _printer.Line($"const {OpenClTypes.Value(node.Type)} v{id} = {expression};");
        }

        /// <summary>Any byte but 0 is true.</summary>
        private string Loaded(int argument)
        {
            if (argument >= Program.FirstRowValue)
            {
                return $"r{argument - Program.FirstRowValue}";
            }

            var source = $"a{argument}[{(Program.IsPerRow(argument) ? 'q' : 'p')}{argument}]";
            return _ir.Arguments[argument].DType switch
            {
                DType.Bool => $"{source} != 0",
                DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => source,
                _ => $"(int){source}",
            };
        }

        private string Stored(int argument, string place, int value) => $"a{argument}[{place}] = {_ir.Arguments[argument].DType switch
        {
            DType.Bool => $"v{value} ? 1 : 0",
            DType.Int32 or DType.Int64 or DType.Float32 or DType.Float64 => $"v{value}",
            var narrow => $"({OpenClTypes.Storage(narrow)})v{value}",
        }}";

        private string Index(int argument)
        {
            var axes = Program.IsPerRow(argument) ? _printer._form.RowAxes : _printer._form.Axes;
            return $"o{argument}{string.Concat(Enumerable.Range(0, axes).Select(axis => $" + (long)x{axis} * s{argument}_{axis}"))}";
        }
    }
}
