using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Kernels.Devices;

/// <summary>Launches of elementwise groups.</summary>
internal sealed unsafe class KernelLaunch : GroupLaunch
{
    /// <summary>Elements of a tile: all tiles of a kernel together should stay in the first-level cache.</summary>
    private const long TileLength = 512;

    /// <summary>Rows whose tiles are filled at once where elements of neighbouring rows lie side by side: whole cache lines are read, once.</summary>
    private const long RowsTogether = 16;

    /// <summary>Elements of a long inner axis that are run at once.</summary>
    private const long StretchLength = 16_384;

    /// <summary>The same where threads share the work: the last one should not be waited for long.</summary>
    private const long SharedStretchLength = 2048;

    private const int MostArgumentsOnStack = 2048;

    private readonly LoopNest _loops;
    private readonly LaunchArgument[] _arguments;
    private readonly long[] _sizes;
    private readonly long _tilesBytes;
    private readonly long _walked;
    private readonly long _rows;
    private readonly bool _streams;
    private readonly DirectArgument[] _direct;

    /// <summary>Whether every argument moves on by as many bytes from row to row, and none goes through a tile or counts.</summary>
    private readonly bool _isRowAfterRow;

    /// <summary>Neighbouring rows: blocks of them do not cross the axis before the inner one.</summary>
    private readonly long _beside;
    private readonly long _rowsTogether;

    public KernelLaunch(Specialisation specialisation)
    {
        _loops = specialisation.Loops!;
        _arguments = LaunchArgument.Of(specialisation);
        _sizes = [.. _loops.Sizes];
        _streams = _arguments.Sum(argument => argument is { IsOutput: true, Passing: Passing.Direct } ? (double)_loops.ElementCount * argument.ItemSize : 0) >= StreamedResults.WorthwhileBytes;
        _walked = _loops.IsFlattened ? _loops.ElementCount : _loops.Inner;
        _rows = _loops.IsFlattened || _loops.ElementCount == 0 ? 1 : _loops.ElementCount / _loops.Inner;
        _direct =
        [
            .. Enumerable.Range(0, _arguments.Length).Where(i => _arguments[i].Passing == Passing.Direct && _sizes.Length == 2)
                .Select(i => new DirectArgument(i, _arguments[i].Source, _arguments[i].Offset, _arguments[i].Strides[0])),
        ];
        _isRowAfterRow = !_loops.IsFlattened && _sizes.Length == 2 && !Array.Exists(_arguments, argument => argument.Passing is Passing.Index or Passing.Tiled);
        _beside = _loops.IsFlattened || _sizes.Length < 2 ? 1 : _sizes[^2];
        _rowsTogether = Array.Exists(_arguments, LiesAcross) ? Math.Min(RowsTogether, _beside) : 1;
        foreach (var argument in _arguments.Where(argument => argument.Passing == Passing.Tiled))
        {
            _tilesBytes += TileLength * argument.ItemSize * (LiesAcross(argument) ? _rowsTogether : 1);
        }
    }

    /// <summary>Blocks of neighbouring rows.</summary>
    private long Blocks => _rowsTogether == 1 ? _rows : _rows / _beside * ((_beside + _rowsTogether - 1) / _rowsTogether);

    /// <summary>Whether the element beside one is that of the next row: the tiles of several rows are then filled together.</summary>
    private bool LiesAcross(LaunchArgument argument) =>
        argument is { Passing: Passing.Tiled, IsOutput: false } && !_loops.IsFlattened && _sizes.Length > 1 && _sizes[^2] > 1 && argument.Strides[^2] == argument.ItemSize;

    protected override void RunAll(CompiledKernel kernel, byte** buffers, long* numbers, long seed, int threads)
    {
        if (_loops.ElementCount == 0)
        {
            return;
        }

        var call = new Call((ElementwiseKernel)kernel, buffers, numbers, UnitLength(StretchLength));
        if (threads > 1 && (double)_loops.ElementCount * kernel.NodeCount > ParallelWork)
        {
            // Long arrays are cut into long stretches in any case; short ones into enough for every thread.
            var shared = Math.Clamp(_loops.ElementCount / (threads * 4L) / SharedStretchLength * SharedStretchLength, SharedStretchLength, StretchLength);
            call = new Call(call.Kernel, buffers, numbers, UnitLength(shared));
            if (Units(call.UnitLength) > 1)
            {
                new Range(this, call, seed).Run(Units(call.UnitLength), threads);
                return;
            }
        }

        RunUnits(call, &seed, 0, Units(call.UnitLength));
    }

    private long UnitLength(long stretch) => _tilesBytes > 0 || _loops.IsFlattened ? TileLength : stretch;

