using System.Collections.Immutable;
using System.Numerics;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>
/// Prints the way from the elements of a row to one value, by the fixed tree: tiles of elements are made one value each, and counted in base 2, slot by slot.
/// </summary>
/// <param name="width">Elements behind each other that a lane takes at once, and combines before it shares anything.</param>
internal sealed class PtxTiles(PtxRowWalk walk, int width)
{
    private const int NarrowSlots = 32;
    private const int WideSlots = 64;
    private const int SlotBytes = sizeof(long);

    /// <summary>Values of a lane that go through shared memory.</summary>
    private int Shared => walk.Program.Block / width;

    private int LaneStep => walk.Program.LaneStep(width);

    /// <summary>Memory for a number of reductions at a time.</summary>
    public void DeclareMemory(int reductions)
    {
        for (var i = 0; i < reductions; i++)
        {
            walk.Writer.Declare("local", $"slots{i}", (walk.Form.IsWide ? WideSlots : NarrowSlots) * SlotBytes);
            if (walk.IsShared)
            {
                walk.Writer.Declare("shared", $"shared{i}", (long)walk.Form.GroupSize * LaneStep * walk.Program.SharedBytes(i, width));
                walk.Writer.Declare("shared", $"joined{i}", (walk.Form.GroupSize + (walk.Form.GroupSize / RowProgram.Joined)) * SlotBytes);
            }
        }
    }

    /// <summary>Goes over elements tile by tile; gives what each reduction comes to.</summary>
    /// <param name="range">The first element, the one behind the last, and where the loop ends.</param>
    /// <param name="printElements">Prints what the elements from some places on have to be combined, per element and reduction; told whether each place is there, for one that is not repeats the last.</param>
    public string[] Print(ImmutableArray<PtxCombining> combining, (string Begin, string End, string Stop) range, Func<string[], string[], string[][]> printElements)
    {
        string[] slots = [.. combining.Select((_, i) => walk.Address($"slots{i}"))];
        var last = walk.Index("add", range.End, $"-{width}");
        var tiles = walk.Writer.New(IrType.Int32);
        walk.Writer.Emit($"mov.b32 {tiles}, 0");
        walk.Loop(range.Begin, range.Stop, $"{walk.Program.Block * walk.Form.Lanes}", tile =>
        {
            var (places, isThere) = (new string[Shared], new string[Shared]);
            var first = !walk.IsShared ? tile : width == 1 ? walk.Index("add", tile, walk.Widened(walk.Lane))
                : walk.Writer.Emit($"mad.lo.{walk.Suffix}", walk.IndexType, $"{walk.Widened(walk.Lane)}, {width}, {tile}");
            for (var k = 0; k < Shared; k++)
            {
                var at = k == 0 ? first : walk.Index("add", first, $"{k * walk.Form.Lanes * width}");
                isThere[k] = walk.Holds("lt", at, range.End);
                places[k] = walk.Index("min", at, last);
            }

            var values = printElements(places, isThere);
            if (combining.IsEmpty)
            {
                return;
            }

            var blocks = new string[combining.Length][];
            for (var i = 0; i < blocks.Length; i++)
            {
                var one = combining[i];
                blocks[i] = width == 1 ? [.. values.Select((ofPlace, k) => one.OrIdentity(isThere[k], ofPlace[i]))]
                    : [.. values.Chunk(width).Select((atOnce, k) => one.OfResults.OrIdentity(isThere[k], one.Tree([.. atOnce.Select(ofElement => one.Widened(ofElement[i]))])))];
            }

            PrintCount(combining, Join(combining, blocks), slots, tiles);
        });

        return combining.IsEmpty ? [] : PrintEnd(combining, slots, tiles);
    }

