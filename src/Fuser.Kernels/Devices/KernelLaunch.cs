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

    /// <summary>Elements one thread takes at a time of a long inner axis.</summary>
    private const long StretchLength = 16_384;

    private const int MostArgumentsOnStack = 2048;

    private readonly LoopNest _loops;
    private readonly LaunchArgument[] _arguments;
    private readonly long[] _sizes;
    private readonly long _tilesBytes;
    private readonly long _unitLength;
    private readonly long _unitsPerRow;
    private readonly long _rows;
    private readonly bool _streams;

    /// <summary>Neighbouring rows: blocks of them do not cross the axis before the inner one.</summary>
    private readonly long _beside;
    private readonly long _rowsTogether;

    public KernelLaunch(Specialisation specialisation)
    {
        _loops = specialisation.Loops!;
        _arguments = LaunchArgument.Of(specialisation);
        _sizes = [.. _loops.Sizes];
        _streams = _arguments.Sum(argument => argument is { IsOutput: true, Passing: Passing.Direct } ? (double)_loops.ElementCount * argument.ItemSize : 0) >= StreamedResults.WorthwhileBytes;
        var walked = _loops.IsFlattened ? _loops.ElementCount : _loops.Inner;
        _rows = _loops.IsFlattened || _loops.ElementCount == 0 ? 1 : _loops.ElementCount / _loops.Inner;
        _beside = _loops.IsFlattened || _sizes.Length < 2 ? 1 : _sizes[^2];
        _rowsTogether = Array.Exists(_arguments, LiesAcross) ? Math.Min(RowsTogether, _beside) : 1;
        foreach (var argument in _arguments.Where(argument => argument.Passing == Passing.Tiled))
        {
            _tilesBytes += TileLength * argument.ItemSize * (LiesAcross(argument) ? _rowsTogether : 1);
        }

        _unitLength = _tilesBytes > 0 || _loops.IsFlattened ? TileLength : Math.Max(StretchLength, 1);
        _unitsPerRow = (walked + _unitLength - 1) / _unitLength;
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

        var code = (ElementwiseKernel)kernel;
        var units = Blocks * _unitsPerRow;
        if (threads > 1 && units > 1 && (double)_loops.ElementCount * kernel.NodeCount > ParallelWork)
        {
            new Range(this, code, buffers, numbers, seed).Run(units, threads);
        }
        else
        {
            RunUnits(code, buffers, numbers, &seed, 0, units);
        }
    }

    private void RunUnits(ElementwiseKernel kernel, byte** buffers, long* numbers, long* seed, long first, long end)
    {
        var count = _arguments.Length;
        if (count <= MostArgumentsOnStack)
        {
            var pointersOnStack = stackalloc void*[count];
            var rangesOnStack = stackalloc IndexRange[_loops.IsFlattened ? 0 : count];
            RunUnits(kernel, buffers, numbers, seed, first, end, pointersOnStack, rangesOnStack);
            return;
        }

        var memory = NativeMemory.Alloc((nuint)count, (nuint)(sizeof(void*) + sizeof(IndexRange)));
        try
        {
            RunUnits(kernel, buffers, numbers, seed, first, end, (void**)memory, (IndexRange*)((void**)memory + count));
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    private void RunUnits(ElementwiseKernel kernel, byte** buffers, long* numbers, long* seed, long first, long end, void** pointers, IndexRange* ranges)
    {
        var count = _arguments.Length;
        var tiles = _tilesBytes > 0 ? ThreadScratch.Take(_tilesBytes) : null;
        for (var i = 0; i < count; i++)
        {
            switch (_arguments[i].Passing)
            {
                case Passing.Number: pointers[i] = numbers + _arguments[i].Source; break;
                case Passing.Seed: pointers[i] = seed; break;
                case Passing.Index: pointers[i] = ranges + i; break;
                case Passing.Tiled:
                    pointers[i] = tiles;
                    tiles += TileLength * _arguments[i].ItemSize * (LiesAcross(_arguments[i]) ? _rowsTogether : 1);
                    break;
            }
        }

        for (var unit = first; unit < end; unit++)
        {
            if (_loops.IsFlattened)
            {
                RunFlat(kernel, buffers, pointers, unit * _unitLength);
            }
            else
            {
                // Tiles filled along a long stride touch one cache line per element: going down the rows next uses those lines again.
                var (block, column) = _tilesBytes > 0 ? (unit % Blocks, unit / Blocks) : (unit / _unitsPerRow, unit % _unitsPerRow);
                RunBlock(kernel, buffers, pointers, ranges, block, column * _unitLength);
            }
        }

        if (_streams)
        {
            StreamedResults.Publish();
        }
    }

    /// <summary>The same part of some neighbouring rows.</summary>
    private void RunBlock(ElementwiseKernel kernel, byte** buffers, void** pointers, IndexRange* ranges, long block, long start)
    {
        if (_rowsTogether == 1)
        {
            RunStretch(kernel, buffers, pointers, ranges, block, start);
            return;
        }

        var blocksBeside = (_beside + _rowsTogether - 1) / _rowsTogether;
        var firstBeside = block % blocksBeside * _rowsTogether;
        var row = (block / blocksBeside * _beside) + firstBeside;
        var rows = Math.Min(_rowsTogether, _beside - firstBeside);
        var length = Math.Min(_unitLength, _loops.Inner - start);
        for (var i = 0; i < _arguments.Length; i++)
        {
            if (LiesAcross(_arguments[i]))
            {
                var argument = _arguments[i];
                var position = argument.Offset + (start * argument.Strides[^1]) + RowOffset(argument.Strides, row);
                Transposition.ToRows(buffers[argument.Source] + position, argument.Strides[^1], (byte*)pointers[i], TileLength * argument.ItemSize, rows, length, argument.ItemSize);
            }
        }

        for (long done = 0; done < rows; done++)
        {
            RunStretch(kernel, buffers, pointers, ranges, row + done, start);
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
    private void RunStretch(ElementwiseKernel kernel, byte** buffers, void** pointers, IndexRange* ranges, long row, long start)
    {
        var length = Math.Min(_unitLength, _loops.Inner - start);
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
                    pointers[i] = buffers[argument.Source] + position;
                    break;
                case Passing.Tiled when !argument.IsOutput && !LiesAcross(argument):
                    TileTransfer.Gather(buffers[argument.Source] + position, argument.Strides[^1], (byte*)pointers[i], length, argument.ItemSize);
                    break;
            }
        }

        if (_streams)
        {
            kernel.RunStreaming(pointers, (nint)length);
        }
        else
        {
            kernel.Run(pointers, (nint)length);
        }

        if (_tilesBytes == 0)
        {
            return;
        }

        for (var i = 0; i < _arguments.Length; i++)
        {
            if (_arguments[i] is { Passing: Passing.Tiled, IsOutput: true } output)
            {
                var position = output.Offset + (start * output.Strides[^1]) + RowOffset(output.Strides, row);
                TileTransfer.Scatter((byte*)pointers[i], buffers[output.Source] + position, output.Strides[^1], length, output.ItemSize);
            }
        }
    }

    /// <summary>A stretch of all elements in row-major order, over as many rows as it takes.</summary>
    private void RunFlat(ElementwiseKernel kernel, byte** buffers, void** pointers, long start)
    {
        var length = Math.Min(_unitLength, _loops.ElementCount - start);
        for (var i = 0; i < _arguments.Length; i++)
        {
            var argument = _arguments[i];
            if (argument.Passing == Passing.Direct)
            {
                pointers[i] = buffers[argument.Source] + argument.Offset + (start * argument.ItemSize);
            }
            else if (argument.Passing == Passing.Tiled && !argument.IsOutput)
            {
                TileTransfer.Walk(buffers[argument.Source] + argument.Offset, argument.Strides, _sizes, start, (byte*)pointers[i], length, argument.ItemSize, toTile: true);
            }
        }

        if (_streams)
        {
            kernel.RunStreaming(pointers, (nint)length);
        }
        else
        {
            kernel.Run(pointers, (nint)length);
        }

        for (var i = 0; i < _arguments.Length; i++)
        {
            if (_arguments[i] is { Passing: Passing.Tiled, IsOutput: true } output)
            {
                TileTransfer.Walk(buffers[output.Source] + output.Offset, output.Strides, _sizes, start, (byte*)pointers[i], length, output.ItemSize, toTile: false);
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

    private sealed class Range(KernelLaunch launch, ElementwiseKernel kernel, byte** buffers, long* numbers, long seed) : ParallelRange
    {
        protected override void Run(long first, long end)
        {
            var own = seed;
            launch.RunUnits(kernel, buffers, numbers, &own, first, end);
        }
    }
}
