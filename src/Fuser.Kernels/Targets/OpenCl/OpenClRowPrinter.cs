using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>
/// Prints a pass of a kernel with reductions. The lanes of a row take its elements in turn, so that neighbours read neighbours; what is to be combined goes through memory they
/// share, from which each takes a block that lies together. What the blocks come to is put together eight by eight, which makes a tile one value; tiles are counted in base 2, slot by
/// slot: all of it is the fixed tree. A lane that has a row for itself does the same without the others.
/// </summary>
internal sealed class OpenClRowPrinter
{
    private readonly OpenClRowText _lines;
    private readonly OpenClTiles _tiles;
    private readonly RowProgram _program;
    private readonly RowPass _pass;

    private OpenClRowPrinter(RowProgram program, RowPass pass)
    {
        (_program, _pass) = (program, pass);
        _lines = new OpenClRowText(program);
        _tiles = new OpenClTiles(_lines, program.WidthOf(pass));
    }

    public static RowCode Print(RowProgram program, RowPass pass)
    {
        var printer = new OpenClRowPrinter(program, pass);
        printer.PrintAll();
        return new RowCode(program, pass, printer._lines.ToString());
    }

    private IEnumerable<int> Buffers => Enumerable.Range(0, _program.Arguments.Length).Where(i => KernelParameters.IsBuffer(_program.Arguments[i]));

    /// <summary>Sweeps of this pass that combine something, and the one whose chunks are combined.</summary>
    private IEnumerable<RowStage> Combining => _pass.Stages.Append(_pass.Combines).Where(stage => stage >= 0).Select(stage => _program.Stages[stage]).Where(stage => !stage.Reductions.IsEmpty);

