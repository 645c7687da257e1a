using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>
/// Prints a pass of a kernel with reductions as PTX, by the same steps as the OpenCL C text: a tile at a time, whose elements neighbouring lanes take in turn; what is combined goes
/// through shared memory, from which each lane takes a block that lies together; blocks are put together eight by eight, and tiles are counted in base 2. All loads of a tile stand before
/// their first use.
/// </summary>
internal sealed class PtxRowPrinter
{
    private const int NarrowSlots = 32;
    private const int WideSlots = 64;
    private const int SlotBytes = sizeof(long);

    private readonly PtxWriter _writer = new();
    private readonly RowProgram _program;
    private readonly RowPass _pass;
    private readonly RowForm _form;
    private readonly string[] _bases;
    private readonly string[] _rowPositions;
    private readonly string[] _rowValues;
    private readonly string[] _axes;
    private string? _fault;
    private string _scratch = "";
    private string _lane = "";
    private string _team = "";
    private string _isOwn = "";
    private string _row = "";
    private string _part = "";
    private string _begin = "";
    private string _end = "";

    private PtxRowPrinter(RowProgram program, RowPass pass)
    {
        (_program, _pass, _form) = (program, pass, program.Form);
        _bases = new string[program.Arguments.Length];
        _rowPositions = new string[program.Arguments.Length];
        _rowValues = [.. program.RowValues.Select(_writer.New)];
        _axes = new string[program.Form.Axes];
    }

    public static RowCode Print(RowProgram program, RowPass pass)
    {
        var printer = new PtxRowPrinter(program, pass);
        return new RowCode(program, pass, printer.Text());
    }

    private IrType IndexType => _form.IsWide ? IrType.Int64 : IrType.Int32;

    private string Suffix => _form.IsWide ? "s64" : "s32";

    private string Unsigned => _form.IsWide ? "u64" : "u32";

    private bool IsShared => _form.Lanes > 1;

    private int Tile => _program.Block * _form.Lanes;

    private IEnumerable<int> Buffers => Enumerable.Range(0, _program.Arguments.Length).Where(i => KernelParameters.IsBuffer(_program.Arguments[i]));

    private IEnumerable<RowStage> Combining => _pass.Stages.Append(_pass.Combines).Where(stage => stage >= 0).Select(stage => _program.Stages[stage]).Where(stage => !stage.Reductions.IsEmpty);

    private string Text()
    {
        PrintAll();
        var text = new StringBuilder(".version 6.0\n.target sm_60\n.address_size 64\n\n");
        text.Append(PtxTables.For([.. _pass.Stages.Select(stage => _program.Stages[stage].Ir).OfType<KernelIr>()]));
        text.Append($".visible .entry {_pass.Entry}(\n");
        text.AppendJoin(",\n", _program.Parameters.All.Select(parameter => $"    .param .b{parameter.Bytes * 8} {parameter.Name}"));
        text.Append($")\n.maxntid {_form.GroupSize}, 1, 1\n{{\n").Append(_writer).Append("}\n");
        return text.ToString();
    }

