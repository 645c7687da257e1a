using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>
/// A product in tiles, for GPUs. Eight neighbouring work items have the same sums, and each adds one of their eight chains, in registers: so a number that is read from the memory
/// of the group is used as often as a tile of that size allows, and the order of the chains costs nothing. A block of terms passes through that memory in slabs; behind a block
/// the eight exchange what their chains came to, and each adds up its share of the sums.
/// </summary>
internal sealed class ProductTile
{
    public const int GroupSize = 256;

    private const int Chains = Contraction.Chains;
    private const int BlockLength = Contraction.BlockLength;

    /// <summary>Terms of a slab.</summary>
    private const int Slab = 32;

    /// <summary>Teams of eight work items that a group has.</summary>
    private const int Teams = GroupSize / Chains;

    /// <summary>From one of the values that are exchanged to the next of the same work item: with one more, no two work items meet in a bank of the memory.</summary>
    private const int ExchangePitch = GroupSize + 1;

    /// <summary>Bytes of the chains that a work item exchanges at once.</summary>
    private const int ExchangeBytes = 64;

    /// <summary>With fewer rows or columns most of a tile would be idle.</summary>
    private const long Fewest = 16;

    private readonly ProductProgram _product;
    private readonly bool _leftByTerms;
    private readonly bool _rightByTerms;
    private readonly int _side;
    private readonly int _teamColumns;
    private readonly int _wide;
    private readonly int _rowTiles;
    private readonly int _columnTiles;
    private readonly int _tiles;

    public ProductTile(ProductProgram product)
    {
        _product = product;
        var shape = product.Shape;
        (_side, _wide) = (product.Type.Size() == 4 ? 8 : 4, LaunchForm.AccessBytes / product.Type.Size());
        _teamColumns = shape.RowCount <= Teams ? 8 : 4;
        (Rows, Columns) = (Teams / _teamColumns * _side, _teamColumns * _side);
        (_leftByTerms, _rightByTerms) = (product.IsLeftByTerms, product.IsRightByTerms);
        var (rowTiles, columnTiles) = ((shape.RowCount + Rows - 1) / Rows, (shape.ColumnCount + Columns - 1) / Columns);
        Count = shape.BatchCount * rowTiles * columnTiles;
        (_rowTiles, _columnTiles, _tiles) = (product.Settings.Add(rowTiles), product.Settings.Add(columnTiles), product.Settings.Add(Count));
    }

    /// <summary>Whether tiles pay.</summary>
    public static bool Fits(ProductShape shape) => shape.RowCount >= Fewest && shape.ColumnCount >= Fewest;

    /// <summary>Rows of a tile.</summary>
    public int Rows { get; }

    /// <summary>Columns of a tile.</summary>
    public int Columns { get; }

    /// <summary>How many tiles there are.</summary>
    public long Count { get; }

    public int SumsPerItem => _side * _side;

    public string Form => $"tiles {Rows}x{Columns} {(_leftByTerms ? 't' : 'r')}{(_rightByTerms ? 't' : 'c')}";

    private IrType Type => _product.Type;

    /// <summary>Sums that a work item exchanges at once.</summary>
    private int Exchanged => ExchangeBytes / Type.Size();

    private int LeftPitch => Rows + _wide;

    private int RightPitch => Columns + _wide;