    /// <summary>Makes the values of a tile one, the same for all lanes.</summary>
    private string[] Join(ImmutableArray<PtxCombining> combining, string[][] blocks)
    {
        if (!walk.IsShared)
        {
            return [.. combining.Select((one, i) => one.Tree([.. blocks[i].Select(one.Widened)]))];
        }

        var results = new string[combining.Length];
        for (var i = 0; i < results.Length; i++)
        {
            // The k-th value of the tile lies at k + k / block: with a gap behind every block.
            var size = System.Math.Max(Stored(combining[i]).Value.Size(), sizeof(int));
            var team = walk.Writer.Emit("mad.wide.s32", IrType.Int64, $"{walk.Team}, {walk.Form.Lanes * LaneStep * size}, {walk.Address($"shared{i}")}");
            var place = walk.Writer.Emit("add.s32", IrType.Int32, $"{walk.Lane}, {walk.Writer.Emit("shr.u32", IrType.Int32, $"{walk.Lane}, {BitOperations.Log2((uint)Shared)}")}");
            var own = walk.Writer.Emit("mad.wide.s32", IrType.Int64, $"{place}, {size}, {team}");
            for (var k = 0; k < Shared; k++)
            {
                PtxCombining.Store(walk.Writer, "shared", Stored(combining[i]).Value, $"{own}+{k * (walk.Form.Lanes + (walk.Form.Lanes / Shared)) * size}", blocks[i][k]);
            }
        }

        walk.Writer.Emit("bar.sync 0");
        var (from, to) = (new string[results.Length], new string[results.Length]);
        for (var i = 0; i < results.Length; i++)
        {
            var size = System.Math.Max(Stored(combining[i]).Value.Size(), sizeof(int));
            var team = walk.Writer.Emit("mad.wide.s32", IrType.Int64, $"{walk.Team}, {walk.Form.Lanes * LaneStep * size}, {walk.Address($"shared{i}")}");
            var block = walk.Writer.Emit("mad.wide.s32", IrType.Int64, $"{walk.Lane}, {LaneStep * size}, {team}");
            var one = combining[i];
            results[i] = one.Tree([.. Enumerable.Range(0, Shared).Select(k => Stored(one).Widened(PtxCombining.Load(walk.Writer, "shared", Stored(one).Value, $"{block}+{k * size}")))]);
            var joined = walk.Address($"joined{i}");
            from[i] = walk.Writer.Emit("mad.wide.s32", IrType.Int64, $"{walk.Team}, {walk.Form.Lanes * SlotBytes}, {joined}");
            to[i] = walk.Writer.Emit("mad.wide.s32", IrType.Int64, $"{walk.Team}, {walk.Form.Lanes / RowProgram.Joined * SlotBytes}, {walk.Writer.Emit("add.s64", IrType.Int64, $"{joined}, {walk.Form.GroupSize * SlotBytes}")}");
            PtxCombining.Store(walk.Writer, "shared", one.Result, OfLane(from[i], SlotBytes), results[i]);
        }

        walk.Writer.Emit("bar.sync 0");
        var count = walk.Form.Lanes;
        for (; count > RowProgram.Joined; count /= RowProgram.Joined)
        {
            var skip = walk.Writer.Label();
            var isIdle = walk.Writer.New(IrType.Bool);
            walk.Writer.Emit($"setp.ge.s32 {isIdle}, {walk.Lane}, {count / RowProgram.Joined}");
            walk.Writer.Emit($"@{isIdle} bra {skip}");
            for (var i = 0; i < results.Length; i++)
            {
                var eight = LoadAll(combining[i], OfLane(from[i], RowProgram.Joined * SlotBytes), RowProgram.Joined);
                PtxCombining.Store(walk.Writer, "shared", combining[i].Result, OfLane(to[i], SlotBytes), combining[i].Tree(eight));
            }

            walk.Writer.Place(skip);
            walk.Writer.Emit("bar.sync 0");
            (from, to) = (to, from);
        }

        return [.. combining.Select((one, i) => one.Tree(LoadAll(one, from[i], count)))];
    }

    /// <summary>What is combined of what lanes share: where several elements became one, results of them.</summary>
    private PtxCombining Stored(PtxCombining combining) => width == 1 ? combining : combining.OfResults;

    private string OfLane(string memory, int step) => walk.Writer.Emit("mad.wide.s32", IrType.Int64, $"{walk.Lane}, {step}, {memory}");

    private string[] LoadAll(PtxCombining combining, string address, int count) =>
        [.. Enumerable.Range(0, count).Select(k => PtxCombining.Load(walk.Writer, "shared", combining.Result, $"{address}+{k * SlotBytes}"))];

