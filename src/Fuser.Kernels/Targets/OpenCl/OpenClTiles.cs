using System.Collections.Immutable;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>
/// Prints the way from the elements of a row to one value, by the fixed tree: tiles of elements are made one value each, and counted in base 2, slot by slot.
/// </summary>
/// <param name="width">Elements behind each other that a lane takes at once, and combines before it shares anything.</param>
internal sealed class OpenClTiles(OpenClRowText text, int width)
{
    private const int NarrowSlots = 32;
    private const int WideSlots = 64;

    /// <summary>Values of a lane that go through the memory of its group.</summary>
    private int Shared => text.Program.Block / width;

    private int LaneStep => text.Program.LaneStep(width);

    /// <summary>Memory that lanes share, for a number of reductions at a time.</summary>
    public void DeclareMemory(int reductions)
    {
        for (var i = 0; text.IsShared && i < reductions; i++)
        {
            text.Line($"__local long shared{i}[{((text.Form.GroupSize * LaneStep * text.Program.SharedBytes(i, width)) + sizeof(long) - 1) / sizeof(long)}];");
            text.Line($"__local long joined{i}[{text.Form.GroupSize + (text.Form.GroupSize / RowProgram.Joined)}];");
        }
    }

    /// <summary>Goes over elements tile by tile; leaves the results in f0, f1, ...</summary>
    /// <param name="range">The first element, the one behind the last, and where the loop ends.</param>
    /// <param name="printElement">Prints what element e has to be combined, as c0, c1, ..., or what the elements from e on have, as c0_0, c0_1, ...; told whether the element may be one beyond the last, that is a repetition of it.</param>
    public void Print(ImmutableArray<OpenClCombining> combining, (string Begin, string End, string Stop) range, Action<bool> printElement)
    {
        var all = Enumerable.Range(0, combining.Length).ToArray();
        foreach (var i in all)
        {
            text.Line($"{combining[i].ResultType} s{i}[{(text.Form.IsWide ? WideSlots : NarrowSlots)}];");
            if (text.IsShared)
            {
                var type = OpenClCombining.MemoryType(Stored(combining[i]).Value);
                text.Line($"__local {type}* const t{i} = (__local {type}*)shared{i} + team * {text.Form.Lanes * LaneStep};");
                text.Line($"__local {OpenClCombining.MemoryType(combining[i].Result)}* const j{i} = (__local {OpenClCombining.MemoryType(combining[i].Result)}*)joined{i} + team * {text.Form.Lanes};");
                text.Line($"__local {OpenClCombining.MemoryType(combining[i].Result)}* const k{i} = (__local {OpenClCombining.MemoryType(combining[i].Result)}*)joined{i} + {text.Form.GroupSize} + team * {text.Form.Lanes / RowProgram.Joined};");
            }
        }

        text.Line($"{text.IndexType} tiles = 0;");
        text.Open($"for ({text.IndexType} tile = {range.Begin}; tile < {range.Stop}; tile += {text.Program.Block * text.Form.Lanes}) {{");
        if (!text.IsShared)
        {
            foreach (var i in all)
            {
                text.Line($"{OpenClCombining.MemoryType(combining[i].Value)} t{i}[{text.Program.Block}];");
            }
        }

        text.Open($"if ({range.End} - tile >= {text.Program.Block * text.Form.Lanes}) {{");
        PrintTile(isRest: false);
        text.Close();
        text.Open("else {");
        PrintTile(isRest: true);
        text.Close();
        PrintJoin(combining);
        text.Line($"{text.IndexType} full = tiles++;");
        text.Line("int slot = 0;");
        text.Open("for (; full & 1; full >>= 1, slot++) {");
        foreach (var i in all)
        {
            text.Line($"v{i} = {combining[i].Call($"s{i}[slot]", $"v{i}")};");
        }

        text.Close();
        foreach (var i in all)
        {
            text.Line($"s{i}[slot] = v{i};");
        }

        text.Close();
        text.Line("int slot = 0;");
        text.Line("while (!((tiles >> slot) & 1)) slot++;");
        foreach (var i in all)
        {
            text.Line($"{combining[i].ResultType} f{i} = s{i}[slot];");
        }

        text.Open("for (slot++; tiles >> slot; slot++) {");
        text.Open("if ((tiles >> slot) & 1) {");
        foreach (var i in all)
        {
            text.Line($"f{i} = {combining[i].Call($"s{i}[slot]", $"f{i}")};");
        }

        text.Close();
        text.Close();

        void PrintTile(bool isRest)
        {
            text.Open($"for (int j = 0; j < {Shared}; j++) {{");
            var element = !text.IsShared ? "tile + j" : width == 1 ? $"tile + j * {text.Form.Lanes} + lane" : $"tile + (j * {text.Form.Lanes} + lane) * {width}";
            if (isRest)
            {
                text.Line($"const {text.IndexType} at = {element}, e = min(at, {range.End} - {width});");
                text.Line($"const bool isThere = at < {range.End};");
            }
            else
            {
                text.Line($"const {text.IndexType} e = {element};");
            }

            printElement(isRest);
            if (text.IsShared)
            {
                text.Line($"const int place = j * {text.Form.Lanes} + lane;");
            }

            var at = text.IsShared ? $"place + place / {Shared}" : "j";
            foreach (var i in all)
            {
                var value = width == 1 ? $"c{i}" : Tree(combining[i], [.. Enumerable.Range(0, width).Select(k => $"({combining[i].ResultType})c{i}_{k}")]);
                text.Line($"t{i}[{at}] = {(isRest ? $"isThere ? {value} : {Stored(combining[i]).Identity}" : value)};");
            }

            text.Close();
        }
    }