    public void Write(KernelWriter w)
    {
        var memory = w.Share(Type, Math.Max(Slab * (LeftPitch + RightPitch), Exchanged * ExchangePitch));
        var offsets = new Offsets(w.Share(w.PositionType, Rows), w.Share(w.PositionType, Columns), w.Share(w.PositionType, BlockLength), w.Share(w.PositionType, BlockLength));
        var lane = w.Lane();
        var (chain, team) = (w.Rest(lane, w.Position(Chains)), w.Over(lane, w.Position(Chains)));
        var teamRow = w.Times(w.Over(team, w.Position(_teamColumns)), w.Position(_side));
        var teamColumn = w.Times(w.Rest(team, w.Position(_teamColumns)), w.Position(_side));
        w.ForGroups(w.Setting(_tiles), tile =>
        {
            var rest = w.Over(tile, w.Setting(_columnTiles));
            var firstRow = w.Times(w.Rest(rest, w.Setting(_rowTiles)), w.Position(Rows));
            var firstColumn = w.Times(w.Rest(tile, w.Setting(_columnTiles)), w.Position(Columns));
            var batch = _product.Batch.Positions(w, w.Over(rest, w.Setting(_rowTiles)));
            w.Barrier();
            WriteOffsets(w, offsets.Rows, Rows, lane, firstRow, _product.RowCount, _product.Rows, batch[0]);
            WriteOffsets(w, offsets.Columns, Columns, lane, firstColumn, _product.ColumnCount, _product.Columns, batch[1]);
            var totals = Enumerable.Range(0, SumsPerItem / Chains).Select(_ => w.Variable(_product.Nothing(w))).ToArray();
            w.For(w.Position(0), w.Setting(_product.Depth), w.Position(BlockLength), block =>
                WriteBlock(w, memory, offsets, new Place(lane, chain, team, teamRow, teamColumn), block, totals));
            WriteResults(w, w.Plus(firstRow, teamRow), w.Plus(firstColumn, teamColumn), chain, batch[2], totals);
        });
    }

    /// <summary>Beyond the last row or column that one is read again.</summary>
    private static void WriteOffsets(KernelWriter w, SharedArray offsets, int count, CodeValue lane, CodeValue first, int size, RoutineAxes axes, CodeValue batch) =>
        w.If(w.IsLess(lane, w.Position(count)), () =>
        {
            var index = w.Least(w.Plus(first, lane), w.Minus(w.Setting(size), w.Position(1)));
            w.StoreShared(offsets, lane, 0, w.Plus(batch, axes.Positions(w, index)[0]));
        });

    private void WriteBlock(KernelWriter w, SharedArray memory, Offsets offsets, Place place, CodeValue block, CodeValue[] totals)
    {
        var depth = w.Setting(_product.Depth);
        var terms = _product.Summed.Positions(w, w.Least(w.Plus(block, place.Lane), w.Minus(depth, w.Position(1))));
        w.StoreShared(offsets.LeftTerms, place.Lane, 0, terms[0]);
        w.StoreShared(offsets.RightTerms, place.Lane, 0, terms[1]);

        // A chain without terms is left out of the sum of its block.
        var start = w.Select(w.IsLess(w.Plus(block, place.Chain), depth), w.Zero(Type), w.NoSum(Type));
        var chains = Enumerable.Range(0, SumsPerItem).Select(_ => w.Variable(start)).ToArray();
        w.For(block, w.Least(w.Plus(block, w.Position(BlockLength)), depth), w.Position(Slab), slab =>
        {
            w.Barrier();
            var isLast = w.Minus(depth, slab);
            var within = w.Minus(slab, block);

            // Terms beyond the last are -0 times 0, which changes no sum.
            WriteSlab(w, memory, 0, LeftPitch, Rows, _leftByTerms, (0, offsets.Rows, offsets.LeftTerms), place.Lane, within, isLast, w.NoSum(Type));
            WriteSlab(w, memory, Slab * LeftPitch, RightPitch, Columns, _rightByTerms, (1, offsets.Columns, offsets.RightTerms), place.Lane, within, isLast, w.Zero(Type));
            w.Barrier();
            var left = w.PlusTimes(place.TeamRow, place.Chain, w.Position(LeftPitch));
            var right = w.PlusTimes(place.TeamColumn, place.Chain, w.Position(RightPitch));
            for (var term = 0; term < Slab; term += Chains)
            {
                var rows = WriteLoads(w, memory, left, term * LeftPitch);
                var columns = WriteLoads(w, memory, right, (Slab * LeftPitch) + (term * RightPitch));
                for (var sum = 0; sum < chains.Length; sum++)
                {
                    w.Set(chains[sum], w.MultiplyAdd(rows[sum / _side], columns[sum % _side], chains[sum]));
                }
            }
        });
        WriteExchange(w, memory, place, chains, totals);
    }