    /// <summary>One more tile: it is combined with what stands in slots that are full, from the lowest up, and takes the first that is free.</summary>
    private void PrintCount(ImmutableArray<PtxCombining> combining, string[] values, string[] slots, string tiles)
    {
        var (full, slot) = (walk.Writer.New(IrType.Int32), walk.Writer.New(IrType.Int64));
        string[] carried = [.. combining.Select(one => walk.Writer.New(one.Result))];
        walk.Writer.Emit($"mov.b32 {full}, {tiles}");
        walk.Writer.Emit($"mov.b64 {slot}, 0");
        for (var i = 0; i < values.Length; i++)
        {
            PtxCombining.Move(walk.Writer, combining[i].Result, carried[i], values[i]);
        }

        var (again, over) = (walk.Writer.Label(), walk.Writer.Label());
        walk.Writer.Place(again);
        BranchIfEven(full, over);
        for (var i = 0; i < values.Length; i++)
        {
            PtxCombining.Move(walk.Writer, combining[i].Result, carried[i], combining[i].Combine(InSlot(combining[i], slots[i], slot), carried[i]));
        }

        Advance(full, slot);
        walk.Writer.Emit($"bra {again}");
        walk.Writer.Place(over);
        for (var i = 0; i < values.Length; i++)
        {
            PtxCombining.Store(walk.Writer, "local", combining[i].Result, walk.Writer.Emit("add.s64", IrType.Int64, $"{slots[i]}, {slot}"), carried[i]);
        }

        walk.Writer.Emit($"add.s32 {tiles}, {tiles}, 1");
    }

    /// <summary>Puts together what stands in the slots that are full: each on the left of what came before.</summary>
    private string[] PrintEnd(ImmutableArray<PtxCombining> combining, string[] slots, string tiles)
    {
        var (rest, slot) = (walk.Writer.New(IrType.Int32), walk.Writer.New(IrType.Int64));
        string[] results = [.. combining.Select(one => walk.Writer.New(one.Result))];
        walk.Writer.Emit($"mov.b32 {rest}, {tiles}");
        walk.Writer.Emit($"mov.b64 {slot}, 0");
        var (search, next, found, over) = (walk.Writer.Label(), walk.Writer.Label(), walk.Writer.Label(), walk.Writer.Label());
        var skip = walk.Writer.Label();
        walk.Writer.Place(search);
        BranchIfEven(rest, skip);
        for (var i = 0; i < results.Length; i++)
        {
            PtxCombining.Move(walk.Writer, combining[i].Result, results[i], InSlot(combining[i], slots[i], slot));
        }

        walk.Writer.Emit($"bra {next}");
        walk.Writer.Place(skip);
        Advance(rest, slot);
        walk.Writer.Emit($"bra {search}");

        walk.Writer.Place(found);
        for (var i = 0; i < results.Length; i++)
        {
            PtxCombining.Move(walk.Writer, combining[i].Result, results[i], combining[i].Combine(InSlot(combining[i], slots[i], slot), results[i]));
        }

        walk.Writer.Place(next);
        Advance(rest, slot);
        var isDone = walk.Writer.New(IrType.Bool);
        walk.Writer.Emit($"setp.eq.s32 {isDone}, {rest}, 0");
        walk.Writer.Emit($"@{isDone} bra {over}");
        BranchIfEven(rest, next);
        walk.Writer.Emit($"bra {found}");
        walk.Writer.Place(over);
        return results;
    }

    private string InSlot(PtxCombining combining, string slots, string slot) =>
        PtxCombining.Load(walk.Writer, "local", combining.Result, walk.Writer.Emit("add.s64", IrType.Int64, $"{slots}, {slot}"));

    private void BranchIfEven(string number, string label)
    {
        var isEven = walk.Writer.New(IrType.Bool);
        walk.Writer.Emit($"setp.eq.s32 {isEven}, {walk.Writer.Emit("and.b32", IrType.Int32, $"{number}, 1")}, 0");
        walk.Writer.Emit($"@{isEven} bra {label}");
    }

    private void Advance(string bits, string slot)
    {
        walk.Writer.Emit($"shr.u32 {bits}, {bits}, 1");
        walk.Writer.Emit($"add.s64 {slot}, {slot}, {SlotBytes}");
    }
}
