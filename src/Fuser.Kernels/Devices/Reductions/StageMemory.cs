using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Reductions;

/// <summary>
/// Where the values between the stages of a kernel lie, cut from two blocks: what stages leave for each other, and what one thread needs for a stretch. Threads
/// that work on one row share the first and have the second each.
/// </summary>
internal readonly unsafe struct StageMemory
{
    private const int LargestItem = sizeof(long);

    private readonly byte* _shared;
    private readonly byte* _own;
    private readonly long _rowBytes;
    private readonly long _partialBytes;
    private readonly long _keptBytes;
    private readonly long _tileBytes;
    private readonly long _scratchBytes;
    private readonly long _partialsStart;
    private readonly long _keptStart;
    private readonly long _tilesStart;

    /// <param name="elements">Elements of a row times rows worked on together.</param>
    /// <param name="rows">Rows worked on together.</param>
    /// <param name="partials">Intermediate results of one reduction.</param>
    /// <param name="stretch">Elements of a tile.</param>
    /// <param name="scratch">Values a reduction needs room for beside its operands.</param>
    public StageMemory(StagedKernelIr ir, long elements, long rows, long partials, long stretch, long scratch)
    {
        var (reductions, keptItem) = (0, 0);
        foreach (var stage in ir.Stages)
        {
            reductions = Math.Max(reductions, stage.Reductions.Length);
        }

        foreach (var type in ir.Kept)
        {
            keptItem = Math.Max(keptItem, type.Size());
        }

        _rowBytes = MemorySizes.WholeLines(rows, LargestItem);
        _partialBytes = MemorySizes.WholeLines(partials, LargestItem);
        _keptBytes = MemorySizes.WholeLines(elements, keptItem);
        _tileBytes = MemorySizes.WholeLines(stretch, LargestItem);
        _scratchBytes = MemorySizes.WholeLines(scratch, LargestItem);
        _partialsStart = ir.RowValues.Length * _rowBytes;
        _keptStart = MemorySizes.Sum(_partialsStart, MemorySizes.WholeLines(reductions, _partialBytes));
        SharedBytes = MemorySizes.Sum(_keptStart, MemorySizes.WholeLines(ir.Kept.Length, _keptBytes));
        _tilesStart = _scratchBytes + (reductions * _tileBytes);
        OwnBytes = _tilesStart + (ir.Arguments.Length * _tileBytes);
    }

    private StageMemory(in StageMemory sizes, byte* shared, byte* own)
    {
        this = sizes;
        _shared = shared;
        _own = own;
    }

    /// <summary>Of what stages leave for each other.</summary>
    public long SharedBytes { get; }

    /// <summary>Of what one thread needs.</summary>
    public long OwnBytes { get; }

    /// <summary>Room for what a reduction has in between.</summary>
    public byte* Scratch => _own;

    public StageMemory At(byte* shared, byte* own) => new(this, shared, own);

    /// <summary>For another thread that works on the same rows.</summary>
    public StageMemory With(byte* own) => new(this, _shared, own);

    /// <summary>A value per row, the rows behind each other.</summary>
    public byte* Row(int index) => _shared + (index * _rowBytes);

    /// <summary>Intermediate results of a reduction of the present sweep.</summary>
    public byte* Partial(int reduction) => _shared + _partialsStart + (reduction * _partialBytes);

    /// <summary>A value per element.</summary>
    public byte* Kept(int index) => _shared + _keptStart + (index * _keptBytes);

    /// <summary>What only the reductions of the present sweep read.</summary>
    public byte* Combined(int index) => _own + _scratchBytes + (index * _tileBytes);

    /// <summary>Room for a stretch of an argument that does not lie as the kernel walks.</summary>
    public byte* Tile(int argument) => _own + _tilesStart + (argument * _tileBytes);
}