    private void PrintAll()
    {
        foreach (var i in Buffers)
        {
            var offset = _writer.Emit("ld.param.s64", IrType.Int64, $"[o{i}]");
            _bases[i] = _writer.Emit("mad.lo.s64", IrType.Int64, $"{offset}, {_program.Arguments[i].DType.ItemSize()}, {Pointer($"a{i}")}");
        }

        _fault = _program.Parameters.HasFault ? Pointer("fault") : null;
        _scratch = _form.IsSplit ? Pointer("scratch") : "";
        DeclareMemory();
        var units = _pass.IsOverChunks ? Index("mul.lo", Parameter("rows"), Parameter("chunks")) : Parameter("rows");
        var (thread, group, groups) = (Special("%tid.x"), Special("%ctaid.x"), Special("%nctaid.x"));
        if (IsShared)
        {
            _lane = _writer.Emit("and.b32", IrType.Int32, $"{thread}, {_form.Lanes - 1}");
            _team = _writer.Emit("shr.u32", IrType.Int32, $"{thread}, {BitOperations.Log2((uint)_form.Lanes)}");
            var step = Widened(_writer.Emit("mul.lo.s32", IrType.Int32, $"{groups}, {_form.Teams}"));
            Loop(Widened(_writer.Emit("mul.lo.s32", IrType.Int32, $"{group}, {_form.Teams}")), units, step, first =>
            {
                // All lanes of a group meet at every barrier: those beyond the last row do that one again, and write nothing.
                var unit = Index("add", first, Widened(_team));
                _isOwn = Holds("lt", unit, units);
                PrintRow(Index("min", unit, Index("add", units, "-1")));
            });
        }
        else
        {
            var step = Widened(_writer.Emit("mul.lo.s32", IrType.Int32, $"{groups}, {_form.GroupSize}"));
            Loop(Widened(_writer.Emit("mad.lo.s32", IrType.Int32, $"{group}, {_form.GroupSize}, {thread}")), units, step, PrintRow);
        }

        _writer.Emit("ret");
    }

    private void DeclareMemory()
    {
        if (!Combining.Any())
        {
            return;
        }

        for (var i = 0; i < Combining.Max(stage => stage.Reductions.Length); i++)
        {
            _writer.Declare("local", $"slots{i}", (_form.IsWide ? WideSlots : NarrowSlots) * SlotBytes);
            if (IsShared)
            {
                _writer.Declare("shared", $"shared{i}", (long)_form.GroupSize * _program.LaneStep * _program.SharedBytes(i));
                _writer.Declare("shared", $"joined{i}", (_form.GroupSize + (_form.GroupSize / RowProgram.Joined)) * SlotBytes);
            }
        }
    }