    private long UnitsPerRow(long unitLength) => (_walked + unitLength - 1) / unitLength;

    private long Units(long unitLength) => Blocks * UnitsPerRow(unitLength);

    private void RunUnits(in Call call, long* seed, long first, long end)
    {
        var count = _arguments.Length;
        if (count <= MostArgumentsOnStack)
        {
            var pointersOnStack = stackalloc void*[count];
            var rangesOnStack = stackalloc IndexRange[_loops.IsFlattened ? 0 : count];
            RunUnits(call, seed, first, end, pointersOnStack, rangesOnStack);
            return;
        }

        var memory = NativeMemory.Alloc((nuint)count, (nuint)(sizeof(void*) + sizeof(IndexRange)));
        try
        {
            RunUnits(call, seed, first, end, (void**)memory, (IndexRange*)((void**)memory + count));
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    private void RunUnits(in Call call, long* seed, long first, long end, void** pointers, IndexRange* ranges)
    {
        var count = _arguments.Length;
        var tiles = _tilesBytes > 0 ? ThreadScratch.Take(_tilesBytes) : null;
        for (var i = 0; i < count; i++)
        {
            switch (_arguments[i].Passing)
            {
                case Passing.Number: pointers[i] = call.Numbers + _arguments[i].Source; break;
                case Passing.Seed: pointers[i] = seed; break;
                case Passing.Index: pointers[i] = ranges + i; break;
                case Passing.Tiled:
                    pointers[i] = tiles;
                    tiles += TileLength * _arguments[i].ItemSize * (LiesAcross(_arguments[i]) ? _rowsTogether : 1);
                    break;
            }
        }

        if (_isRowAfterRow && UnitsPerRow(call.UnitLength) == 1)
        {
            RunRows(call, pointers, first, end);
        }
        else
        {
            for (var unit = first; unit < end; unit++)
            {
                RunUnit(call, pointers, ranges, unit);
            }
        }

        if (_streams)
        {
            StreamedResults.Publish();
        }
    }

    private void RunUnit(in Call call, void** pointers, IndexRange* ranges, long unit)
    {
        if (_loops.IsFlattened)
        {
            RunFlat(call, pointers, unit * call.UnitLength);
            return;
        }

        // Tiles filled along a long stride touch one cache line per element: going down the rows next uses those lines again.
        var unitsPerRow = UnitsPerRow(call.UnitLength);
        var (block, column) = _tilesBytes > 0 ? (unit % Blocks, unit / Blocks) : (unit / unitsPerRow, unit % unitsPerRow);
        RunBlock(call, pointers, ranges, block, column * call.UnitLength);
    }

    /// <summary>Whole rows: arguments are placed once and then moved on.</summary>
    private void RunRows(in Call call, void** pointers, long first, long end)
    {
        foreach (ref readonly var argument in _direct.AsSpan())
        {
            pointers[argument.Index] = call.Buffers[argument.Buffer] + argument.Offset + (first * argument.RowStride);
        }

        for (var row = first; row < end; row++)
        {
            Run(call, pointers, _walked);
            foreach (ref readonly var argument in _direct.AsSpan())
            {
                pointers[argument.Index] = (byte*)pointers[argument.Index] + argument.RowStride;
            }
        }
    }

    private void Run(in Call call, void** pointers, long length)
    {
        if (_streams)
        {
            call.Kernel.RunStreaming(pointers, (nint)length);
        }
        else
        {
            call.Kernel.Run(pointers, (nint)length);
        }
    }

    /// <summary>The same part of some neighbouring rows.</summary>
    private void RunBlock(in Call call, void** pointers, IndexRange* ranges, long block, long start)
    {
        if (_rowsTogether == 1)
        {
            RunStretch(call, pointers, ranges, block, start);
            return;
        }

        var blocksBeside = (_beside + _rowsTogether - 1) / _rowsTogether;
        var firstBeside = block % blocksBeside * _rowsTogether;
        var row = (block / blocksBeside * _beside) + firstBeside;
        var rows = Math.Min(_rowsTogether, _beside - firstBeside);
        var length = Math.Min(call.UnitLength, _loops.Inner - start);
        for (var i = 0; i < _arguments.Length; i++)
        {
            if (LiesAcross(_arguments[i]))
            {
                var argument = _arguments[i];
                var position = argument.Offset + (start * argument.Strides[^1]) + RowOffset(argument.Strides, row);
                Transposition.ToRows(call.Buffers[argument.Source] + position, argument.Strides[^1], (byte*)pointers[i], TileLength * argument.ItemSize, rows, length, argument.ItemSize);
            }
        }

        for (long done = 0; done < rows; done++)
        {
            RunStretch(call, pointers, ranges, row + done, start);
            Advance(pointers, 1);
        }

        Advance(pointers, -rows);
    }

    /// <summary>To the tiles of the next row.</summary>
    private void Advance(void** pointers, long rows)
    {
        for (var i = 0; i < _arguments.Length; i++)
        {
            if (LiesAcross(_arguments[i]))
            {
                pointers[i] = (byte*)pointers[i] + (rows * TileLength * _arguments[i].ItemSize);
            }
        }
    }

    /// <summary>Part of one row: outer indices from the row's number, then a stretch of the inner axis.</summary>
    private void RunStretch(in Call call, void** pointers, IndexRange* ranges, long row, long start)
    {
        var length = Math.Min(call.UnitLength, _loops.Inner - start);
        for (var i = 0; i < _arguments.Length; i++)
        {
            var argument = _arguments[i];
            if (argument.Passing is Passing.Number or Passing.Seed)
            {
                continue;
            }

            var position = argument.Offset + (start * argument.Strides[^1]) + RowOffset(argument.Strides, row);
            switch (argument.Passing)
            {
                case Passing.Index:
                    ranges[i] = new IndexRange { Start = position, Step = argument.Strides[^1] };
                    break;
                case Passing.Direct:
                    pointers[i] = call.Buffers[argument.Source] + position;
                    break;
                case Passing.Tiled when !argument.IsOutput && !LiesAcross(argument):
                    TileTransfer.Gather(call.Buffers[argument.Source] + position, argument.Strides[^1], (byte*)pointers[i], length, argument.ItemSize);
                    break;
            }
        }

        Run(call, pointers, length);

        if (_tilesBytes == 0)
        {
            return;
        }

        for (var i = 0; i < _arguments.Length; i++)
        {
            if (_arguments[i] is { Passing: Passing.Tiled, IsOutput: true } output)
            {
                var position = output.Offset + (start * output.Strides[^1]) + RowOffset(output.Strides, row);
                TileTransfer.Scatter((byte*)pointers[i], call.Buffers[output.Source] + position, output.Strides[^1], length, output.ItemSize);
            }
        }
    }

    /// <summary>A stretch of all elements in row-major order, over as many rows as it takes.</summary>
    private void RunFlat(in Call call, void** pointers, long start)
    {
        var length = Math.Min(call.UnitLength, _loops.ElementCount - start);
        for (var i = 0; i < _arguments.Length; i++)
        {
            var argument = _arguments[i];
            if (argument.Passing == Passing.Direct)
            {
                pointers[i] = call.Buffers[argument.Source] + argument.Offset + (start * argument.ItemSize);
            }
            else if (argument.Passing == Passing.Tiled && !argument.IsOutput)
            {
                TileTransfer.Walk(call.Buffers[argument.Source] + argument.Offset, argument.Strides, _sizes, start, (byte*)pointers[i], length, argument.ItemSize, toTile: true);
            }
        }

        Run(call, pointers, length);

        for (var i = 0; i < _arguments.Length; i++)
        {
            if (_arguments[i] is { Passing: Passing.Tiled, IsOutput: true } output)
            {
                TileTransfer.Walk(call.Buffers[output.Source] + output.Offset, output.Strides, _sizes, start, (byte*)pointers[i], length, output.ItemSize, toTile: false);
            }
        }
    }

    private long RowOffset(long[] strides, long row)
    {
        long offset = 0;
        for (var axis = _sizes.Length - 2; axis > 0; axis--)
        {
            (row, var index) = Math.DivRem(row, _sizes[axis]);
            offset += index * strides[axis];
        }

        return _sizes.Length > 1 ? offset + (row * strides[0]) : offset;
    }

    private sealed class Range(KernelLaunch launch, Call call, long seed) : ParallelRange
    {
        protected override void Run(long first, long end)
        {
            var own = seed;
            launch.RunUnits(call, &own, first, end);
        }
    }

    /// <summary>What one call brings along; valid while it runs.</summary>
    private readonly struct Call(ElementwiseKernel kernel, byte** buffers, long* numbers, long unitLength)
    {
        public ElementwiseKernel Kernel { get; } = kernel;

        public byte** Buffers { get; } = buffers;

        public long* Numbers { get; } = numbers;

        /// <summary>Elements that are run at once.</summary>
        public long UnitLength { get; } = unitLength;
    }

    /// <summary>An argument in memory that the kernel reads or writes where it is.</summary>
    private readonly record struct DirectArgument(int Index, int Buffer, long Offset, long RowStride);
}
