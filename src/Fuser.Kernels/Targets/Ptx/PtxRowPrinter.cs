using System.Collections.Immutable;
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
    private readonly RowProgram _program;
    private readonly RowPass _pass;
    private readonly PtxRowWalk _walk;
    private readonly PtxTiles _tiles;
    private string _scratch = "";
    private string _row = "";
    private string _part = "";
    private string _begin = "";
    private string _end = "";
    private string _stop = "";

    private PtxRowPrinter(RowProgram program, RowPass pass)
    {
        (_program, _pass) = (program, pass);
        _walk = new PtxRowWalk(program);
        _tiles = new PtxTiles(_walk, program.WidthOf(pass));
    }

    public static RowCode Print(RowProgram program, RowPass pass)
    {
        var printer = new PtxRowPrinter(program, pass);
        return new RowCode(program, pass, printer.Text());
    }

    private IEnumerable<RowStage> Combining => _pass.Stages.Append(_pass.Combines).Where(stage => stage >= 0).Select(stage => _program.Stages[stage]).Where(stage => !stage.Reductions.IsEmpty);

    private string Text()
    {
        PrintAll();
        var text = new StringBuilder(".version 6.0\n.target sm_60\n.address_size 64\n\n");
        text.Append(PtxTables.For([.. _pass.Stages.Select(stage => _program.Stages[stage].Ir).OfType<KernelIr>()]));
        text.Append($".visible .entry {_pass.Entry}(\n");
        text.AppendJoin(",\n", _program.Parameters.All.Select(parameter => $"    .param .b{parameter.Bytes * 8} {parameter.Name}"));
        text.Append($")\n.maxntid {_program.Form.GroupSize}, 1, 1\n{{\n").Append(_walk.Writer).Append("}\n");
        return text.ToString();
    }

    private void PrintAll()
    {
        foreach (var i in _walk.Buffers)
        {
            var offset = _walk.Writer.Emit("ld.param.s64", IrType.Int64, $"[o{i}]");
            _walk.Bases[i] = _walk.Writer.Emit("mad.lo.s64", IrType.Int64, $"{offset}, {_program.Arguments[i].DType.ItemSize()}, {_walk.Pointer($"a{i}")}");
        }

        _walk.Fault = _program.Parameters.HasFault ? _walk.Pointer("fault") : null;
        _scratch = _program.Form.IsSplit ? _walk.Pointer("scratch") : "";
        if (Combining.Any())
        {
            _tiles.DeclareMemory(Combining.Max(stage => stage.Reductions.Length));
        }

        var units = _pass.IsOverChunks ? _walk.Index("mul.lo", _walk.Parameter("rows"), _walk.Parameter("chunks")) : _walk.Parameter("rows");
        _walk.ForUnits(units, PrintRow);
        _walk.Writer.Emit("ret");
    }

    private void PrintRow(string unit)
    {
        (_row, _part, _begin, _end) = (unit, "", "0", _walk.Parameter("n"));
        if (_pass.IsOverChunks)
        {
            // Neighbouring units are neighbouring rows, which lie together where each has a lane for itself.
            var rows = _walk.Parameter("rows");
            (_row, _part) = (_walk.Writer.Emit($"rem.{_walk.Unsigned}", _walk.IndexType, $"{unit}, {rows}"), _walk.Writer.Emit($"div.{_walk.Unsigned}", _walk.IndexType, $"{unit}, {rows}"));
            var chunk = _walk.Parameter("chunk");
            _begin = _walk.Index("mul.lo", _part, chunk);
            _stop = _walk.Index("add", _begin, chunk);
            _end = _walk.Index("min", _stop, _end);
        }

        _stop = _pass.IsOverChunks && _program.Form.HasChunksInStep ? _stop : _end;

        _walk.PrintAxes(_walk.Axes, _row, 0, _program.Form.RowAxes);
        foreach (var i in _walk.Buffers)
        {
            _walk.RowPositions[i] = _walk.Position(i, "", _walk.Axes, 0, _program.Form.RowAxes);
        }

        foreach (var i in _pass.Reads)
        {
            PtxCombining.Move(_walk.Writer, _program.RowValues[i], _walk.RowValues[i], PtxCombining.Load(_walk.Writer, "global", _program.RowValues[i], RowWord(i)));
        }

        if (_pass.Combines >= 0)
        {
            PrintCombination(_program.Stages[_pass.Combines]);
        }

        foreach (var stage in _pass.Stages)
        {
            if (_program.Stages[stage].Kind == StageKind.PerRow)
            {
                new PtxRowStage(_walk, _program.Stages[stage].Ir!).PrintPerRow();
            }
            else
            {
                PrintSweep(_program.Stages[stage]);
            }
        }

        if (!_pass.Writes.IsEmpty)
        {
            _walk.PrintAlone(() =>
            {
                foreach (var i in _pass.Writes)
                {
                    PtxCombining.Store(_walk.Writer, "global", _program.RowValues[i], RowWord(i), _walk.RowValues[i]);
                }
            });
        }
    }

    private void PrintSweep(RowStage stage)
    {
        var body = new PtxRowStage(_walk, stage.Ir!);
        body.PrintUniform();
        var combining = Of(stage.Reductions, reduction => reduction.Type);
        var results = _tiles.Print(combining, (_begin, _end, _stop), (places, isThere) => body.PrintElements(places, isThere, stage.Sources));
        if (!_pass.IsOverChunks)
        {
            PrintResults(stage, results);
        }
        else if (results.Length > 0)
        {
            _walk.PrintAlone(() =>
            {
                for (var i = 0; i < results.Length; i++)
                {
                    PtxCombining.Store(_walk.Writer, "global", combining[i].Result, Partial(i, _part), results[i]);
                }
            });
        }
    }

    /// <summary>Makes what the chunks of a row came to one value.</summary>
    private void PrintCombination(RowStage stage)
    {
        var combining = Of(stage.Reductions, reduction => Reduction.ResultOf(reduction.Kind, reduction.Type));
        var chunks = _walk.Parameter("chunks");
        PrintResults(stage, _tiles.Print(combining, ("0", chunks, chunks), (places, _) =>
            [.. places.Select(place => combining.Select((one, i) => PtxCombining.Load(_walk.Writer, "global", one.Result, Partial(i, place))).ToArray())]));
    }

    private void PrintResults(RowStage stage, string[] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            var row = stage.Reductions[i].RowValue;
            PtxCombining.Move(_walk.Writer, _program.RowValues[row], _walk.RowValues[row], results[i]);
        }
    }

    private ImmutableArray<PtxCombining> Of(ImmutableArray<Reduction> reductions, Func<Reduction, IrType> typeOf) =>
        [.. reductions.Select(reduction => new PtxCombining(_walk.Writer, _walk.Primitives(_program.Stages.First(stage => stage.Ir is not null).Ir!), reduction.Kind, typeOf(reduction)))];

    private PtxPrimitives Primitives(KernelIr ir) => new(_walk.Writer, ir, _walk.Fault);

    private string RowWord(int value) => Word($"{value}", _row);

    /// <summary>Row values come first, then per reduction and row what each chunk came to.</summary>
    private string Partial(int reduction, string chunk)
    {
        var chunks = _walk.Long(_walk.Parameter("chunks"));
        var before = reduction == 0 ? $"{_program.RowValues.Length}" : _walk.Writer.Emit("mad.lo.s64", IrType.Int64, $"{chunks}, {reduction}, {_program.RowValues.Length}");
        return Word(before, _walk.Writer.Emit("mad.lo.s64", IrType.Int64, $"{_walk.Long(_row)}, {chunks}, {_walk.Long(chunk)}"), isLong: true);
    }

    private string Word(string rowsBefore, string position, bool isLong = false)
    {
        var word = _walk.Writer.Emit("mad.lo.s64", IrType.Int64, $"{_walk.Long(_walk.Parameter("rows"))}, {rowsBefore}, {(isLong ? position : _walk.Long(position))}");
        return _walk.Writer.Emit("mad.lo.s64", IrType.Int64, $"{word}, {sizeof(long)}, {_scratch}");
    }
}
