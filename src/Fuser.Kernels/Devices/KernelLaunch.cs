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
    private readonly bool _columnsFirst;
    private readonly bool _streams;

    public KernelLaunch(Specialisation specialisation)
    {
        _loops = specialisation.Loops!;
        _arguments = LaunchArgument.Of(specialisation);
        _sizes = [.. _loops.Sizes];
        foreach (var argument in _arguments.Where(argument => argument.Passing == Passing.Tiled))
        {
            _tilesBytes += TileLength * argument.ItemSize;
        }

        _streams = _arguments.Sum(argument => argument is { IsOutput: true, Passing: Passing.Direct } ? (double)_loops.ElementCount * argument.ItemSize : 0) >= StreamedResults.WorthwhileBytes;
        var walked = _loops.IsFlattened ? _loops.ElementCount : _loops.Inner;
        _rows = _loops.IsFlattened || _loops.ElementCount == 0 ? 1 : _loops.ElementCount / _loops.Inner;
        _unitLength = _tilesBytes > 0 || _loops.IsFlattened ? TileLength : Math.Max(StretchLength, 1);
        _unitsPerRow = (walked + _unitLength - 1) / _unitLength;

        // Tiles filled along a long stride touch one cache line per element: going down the rows next uses those lines again.
        _columnsFirst = _tilesBytes > 0 && !_loops.IsFlattened && _rows > 1;
    }

    protected override void RunAll(CompiledKernel kernel, byte** buffers, long* numbers, long seed, int threads)
    {
        if (_loops.ElementCount == 0)
        {
            return;
        }

        var code = (ElementwiseKernel)kernel;
        var units = _rows * _unitsPerRow;
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
                    tiles += TileLength * _arguments[i].ItemSize;
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
                var (row, column) = _columnsFirst ? (unit % _rows, unit / _rows) : (unit / _unitsPerRow, unit % _unitsPerRow);
                RunStretch(kernel, buffers, pointers, ranges, row, column * _unitLength);
            }
        }

        if (_streams)
        {
            StreamedResults.Publish();
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
                case Passing.Tiled when !argument.IsOutput:
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
