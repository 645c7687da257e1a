using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Reductions;

/// <summary>
/// Walks along rows. A few rows are taken together, so that what is done per row is done for several at once, and few enough that their elements stay in the
/// cache from sweep to sweep. Threads take rows; where there are fewer rows than threads, they share the stretches of each row.
/// </summary>
/// <param name="inPlace">Whether sweeps only reduce what lies together in memory already: there are no tiles then, and stretches are longer.</param>
internal sealed unsafe partial class AlongRows(RowNest nest, RowArgument[] arguments, bool inPlace)
{
    /// <summary>Elements computed and reduced at once: what is computed should be in the first-level cache when it is reduced. A power of two, so that a stretch is a subtree of the fixed tree.</summary>
    private const long ComputedStretch = 2048;

    /// <summary>Where nothing is computed first: long enough that the end of each subtree, which is work for a part of a vector, hardly counts.</summary>
    private const long StretchInPlace = 16_384;

    private const long MostRowsTogether = 64;

    /// <summary>Elements of the rows taken together: with a few arrays of them, about what the second-level cache holds.</summary>
    private const long MostElementsTogether = 16_384;

    private readonly long[] _rowSizes = [.. nest.Rows.Sizes];
    private readonly long[] _elementSizes = [.. nest.Elements.Sizes];
    private readonly long _rows = nest.Rows.Count;
    private readonly long _elements = nest.Elements.Count;

    private readonly bool _streams =
        arguments.Sum(argument => argument.IsOutput && !IsPerRow(argument) && IsDirect(argument) ? (double)nest.Rows.Count * nest.Elements.Count * argument.ItemSize : 0) >= StreamedResults.WorthwhileBytes;

    /// <summary>Whether inputs come from memory, not from a cache. What one sweep fetched is there for the next ones.</summary>
    private readonly bool _prefetches = arguments.Any(argument => IsReadAlong(argument) && (double)nest.Rows.Count * nest.Elements.Count * argument.ItemSize >= StreamedResults.WorthwhileBytes);

    private readonly long _stretch = StretchOf(inPlace);

    private readonly long _stretchesPerRow = (nest.Elements.Count + StretchOf(inPlace) - 1) / StretchOf(inPlace);

    private Layout? _layout;

    /// <summary>Elements that a thread goes over before it begins the next sweep over them.</summary>
    public long ElementsTogether => _rows == 0 ? 0 : _elements * Math.Min(_rows, Math.Clamp(MostElementsTogether / _elements, 1, MostRowsTogether));

    /// <summary>Whether nothing has to be gathered.</summary>
    public static bool LieTogether(RowArgument[] arguments) => arguments.All(argument => argument.Passing != Passing.Direct || IsDirect(argument) || IsPerRow(argument));

    private static long StretchOf(bool inPlace) => inPlace ? StretchInPlace : ComputedStretch;

    public void Run(in RowCall call, int threads, long parallelWork)
    {
        if (_rows == 0)
        {
            return;
        }

        var isParallel = threads > 1 && (double)_rows * _elements * call.Kernel.NodeCount > parallelWork;
        var together = Math.Clamp(MostElementsTogether / _elements, 1, MostRowsTogether);
        together = Math.Min(together, isParallel ? Math.Max(1, _rows / (2L * threads)) : _rows);
        var batches = (_rows + together - 1) / together;
        var memory = LayoutFor(call.Kernel.Ir, together).Memory;
        if (!isParallel)
        {
            RunBatches(call, memory, together, 0, batches, 1);
        }
        else if (batches >= threads || _elements <= _stretch)
        {
            new Batches(this, call, memory, together).Run(batches, threads);
        }
        else
        {
            RunBatches(call, memory, together, 0, batches, threads);
        }
    }