    private CodeValue[] WriteLoads(KernelWriter w, SharedArray memory, CodeValue position, int further) =>
        [.. Enumerable.Range(0, _side / _wide).SelectMany(i => w.LoadSharedWide(memory, position, further + (i * _wide)))];

    /// <summary>Copies a slab of an operand into the group's memory, where the terms lie one behind the other and the rows or columns of each together.</summary>
    private static void WriteSlab(
        KernelWriter w, SharedArray memory, int start, int pitch, int lines, bool byTerms, (int Operand, SharedArray Lines, SharedArray Terms) source, CodeValue lane, CodeValue within, CodeValue left, CodeValue beyond)
    {
        var along = byTerms ? Slab : lines;
        var (fast, slow) = (w.Rest(lane, w.Position(along)), w.Over(lane, w.Position(along)));
        for (var step = 0; step < Slab * lines / GroupSize; step++)
        {
            var other = w.Plus(slow, w.Position((long)step * (GroupSize / along)));
            var (term, line) = byTerms ? (fast, other) : (other, fast);
            var position = w.Plus(w.LoadShared(source.Lines, line), w.LoadShared(source.Terms, w.Plus(within, term)));
            var value = w.Select(w.IsLess(term, left), w.Load(source.Operand, position), beyond);
            w.StoreShared(memory, w.PlusTimes(line, term, w.Position(pitch)), start, value);
        }
    }

    /// <summary>Each of eight work items takes every eighth of their sums, and adds what all eight chains of it came to.</summary>
    private void WriteExchange(KernelWriter w, SharedArray memory, Place place, CodeValue[] chains, CodeValue[] totals)
    {
        for (var first = 0; first < chains.Length; first += Exchanged)
        {
            w.Barrier();
            for (var i = 0; i < Exchanged; i++)
            {
                w.StoreShared(memory, place.Lane, i * ExchangePitch, chains[first + i]);
            }

            w.Barrier();
            for (var share = 0; share < Exchanged; share += Chains)
            {
                var from = w.PlusTimes(w.Times(place.Team, w.Position(Chains)), place.Chain, w.Position(ExchangePitch));
                var sum = w.LoadShared(memory, from, share * ExchangePitch);
                for (var chain = 1; chain < Chains; chain++)
                {
                    sum = w.Add(sum, w.LoadShared(memory, from, (share * ExchangePitch) + chain));
                }

                ref var total = ref totals[(first + share) / Chains];
                w.Set(total, w.Add(total, sum));
            }
        }
    }

    private void WriteResults(KernelWriter w, CodeValue firstRow, CodeValue firstColumn, CodeValue chain, CodeValue batch, CodeValue[] totals)
    {
        var row = w.Plus(firstRow, w.Over(chain, w.Position(_side)));
        var column = w.Plus(firstColumn, w.Rest(chain, w.Position(_side)));
        w.If(w.IsLess(column, w.Setting(_product.ColumnCount)), () =>
        {
            var inColumn = w.Plus(batch, _product.Columns.Positions(w, column)[1]);
            for (var i = 0; i < totals.Length; i++)
            {
                var own = w.Plus(row, w.Position(i * Chains / _side));
                w.If(w.IsLess(own, w.Setting(_product.RowCount)), () => w.Store(2, w.Plus(inColumn, _product.Rows.Positions(w, own)[1]), totals[i]));
            }
        });
    }

    /// <summary>Where rows, columns and the terms of a block are in the operands.</summary>
    private readonly record struct Offsets(SharedArray Rows, SharedArray Columns, SharedArray LeftTerms, SharedArray RightTerms);

    /// <summary>A work item among those of its group.</summary>
    /// <param name="Chain">The chain it adds.</param>
    /// <param name="Team">Its eight.</param>
    /// <param name="TeamRow">The first row of the tile that is theirs.</param>
    /// <param name="TeamColumn">The first column.</param>
    private readonly record struct Place(CodeValue Lane, CodeValue Chain, CodeValue Team, CodeValue TeamRow, CodeValue TeamColumn);
}