    private void PrintAll()
    {
        _lines.Raw("#pragma OPENCL FP_CONTRACT OFF\n");
        if (_program.UsesDoubles)
        {
            _lines.Raw("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
        }

        _lines.Raw(OpenClHelpers.For([.. _pass.Stages.Select(stage => _program.Stages[stage].Ir).OfType<KernelIr>()]));
        foreach (var definition in Combining.SelectMany(stage => stage.Reductions).Select(reduction => new OpenClCombining(reduction.Kind, reduction.Type).Definition).Distinct())
        {
            _lines.Raw(definition);
        }

        _lines.Raw($"__kernel __attribute__((reqd_work_group_size({_program.Form.GroupSize}, 1, 1)))\nvoid {_pass.Entry}({string.Join(", ", _program.Parameters.All.Select(Declaration))})\n{{\n");
        foreach (var i in Buffers)
        {
            _lines.Line($"a{i} += o{i};");
        }

        if (Combining.Any())
        {
            _tiles.DeclareMemory(Combining.Max(stage => stage.Reductions.Length));
        }

        _lines.Line($"const {_lines.IndexType} units = {(_pass.IsOverChunks ? "rows * chunks" : "rows")};");
        if (_lines.IsShared)
        {
            _lines.Line($"const int lane = (int)get_local_id(0) % {_program.Form.Lanes}, team = (int)get_local_id(0) / {_program.Form.Lanes};");
            _lines.Open($"for ({_lines.IndexType} first = ({_lines.IndexType})get_group_id(0) * {_program.Form.Teams}; first < units; first += ({_lines.IndexType})get_num_groups(0) * {_program.Form.Teams}) {{");

            // All work items of a group meet at every barrier: those beyond the last row do that one again, and write nothing.
            _lines.Line($"const {_lines.IndexType} unit = min(first + team, units - 1);");
            _lines.Line("const bool isOwn = first + team < units;");
        }
        else
        {
            _lines.Open($"for ({_lines.IndexType} unit = ({_lines.IndexType})get_global_id(0); unit < units; unit += ({_lines.IndexType})get_global_size(0)) {{");
        }

        PrintRow();
        _lines.Close();
        _lines.Raw("}\n");
    }

    private string Declaration(KernelParameter parameter) => parameter.Kind switch
    {
        ParameterKind.Buffer when _program.Arguments[parameter.Argument].Kind == ArgumentKind.Input => $"__global const {OpenClTypes.Storage(_program.Arguments[parameter.Argument].DType)}* restrict {parameter.Name}",
        ParameterKind.Buffer => $"__global {OpenClTypes.Storage(_program.Arguments[parameter.Argument].DType)}* restrict {parameter.Name}",
        ParameterKind.Fault => "__global int* fault",
        ParameterKind.Scratch => "__global long* restrict scratch",
        _ => $"const {(parameter.Bytes == 8 ? "long" : "int")} {parameter.Name}",
    };

    private void PrintRow()
    {
        if (_pass.IsOverChunks)
        {
            // Neighbouring units are neighbouring rows, which lie together where each has a lane for itself.
            _lines.Line($"const {_lines.IndexType} row = unit % rows, part = unit / rows;");
            _lines.Line($"const {_lines.IndexType} begin = part * chunk, end = min(begin + chunk, n), stop = {(_program.Form.HasChunksInStep ? "begin + chunk" : "end")};");
        }
        else
        {
            _lines.Line($"const {_lines.IndexType} row = unit, begin = 0, end = n, stop = n;");
        }

        _lines.PrintAxes("row", 0, _program.Form.RowAxes);
        foreach (var i in Buffers)
        {
            _lines.Line($"const {_lines.IndexType} q{i} = {string.Join(" + ", Enumerable.Range(0, _program.Form.RowAxes).Select(axis => $"x{axis} * s{i}_{axis}"))};");
        }

        for (var i = 0; i < _program.RowValues.Length; i++)
        {
            _lines.Line($"{OpenClTypes.Value(_program.RowValues[i])} r{i};");
        }

        foreach (var i in _pass.Reads)
        {
            _lines.Line($"r{i} = {FromWord(_program.RowValues[i], $"scratch[{i}l * rows + row]")};");
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
            _lines.PrintAlone(() =>
            {
                foreach (var i in _pass.Writes)
                {
                    _lines.Line($"scratch[{i}l * rows + row] = {ToWord(_program.RowValues[i], $"r{i}")};");
                }
            });
        }
    }

    private void PrintPerRow(KernelIr ir)
    {
        var body = new OpenClRowStage(_lines, ir);
        _lines.Open("{");
        body.Print(varying: false);
        body.PrintRowStores();
        _lines.Close();
    }

    private void PrintSweep(RowStage stage)
    {
        var body = new OpenClRowStage(_lines, stage.Ir!);
        _lines.Open("{");
        body.Print(varying: false);
        if (stage.Reductions.IsEmpty)
        {
            var (isRest, width) = (_pass.IsOverChunks && _program.Form.HasChunksInStep, _program.Width);
            var first = !_lines.IsShared ? "begin" : width == 1 ? "begin + lane" : $"begin + lane * {width}";
            _lines.Open($"for ({_lines.IndexType} {(isRest ? "at" : "e")} = {first}; {(isRest ? "at < stop; at" : "e < end; e")} += {_program.Form.Lanes * width}) {{");
            if (isRest)
            {
                _lines.Line($"const {_lines.IndexType} e = min(at, end - {width});");
                _lines.Line("const bool isThere = at < end;");
            }

            body.PrintElements([], isRest);
            _lines.Close();
        }
        else
        {
            ImmutableArray<OpenClCombining> combining = [.. stage.Reductions.Select(reduction => new OpenClCombining(reduction.Kind, reduction.Type))];
            _tiles.Print(combining, ("begin", "end", "stop"), isRest => body.PrintElements(stage.Sources, isRest));
            if (_pass.IsOverChunks)
            {
                _lines.PrintAlone(() =>
                {
                    for (var i = 0; i < combining.Length; i++)
                    {
                        _lines.Line($"scratch[{Partial(i, "part")}] = {ToWord(combining[i].Result, $"f{i}")};");
                    }
                });
            }
            else
            {
                PrintResults(stage);
            }
        }

        _lines.Close();
    }

    /// <summary>Makes what the chunks of a row came to one value.</summary>
    private void PrintCombination(RowStage stage)
    {
        _lines.Open("{");
        ImmutableArray<OpenClCombining> combining = [.. stage.Reductions.Select(reduction => new OpenClCombining(reduction.Kind, Reduction.ResultOf(reduction.Kind, reduction.Type)))];
        _tiles.Print(combining, ("0", "chunks", "chunks"), isRest =>
        {
            for (var i = 0; i < combining.Length; i++)
            {
                _lines.Line($"const {combining[i].ResultType} c{i} = {FromWord(combining[i].Result, $"scratch[{Partial(i, "e")}]")};");
            }
        });
        PrintResults(stage);
        _lines.Close();
    }

    private void PrintResults(RowStage stage)
    {
        for (var i = 0; i < stage.Reductions.Length; i++)
        {
            _lines.Line($"r{stage.Reductions[i].RowValue} = f{i};");
        }
    }

    private string Partial(int reduction, string chunk) => $"({_program.RowValues.Length}l + ({reduction}l * chunks)) * rows + (long)row * chunks + {chunk}";

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
}