    /// <summary>Makes the values of a tile one, in v0, v1, ... of every lane.</summary>
    private void PrintJoin(ImmutableArray<OpenClCombining> combining)
    {
        if (text.IsShared)
        {
            text.Line("barrier(CLK_LOCAL_MEM_FENCE);");
        }

        for (var i = 0; i < combining.Length; i++)
        {
            var source = text.IsShared ? $"t{i}[lane * {LaneStep} + " : $"t{i}[";
            text.Line($"{combining[i].ResultType} v{i} = {Tree(combining[i], [.. Enumerable.Range(0, Shared).Select(k => $"({combining[i].ResultType}){source}{k}]")])};");
        }

        if (!text.IsShared)
        {
            return;
        }

        for (var i = 0; i < combining.Length; i++)
        {
            text.Line($"j{i}[lane] = v{i};");
        }

        text.Line("barrier(CLK_LOCAL_MEM_FENCE);");
        var (from, to) = ("j", "k");
        var count = text.Form.Lanes;
        for (; count > RowProgram.Joined; count /= RowProgram.Joined)
        {
            text.Open($"if (lane < {count / RowProgram.Joined}) {{");
            for (var i = 0; i < combining.Length; i++)
            {
                var source = $"{from}{i}[lane * {RowProgram.Joined} + ";
                text.Line($"{to}{i}[lane] = {Tree(combining[i], [.. Enumerable.Range(0, RowProgram.Joined).Select(k => $"{source}{k}]")])};");
            }

            text.Close();
            text.Line("barrier(CLK_LOCAL_MEM_FENCE);");
            (from, to) = (to, from);
        }

        for (var i = 0; i < combining.Length; i++)
        {
            text.Line($"v{i} = {Tree(combining[i], [.. Enumerable.Range(0, count).Select(k => $"{from}{i}[{k}]")])};");
        }
    }

    /// <summary>What is combined of what lanes share: where several elements became one, results of them.</summary>
    private OpenClCombining Stored(OpenClCombining combining) => width == 1 ? combining : combining with { Value = combining.Result };

    /// <summary>A power of two of values.</summary>
    private static string Tree(OpenClCombining combining, ReadOnlySpan<string> values) => values.Length == 1 ? values[0]
        : combining.Call(Tree(combining, values[..(values.Length / 2)]), Tree(combining, values[(values.Length / 2)..]));
}