    /// <summary>The one of the call before fits almost always; two threads that make a new one make the same.</summary>
    private Layout LayoutFor(StagedKernelIr ir, long together)
    {
        var known = Volatile.Read(ref _layout);
        if (known is null || !ReferenceEquals(known.Ir, ir) || known.Together != together)
        {
            known = new Layout(ir, together, new StageMemory(ir, together * _elements, together, together * _stretchesPerRow, Math.Max(inPlace ? 0 : _stretch, together), Math.Max(_stretch, _stretchesPerRow)));
            Volatile.Write(ref _layout, known);
        }

        return known;
    }

    /// <param name="threads">How many share each row.</param>
    private void RunBatches(in RowCall call, in StageMemory sizes, long together, long first, long end, int threads)
    {
        var shared = CallMemory.TakeStages(sizes.SharedBytes);
        try
        {
            var memory = sizes.At(shared.Memory, ThreadScratch.Take(sizes.OwnBytes));
            for (var batch = first; batch < end; batch++)
            {
                var row = batch * together;
                RunBatch(call, memory, row, Math.Min(together, _rows - row), threads);
            }
        }
        finally
        {
            shared.GiveBack();
        }
    }

    private void RunBatch(in RowCall call, in StageMemory memory, long row, long count, int threads)
    {
        var stages = call.Kernel.Ir.Stages;
        for (var stage = 0; stage < stages.Length; stage++)
        {
            if (stages[stage].Kind == StageKind.PerRow)
            {
                RunPerRow(call, memory, stage, row, count);
                continue;
            }

            var units = count * _stretchesPerRow;
            if (threads > 1 && units > 1)
            {
                new Stretches(this, call, memory, stage, row).Run(units, threads);
            }
            else
            {
                RunStretches(call, memory, stage, row, 0, units);
            }

            if (_stretchesPerRow > 1)
            {
                Combine(call, memory, stage, count);
            }
        }
    }

    /// <summary>Stretches of a sweep, counted over the rows of the batch.</summary>
    private void RunStretches(in RowCall call, in StageMemory memory, int stage, long row, long first, long end)
    {
        var pointers = stackalloc void*[call.Kernel.Ir.Stages[stage].Arguments.Length];
        var ranges = stackalloc IndexRange[arguments.Length];
        var streams = _streams && WritesOutputsOnly(call.Kernel.Ir.Stages[stage]);
        if (IsRowAfterRow(call.Kernel.Ir.Stages[stage]))
        {
            RunRows(call, memory, stage, streams, row, first, end, pointers);
        }
        else
        {
            for (var unit = first; unit < end; unit++)
            {
                var (inBatch, inRow) = Math.DivRem(unit, _stretchesPerRow);
                RunStretch(call, memory, stage, streams, row + inBatch, inBatch, inRow, pointers, ranges);
            }
        }

        if (streams)
        {
            StreamedResults.Publish();
        }
    }

    private void RunStretch(in RowCall call, in StageMemory memory, int stage, bool streams, long row, long inBatch, long inRow, void** pointers, IndexRange* ranges)
    {
        var plan = call.Kernel.Ir.Stages[stage];
        var start = inRow * _stretch;
        var length = Math.Min(_stretch, _elements - start);
        if (call.Kernel.Stages[stage] is { } code)
        {
            // An index is linear along one axis only.
            for (long done = 0; done < length;)
            {
                var piece = length - done;
                if (_elementSizes.Length > 1 && HasIndex(plan))
                {
                    piece = Math.Min(piece, _elementSizes[^1] - ((start + done) % _elementSizes[^1]));
                }

                for (var i = 0; i < plan.Arguments.Length; i++)
                {
                    var inStretch = done * plan.Kernel!.Arguments[i].DType.ItemSize();
                    pointers[i] = Place(call, memory, plan.Arguments[i], row, inBatch, start + done, inStretch, piece, ranges);
                }

                if (streams)
                {
                    code.RunStreaming(pointers, (nint)piece);
                }
                else
                {
                    code.Run(pointers, (nint)piece);
                }

                Scatter(call, memory, plan, row, start + done, piece);
                done += piece;
            }
        }

        for (var i = 0; i < plan.Reductions.Length; i++)
        {
            var values = (byte*)Place(call, memory, plan.Reductions[i].Source, row, inBatch, start, 0, length, ranges);
            var combiner = call.Kernel.Combiners[stage][i];
            combiner.Reduce(values, length, memory.Scratch, PartialOf(memory, plan.Reductions[i], i) + (((inBatch * _stretchesPerRow) + inRow) * combiner.ResultSize));
        }
    }