    private void PrintRow(string unit)
    {
        (_row, _part, _begin, _end) = (unit, "", "0", Parameter("n"));
        if (_pass.IsOverChunks)
        {
            // Neighbouring units are neighbouring rows, which lie together where each has a lane for itself.
            var rows = Parameter("rows");
            (_row, _part) = (_writer.Emit($"rem.{Unsigned}", IndexType, $"{unit}, {rows}"), _writer.Emit($"div.{Unsigned}", IndexType, $"{unit}, {rows}"));
            var chunk = Parameter("chunk");
            _begin = Index("mul.lo", _part, chunk);
            _end = Index("min", Index("add", _begin, chunk), _end);
        }

        PrintAxes(_axes, _row, 0, _form.RowAxes);
        foreach (var i in Buffers)
        {
            _rowPositions[i] = Position(i, "", _axes, 0, _form.RowAxes);
        }

        foreach (var i in _pass.Reads)
        {
            PtxCombining.Move(_writer, _program.RowValues[i], _rowValues[i], PtxCombining.Load(_writer, "global", _program.RowValues[i], RowWord(i)));
        }

        if (_pass.Combines >= 0)
        {
            PrintCombination(_program.Stages[_pass.Combines]);
        }

        foreach (var stage in _pass.Stages)
        {
            if (_program.Stages[stage].Kind == StageKind.PerRow)
            {
                new StageBody(this, _program.Stages[stage].Ir!).PrintPerRow();
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
                    PtxCombining.Store(_writer, "global", _program.RowValues[i], RowWord(i), _rowValues[i]);
                }
            });
        }
    }

    private void PrintSweep(RowStage stage)
    {
        var body = new StageBody(this, stage.Ir!);
        body.PrintUniform();
        var combining = Of(stage.Reductions, reduction => reduction.Type);
        var results = PrintTiles(combining, _begin, _end, (places, isThere) => body.PrintElements(places, isThere, stage.Sources));
        if (!_pass.IsOverChunks)
        {
            PrintResults(stage, results);
        }
        else if (results.Length > 0)
        {
            PrintAlone(() =>
            {
                for (var i = 0; i < results.Length; i++)
                {
                    PtxCombining.Store(_writer, "global", combining[i].Result, Partial(i, _part), results[i]);
                }
            });
        }
    }

    /// <summary>Makes what the chunks of a row came to one value.</summary>
    private void PrintCombination(RowStage stage)
    {
        var combining = Of(stage.Reductions, reduction => Reduction.ResultOf(reduction.Kind, reduction.Type));
        PrintResults(stage, PrintTiles(combining, "0", Parameter("chunks"), (places, _) =>
            [.. places.Select(place => combining.Select((one, i) => PtxCombining.Load(_writer, "global", one.Result, Partial(i, place))).ToArray())]));
    }

    private void PrintResults(RowStage stage, string[] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            var row = stage.Reductions[i].RowValue;
            PtxCombining.Move(_writer, _program.RowValues[row], _rowValues[row], results[i]);
        }
    }

    private ImmutableArray<PtxCombining> Of(ImmutableArray<Reduction> reductions, Func<Reduction, IrType> typeOf) =>
        [.. reductions.Select(reduction => new PtxCombining(_writer, Primitives(_program.Stages.First(stage => stage.Ir is not null).Ir!), reduction.Kind, typeOf(reduction)))];

    private PtxPrimitives Primitives(KernelIr ir) => new(_writer, ir, _fault);

    /// <summary>Goes over elements tile by tile; gives what each reduction comes to.</summary>
    /// <param name="printElements">Prints what the elements at some places have to be combined, per place and reduction; told whether each is there, for one that is not repeats the last.</param>
    private string[] PrintTiles(ImmutableArray<PtxCombining> combining, string begin, string end, Func<string[], string[], string[][]> printElements)
    {
        string[] slots = [.. combining.Select((_, i) => Address($"slots{i}"))];
        var last = Index("add", end, "-1");
        var tiles = _writer.New(IrType.Int32);
        _writer.Emit($"mov.b32 {tiles}, 0");
        Loop(begin, end, $"{Tile}", tile =>
        {
            var (places, isThere) = (new string[_program.Block], new string[_program.Block]);
            var first = IsShared ? Index("add", tile, Widened(_lane)) : tile;
            for (var k = 0; k < _program.Block; k++)
            {
                var at = k == 0 ? first : Index("add", first, $"{k * _form.Lanes}");
                isThere[k] = Holds("lt", at, end);
                places[k] = Index("min", at, last);
            }

            var values = printElements(places, isThere);
            if (combining.IsEmpty)
            {
                return;
            }

            var blocks = new string[combining.Length][];
            for (var i = 0; i < blocks.Length; i++)
            {
                blocks[i] = [.. values.Select((ofPlace, k) => combining[i].OrIdentity(isThere[k], ofPlace[i]))];
            }

            PrintCount(combining, Join(combining, blocks), slots, tiles);
        });

        return combining.IsEmpty ? [] : PrintEnd(combining, slots, tiles);
    }

    /// <summary>Makes the values of a tile one, the same for all lanes.</summary>
    private string[] Join(ImmutableArray<PtxCombining> combining, string[][] blocks)
    {
        if (!IsShared)
        {
            return [.. combining.Select((one, i) => one.Tree([.. blocks[i].Select(one.Widened)]))];
        }

        var results = new string[combining.Length];
        for (var i = 0; i < results.Length; i++)
        {
            // The k-th element of the tile lies at k + k / block: with a gap behind every block.
            var size = System.Math.Max(combining[i].Value.Size(), sizeof(int));
            var team = _writer.Emit("mad.wide.s32", IrType.Int64, $"{_team}, {_form.Lanes * _program.LaneStep * size}, {Address($"shared{i}")}");
            var place = _writer.Emit("add.s32", IrType.Int32, $"{_lane}, {_writer.Emit("shr.u32", IrType.Int32, $"{_lane}, {BitOperations.Log2((uint)_program.Block)}")}");
            var own = _writer.Emit("mad.wide.s32", IrType.Int64, $"{place}, {size}, {team}");
            for (var k = 0; k < _program.Block; k++)
            {
                PtxCombining.Store(_writer, "shared", combining[i].Value, $"{own}+{k * (_form.Lanes + (_form.Lanes / _program.Block)) * size}", blocks[i][k]);
            }
        }

        _writer.Emit("bar.sync 0");
        var (from, to) = (new string[results.Length], new string[results.Length]);
        for (var i = 0; i < results.Length; i++)
        {
            var size = System.Math.Max(combining[i].Value.Size(), sizeof(int));
            var team = _writer.Emit("mad.wide.s32", IrType.Int64, $"{_team}, {_form.Lanes * _program.LaneStep * size}, {Address($"shared{i}")}");
            var block = _writer.Emit("mad.wide.s32", IrType.Int64, $"{_lane}, {_program.LaneStep * size}, {team}");
            var one = combining[i];
            results[i] = one.Tree([.. Enumerable.Range(0, _program.Block).Select(k => one.Widened(PtxCombining.Load(_writer, "shared", one.Value, $"{block}+{k * size}")))]);
            var joined = Address($"joined{i}");
            from[i] = _writer.Emit("mad.wide.s32", IrType.Int64, $"{_team}, {_form.Lanes * SlotBytes}, {joined}");
            to[i] = _writer.Emit("mad.wide.s32", IrType.Int64, $"{_team}, {_form.Lanes / RowProgram.Joined * SlotBytes}, {_writer.Emit("add.s64", IrType.Int64, $"{joined}, {_form.GroupSize * SlotBytes}")}");
            PtxCombining.Store(_writer, "shared", one.Result, OfLane(from[i], SlotBytes), results[i]);
        }

        _writer.Emit("bar.sync 0");
        var count = _form.Lanes;
        for (; count > RowProgram.Joined; count /= RowProgram.Joined)
        {
            var skip = _writer.Label();
            var isIdle = _writer.New(IrType.Bool);
            _writer.Emit($"setp.ge.s32 {isIdle}, {_lane}, {count / RowProgram.Joined}");
            _writer.Emit($"@{isIdle} bra {skip}");
            for (var i = 0; i < results.Length; i++)
            {
                var eight = LoadAll(combining[i], OfLane(from[i], RowProgram.Joined * SlotBytes), RowProgram.Joined);
                PtxCombining.Store(_writer, "shared", combining[i].Result, OfLane(to[i], SlotBytes), combining[i].Tree(eight));
            }

            _writer.Place(skip);
            _writer.Emit("bar.sync 0");
            (from, to) = (to, from);
        }

        return [.. combining.Select((one, i) => one.Tree(LoadAll(one, from[i], count)))];
    }

    private string OfLane(string memory, int step) => _writer.Emit("mad.wide.s32", IrType.Int64, $"{_lane}, {step}, {memory}");

    private string[] LoadAll(PtxCombining combining, string address, int count) =>
        [.. Enumerable.Range(0, count).Select(k => PtxCombining.Load(_writer, "shared", combining.Result, $"{address}+{k * SlotBytes}"))];

    /// <summary>One more tile: it is combined with what stands in slots that are full, from the lowest up, and takes the first that is free.</summary>
    private void PrintCount(ImmutableArray<PtxCombining> combining, string[] values, string[] slots, string tiles)
    {
        var (full, slot) = (_writer.New(IrType.Int32), _writer.New(IrType.Int64));
        string[] carried = [.. combining.Select(one => _writer.New(one.Result))];
        _writer.Emit($"mov.b32 {full}, {tiles}");
        _writer.Emit($"mov.b64 {slot}, 0");
        for (var i = 0; i < values.Length; i++)
        {
            PtxCombining.Move(_writer, combining[i].Result, carried[i], values[i]);
        }

        var (again, over) = (_writer.Label(), _writer.Label());
        _writer.Place(again);
        BranchIfEven(full, over);
        for (var i = 0; i < values.Length; i++)
        {
            PtxCombining.Move(_writer, combining[i].Result, carried[i], combining[i].Combine(InSlot(combining[i], slots[i], slot), carried[i]));
        }

        Advance(full, slot);
        _writer.Emit($"bra {again}");
        _writer.Place(over);
        for (var i = 0; i < values.Length; i++)
        {
            PtxCombining.Store(_writer, "local", combining[i].Result, _writer.Emit("add.s64", IrType.Int64, $"{slots[i]}, {slot}"), carried[i]);
        }

        _writer.Emit($"add.s32 {tiles}, {tiles}, 1");
    }

    /// <summary>Puts together what stands in the slots that are full: each on the left of what came before.</summary>
    private string[] PrintEnd(ImmutableArray<PtxCombining> combining, string[] slots, string tiles)
    {
        var (rest, slot) = (_writer.New(IrType.Int32), _writer.New(IrType.Int64));
        string[] results = [.. combining.Select(one => _writer.New(one.Result))];
        _writer.Emit($"mov.b32 {rest}, {tiles}");
        _writer.Emit($"mov.b64 {slot}, 0");
        var (search, next, found, over) = (_writer.Label(), _writer.Label(), _writer.Label(), _writer.Label());
        var skip = _writer.Label();
        _writer.Place(search);
        BranchIfEven(rest, skip);
        for (var i = 0; i < results.Length; i++)
        {
            PtxCombining.Move(_writer, combining[i].Result, results[i], InSlot(combining[i], slots[i], slot));
        }

        _writer.Emit($"bra {next}");
        _writer.Place(skip);
        Advance(rest, slot);
        _writer.Emit($"bra {search}");

        _writer.Place(found);
        for (var i = 0; i < results.Length; i++)
        {
            PtxCombining.Move(_writer, combining[i].Result, results[i], combining[i].Combine(InSlot(combining[i], slots[i], slot), results[i]));
        }

        _writer.Place(next);
        Advance(rest, slot);
        var isDone = _writer.New(IrType.Bool);
        _writer.Emit($"setp.eq.s32 {isDone}, {rest}, 0");
        _writer.Emit($"@{isDone} bra {over}");
        BranchIfEven(rest, next);
        _writer.Emit($"bra {found}");
        _writer.Place(over);
        return results;
    }

    private string InSlot(PtxCombining combining, string slots, string slot) =>
        PtxCombining.Load(_writer, "local", combining.Result, _writer.Emit("add.s64", IrType.Int64, $"{slots}, {slot}"));

    private void BranchIfEven(string number, string label)
    {
        var isEven = _writer.New(IrType.Bool);
        _writer.Emit($"setp.eq.s32 {isEven}, {_writer.Emit("and.b32", IrType.Int32, $"{number}, 1")}, 0");
        _writer.Emit($"@{isEven} bra {label}");
    }

    private void Advance(string bits, string slot)
    {
        _writer.Emit($"shr.u32 {bits}, {bits}, 1");
        _writer.Emit($"add.s64 {slot}, {slot}, {SlotBytes}");
    }

    /// <summary>What one lane of a row does.</summary>
    private void PrintAlone(Action print)
    {
        if (!IsShared)
        {
            print();
            return;
        }

        var skip = _writer.Label();
        var isFirst = _writer.New(IrType.Bool);
        _writer.Emit($"setp.eq.s32 {isFirst}, {_lane}, 0");
        _writer.Emit($"@!{_writer.Emit("and.pred", IrType.Bool, $"{isFirst}, {_isOwn}")} bra {skip}");
        print();
        _writer.Place(skip);
    }

    /// <summary>Counts from one number to below another.</summary>
    private void Loop(string from, string to, string step, Action<string> print)
    {
        var (again, done) = (_writer.Label(), _writer.Label());
        var counter = _writer.New(IndexType);
        _writer.Emit($"mov.b{IndexType.Size() * 8} {counter}, {from}");
        _writer.Place(again);
        _writer.Emit($"@{Holds("ge", counter, to)} bra {done}");
        print(counter);
        _writer.Emit($"add.{Suffix} {counter}, {counter}, {step}");
        _writer.Emit($"bra {again}");
        _writer.Place(done);
    }

    /// <summary>The index along axes of which the first has no size.</summary>
    private void PrintAxes(string[] axes, string linear, int first, int count)
    {
        for (var axis = first + count - 1; axis > first; axis--)
        {
            var size = Parameter($"size{axis}");
            axes[axis] = _writer.Emit($"rem.{Unsigned}", IndexType, $"{linear}, {size}");
            linear = _writer.Emit($"div.{Unsigned}", IndexType, $"{linear}, {size}");
        }

        axes[first] = linear;
    }

    /// <summary>A position moved along some axes.</summary>
    private string Position(int argument, string start, string[] axes, int first, int count)
    {
        for (var axis = first; axis < first + count; axis++)
        {
            if (axis == _form.Axes - 1 && _form.IsUnit)
            {
                start = Index("add", start, axes[axis]);
                continue;
            }

            var stride = Parameter($"s{argument}_{axis}");
            start = start.Length == 0 ? Index("mul.lo", axes[axis], stride) : _writer.Emit($"mad.lo.{Suffix}", IndexType, $"{axes[axis]}, {stride}, {start}");
        }

        return start;
    }

    private string AddressOf(int argument, string position)
    {
        var item = _program.Arguments[argument].DType.ItemSize();
        return _writer.Emit(_form.IsWide ? "mad.lo.s64" : "mad.wide.s32", IrType.Int64, $"{position}, {item}, {_bases[argument]}");
    }

    private string RowWord(int value) => Word($"{value}", _row);

    /// <summary>Row values come first, then per reduction and row what each chunk came to.</summary>
    private string Partial(int reduction, string chunk)
    {
        var chunks = Long(Parameter("chunks"));
        var before = reduction == 0 ? $"{_program.RowValues.Length}" : _writer.Emit("mad.lo.s64", IrType.Int64, $"{chunks}, {reduction}, {_program.RowValues.Length}");
        return Word(before, _writer.Emit("mad.lo.s64", IrType.Int64, $"{Long(_row)}, {chunks}, {Long(chunk)}"), isLong: true);
    }

    private string Word(string rowsBefore, string position, bool isLong = false)
    {
        var word = _writer.Emit("mad.lo.s64", IrType.Int64, $"{Long(Parameter("rows"))}, {rowsBefore}, {(isLong ? position : Long(position))}");
        return _writer.Emit("mad.lo.s64", IrType.Int64, $"{word}, {sizeof(long)}, {_scratch}");
    }

    private string Long(string index) => _form.IsWide ? index : _writer.Emit("cvt.s64.s32", IrType.Int64, index);

    private string Index(string op, string a, string b) => _writer.Emit($"{op}.{Suffix}", IndexType, $"{a}, {b}");

    private string Holds(string comparison, string a, string b)
    {
        var result = _writer.New(IrType.Bool);
        _writer.Emit($"setp.{comparison}.{Suffix} {result}, {a}, {b}");
        return result;
    }

    private string Parameter(string name) => _writer.Emit($"ld.param.{Suffix}", IndexType, $"[{name}]");

    private string Pointer(string parameter) => _writer.Emit("cvta.to.global.u64", IrType.Int64, _writer.Emit("ld.param.u64", IrType.Int64, $"[{parameter}]"));

    private string Address(string memory) => _writer.Emit("mov.u64", IrType.Int64, memory);

    private string Special(string name) => _writer.Emit("mov.u32", IrType.Int32, name);

    private string Widened(string value) => _form.IsWide ? _writer.Emit("cvt.u64.u32", IrType.Int64, value) : value;

    /// <summary>The instructions of one stage.</summary>
    private sealed class StageBody
    {
        private readonly PtxRowPrinter _printer;
        private readonly PtxWriter _writer;
        private readonly KernelIr _ir;
        private readonly bool[] _varies;
        private readonly PtxPrimitives _primitives;
        private readonly string[] _uniform;

        public StageBody(PtxRowPrinter printer, KernelIr ir)
        {
            (_printer, _writer, _ir) = (printer, printer._writer, ir);
            _varies = DeviceCode.Varying(ir);
            _primitives = printer.Primitives(ir);
            _uniform = new string[ir.Nodes.Length];
        }

        private RowProgram Program => _printer._program;

        /// <summary>What is the same for all elements.</summary>
        public void PrintUniform()
        {
            for (var id = 0; id < _ir.Nodes.Length; id++)
            {
                if (!_varies[id])
                {
                    _uniform[id] = Emit(id, _uniform, _printer._axes, id => LoadOne(id, _printer._rowPositions[(int)_ir.Nodes[id].Immediate]));
                }
            }
        }

        /// <summary>What there is once per row goes where the row is; one lane writes results.</summary>
        public void PrintPerRow()
        {
            PrintUniform();
            string[] values = [.. _uniform];
            for (var id = 0; id < values.Length; id++)
            {
                if (_varies[id] && _ir.Nodes[id].Op != IrOp.Store)
                {
                    values[id] = Emit(id, values, _printer._axes, id => LoadOne(id, _printer._rowPositions[(int)_ir.Nodes[id].Immediate]));
                }
            }

            foreach (var node in _ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate >= Program.FirstRowValue))
            {
                PtxCombining.Move(_writer, node.Type, _printer._rowValues[node.Immediate - Program.FirstRowValue], values[node.A]);
            }

            IrNode[] results = [.. _ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue)];
            if (results.Length > 0)
            {
                _printer.PrintAlone(() => Array.ForEach(results, node => Store((int)node.Immediate, _printer._rowPositions[node.Immediate], values[node.A], "")));
            }
        }

        /// <summary>Elements: all their loads first, then of each what it is made of and what is written of it.</summary>
        /// <returns>Per element, what is combined of it.</returns>
        public string[][] PrintElements(string[] places, string[] isThere, ImmutableArray<int> sources)
        {
            var (form, values, axes) = (_printer._form, new string[places.Length][], new string[places.Length][]);
            var positions = new Dictionary<int, string>[places.Length];
            for (var k = 0; k < places.Length; k++)
            {
                (values[k], axes[k], positions[k]) = ([.. _uniform], [.. _printer._axes], []);
                _printer.PrintAxes(axes[k], places[k], form.RowAxes, form.ElementAxes);
                for (var id = 0; id < _ir.Nodes.Length; id++)
                {
                    var node = _ir.Nodes[id];
                    if (_varies[id] && node.Op == IrOp.Load)
                    {
                        values[k][id] = LoadOne(id, PositionOf(k, (int)node.Immediate));
                    }
                }
            }

            var combined = new string[places.Length][];
            for (var k = 0; k < places.Length; k++)
            {
                for (var id = 0; id < _ir.Nodes.Length; id++)
                {
                    if (_varies[id] && _ir.Nodes[id].Op is not (IrOp.Store or IrOp.Load))
                    {
                        values[k][id] = Emit(id, values[k], axes[k], _ => "");
                    }
                }

                // Truth values are loaded as numbers: only now are the loads all under way.
                var writes = _ir.Nodes.Where(node => node.Op == IrOp.Store && node.Immediate < Program.FirstRowValue).ToArray();
                var condition = writes.Length == 0 || !_printer.IsShared ? isThere[k] : _writer.Emit("and.pred", IrType.Bool, $"{isThere[k]}, {_printer._isOwn}");
                foreach (var node in writes)
                {
                    Store((int)node.Immediate, PositionOf(k, (int)node.Immediate), values[k][node.A], $"@{condition} ");
                }

                combined[k] = [.. sources.Select(source => values[k][_ir.Nodes.First(node => node.Op == IrOp.Store && node.Immediate == Program.FirstCombined + source).A])];
            }

            return combined;

            string PositionOf(int k, int argument)
            {
                if (!positions[k].TryGetValue(argument, out var position))
                {
                    position = _printer.Position(argument, _printer._rowPositions[argument], axes[k], form.RowAxes, form.ElementAxes);
                    positions[k].Add(argument, position);
                }

                return position;
            }
        }

        private string Emit(int id, string[] values, string[] axes, Func<int, string> load)
        {
            var node = _ir.Nodes[id];
            return node.Op switch
            {
                IrOp.Load when node.Immediate >= Program.FirstRowValue => _printer._rowValues[node.Immediate - Program.FirstRowValue],
                IrOp.Load => load(id),
                IrOp.Index => IndexOf((int)node.Immediate, axes),
                IrOp.Scalar => Number((int)node.Immediate, node.Type),
                _ => _primitives.Emit(node, Value(node.A), Value(node.B), Value(node.C)),
            };

            string Value(int operand) => operand < 0 ? "" : values[operand];
        }

        /// <summary>Any byte but 0 is true.</summary>
        private string LoadOne(int id, string position)
        {
            var argument = (int)_ir.Nodes[id].Immediate;
            var dtype = Program.Arguments[argument].DType;
            var value = _writer.Emit($"ld.global.nc.{PtxMemory.ElementType(dtype)}", PtxMemory.WordType(dtype), $"[{_printer.AddressOf(argument, position)}]");
            if (dtype != DType.Bool)
            {
                return value;
            }

            var isTrue = _writer.New(IrType.Bool);
            _writer.Emit($"setp.ne.s32 {isTrue}, {value}, 0");
            return isTrue;
        }

        private void Store(int argument, string position, string value, string guard)
        {
            var dtype = Program.Arguments[argument].DType;
            var address = _printer.AddressOf(argument, position);
            var stored = dtype == DType.Bool ? _writer.Emit("selp.u32", IrType.Int32, $"1, 0, {value}") : value;
            if (stored[0] != '%')
            {
                stored = _writer.Emit(PtxMemory.WordType(dtype) switch { IrType.Int32 => "mov.b32", IrType.Int64 => "mov.b64", IrType.Float32 => "mov.f32", _ => "mov.f64" }, PtxMemory.WordType(dtype), stored);
            }

            _writer.Emit($"{guard}st.global.{PtxMemory.ElementType(dtype)} [{address}], {stored}");
        }

        private string IndexOf(int argument, string[] axes)
        {
            var index = _writer.Emit("ld.param.s64", IrType.Int64, $"[o{argument}]");
            for (var axis = 0; axis < (Program.IsPerRow(argument) ? _printer._form.RowAxes : _printer._form.Axes); axis++)
            {
                index = _writer.Emit("mad.lo.s64", IrType.Int64, $"{_printer.Long(axes[axis])}, {_writer.Emit("ld.param.s64", IrType.Int64, $"[s{argument}_{axis}]")}, {index}");
            }

            return index;
        }

        /// <summary>A number, from the low bytes of its parameter.</summary>
        private string Number(int argument, IrType type)
        {
            if (type != IrType.Bool)
            {
                return _writer.Emit($"ld.param.{(type.IsFloat() ? "f" : "b")}{type.Size() * 8}", type, $"[c{argument}]");
            }

            var isTrue = _writer.New(IrType.Bool);
            _writer.Emit($"setp.ne.s32 {isTrue}, {_writer.Emit("ld.param.u8", IrType.Int32, $"[c{argument}]")}, 0");
            return isTrue;
        }
    }
}