    /// <summary>Where a stretch's result goes: the only one of a row is what the row comes to.</summary>
    private byte* PartialOf(in StageMemory memory, Reduction reduction, int index) => _stretchesPerRow == 1 ? memory.Row(reduction.RowValue) : memory.Partial(index);

    /// <summary>Whether nothing that a stage writes is read again soon.</summary>
    private static bool WritesOutputsOnly(Stage plan)
    {
        for (var i = 0; i < plan.Arguments.Length; i++)
        {
            if (plan.Arguments[i].Place != OperandPlace.Argument && plan.Kernel!.Arguments[i].Kind == ArgumentKind.Output)
            {
                return false;
            }
        }

        return true;
    }

    private bool HasIndex(Stage plan)
    {
        foreach (var operand in plan.Arguments)
        {
            if (operand.Place == OperandPlace.Argument && arguments[operand.Index].Passing == Passing.Index)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where a kernel finds an operand for elements from <paramref name="start"/> on; what does not lie together is gathered.</summary>
    /// <param name="inStretch">Bytes into what is of one stretch only.</param>
    private void* Place(in RowCall call, in StageMemory memory, StageOperand operand, long row, long inBatch, long start, long inStretch, long length, IndexRange* ranges)
    {
        var ir = call.Kernel.Ir;
        switch (operand.Place)
        {
            case OperandPlace.Row:
                return memory.Row(operand.Index) + (inBatch * ir.RowValues[operand.Index].Size());
            case OperandPlace.Kept:
                return memory.Kept(operand.Index) + (((inBatch * _elements) + start) * ir.Kept[operand.Index].Size());
            case OperandPlace.Combined:
                return memory.Combined(operand.Index) + inStretch;
        }

        var argument = arguments[operand.Index];
        switch (argument.Passing)
        {
            case Passing.Number:
                return call.Numbers + argument.Source;
            case Passing.Seed:
                return call.Seed;
            case Passing.Index:
                ranges[operand.Index] = new IndexRange
                {
                    Start = argument.Offset + argument.RowOffset(row, _rowSizes) + argument.ElementOffset(start, _elementSizes),
                    Step = argument.ElementStrides[^1],
                };
                return ranges + operand.Index;
        }

        var first = call.Buffers[argument.Source] + argument.Offset + argument.RowOffset(row, _rowSizes);
        if (IsPerRow(argument))
        {
            return first;
        }

        if (IsDirect(argument))
        {
            return first + (start * argument.ItemSize);
        }

        var tile = memory.Tile(operand.Index);
        if (!argument.IsOutput)
        {
            TileTransfer.Walk(first, argument.ElementStrides, _elementSizes, start, tile, length, argument.ItemSize, toTile: true);
        }

        return tile;
    }

    /// <summary>Writes back the tiles of outputs that do not lie together.</summary>
    private void Scatter(in RowCall call, in StageMemory memory, Stage plan, long row, long start, long length)
    {
        foreach (var operand in plan.Arguments)
        {
            if (operand.Place == OperandPlace.Argument && arguments[operand.Index] is { IsOutput: true } output && !IsDirect(output))
            {
                var first = call.Buffers[output.Source] + output.Offset + output.RowOffset(row, _rowSizes);
                TileTransfer.Walk(first, output.ElementStrides, _elementSizes, start, memory.Tile(operand.Index), length, output.ItemSize, toTile: false);
            }
        }
    }

    private static bool IsDirect(RowArgument argument) => argument.ElementStrides.Length == 1 && argument.ElementStrides[0] == argument.ItemSize;

    private static bool IsPerRow(RowArgument argument)
    {
        foreach (var stride in argument.ElementStrides)
        {
            if (stride != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes the results of stretches the values of the rows.</summary>
    private void Combine(in RowCall call, in StageMemory memory, int stage, long count)
    {
        var reductions = call.Kernel.Ir.Stages[stage].Reductions;
        for (var i = 0; i < reductions.Length; i++)
        {
            var combiner = call.Kernel.Combiners[stage][i].OfResults;
            var results = memory.Row(reductions[i].RowValue);
            for (long row = 0; row < count; row++)
            {
                combiner.Reduce(memory.Partial(i) + (row * _stretchesPerRow * combiner.ResultSize), _stretchesPerRow, memory.Scratch, results + (row * combiner.ResultSize));
            }
        }
    }

    /// <summary>What is done once per row, for all rows of the batch at once.</summary>
    private void RunPerRow(in RowCall call, in StageMemory memory, int stage, long row, long count)
    {
        var plan = call.Kernel.Ir.Stages[stage];
        var pointers = stackalloc void*[plan.Arguments.Length];
        var ranges = stackalloc IndexRange[arguments.Length];

        // An index is linear along one axis only.
        for (long done = 0; done < count;)
        {
            var piece = count - done;
            if (_rowSizes.Length > 1 && HasIndex(plan))
            {
                piece = Math.Min(piece, _rowSizes[^1] - ((row + done) % _rowSizes[^1]));
            }

            for (var i = 0; i < plan.Arguments.Length; i++)
            {
                pointers[i] = PlacePerRow(call, memory, plan.Arguments[i], row + done, done, piece, ranges);
            }

            call.Kernel.Stages[stage]!.Run(pointers, (nint)piece);
            foreach (var operand in plan.Arguments)
            {
                if (operand.Place == OperandPlace.Argument && arguments[operand.Index] is { IsOutput: true } output)
                {
                    TileTransfer.Walk(call.Buffers[output.Source] + output.Offset, output.RowStrides, _rowSizes, row + done, memory.Tile(operand.Index), piece, output.ItemSize, toTile: false);
                }
            }

            done += piece;
        }
    }

    private void* PlacePerRow(in RowCall call, in StageMemory memory, StageOperand operand, long row, long inBatch, long count, IndexRange* ranges)
    {
        if (operand.Place == OperandPlace.Row)
        {
            return memory.Row(operand.Index) + (inBatch * call.Kernel.Ir.RowValues[operand.Index].Size());
        }

        var argument = arguments[operand.Index];
        switch (argument.Passing)
        {
            case Passing.Number:
                return call.Numbers + argument.Source;
            case Passing.Seed:
                return call.Seed;
            case Passing.Index:
                ranges[operand.Index] = new IndexRange { Start = argument.Offset + argument.RowOffset(row, _rowSizes), Step = argument.RowStrides[^1] };
                return ranges + operand.Index;
        }

        var tile = memory.Tile(operand.Index);
        if (!argument.IsOutput)
        {
            TileTransfer.Walk(call.Buffers[argument.Source] + argument.Offset, argument.RowStrides, _rowSizes, row, tile, count, argument.ItemSize, toTile: true);
        }

        return tile;
    }

    /// <summary>Where things lie in the memory of a call.</summary>
    private sealed class Layout(StagedKernelIr ir, long together, StageMemory memory)
    {
        public StagedKernelIr Ir { get; } = ir;

        public long Together { get; } = together;

        public StageMemory Memory { get; } = memory;
    }

    private sealed class Batches(AlongRows walk, RowCall call, StageMemory memory, long together) : ParallelRange
    {
        protected override void Run(long first, long end) => walk.RunBatches(call, memory, together, first, end, 1);
    }

    private sealed class Stretches(AlongRows walk, RowCall call, StageMemory memory, int stage, long row) : ParallelRange
    {
        protected override void Run(long first, long end) => walk.RunStretches(call, memory.With(ThreadScratch.Take(memory.OwnBytes)), stage, row, first, end);
    }
}
