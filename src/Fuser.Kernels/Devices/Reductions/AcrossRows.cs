using System.Numerics;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Specs;

namespace Fuser.Kernels.Devices.Reductions;

/// <summary>
/// Walks across rows: a strip of rows that lie beside each other takes its first elements, then its second ones. Each row's values are combined as they come, by a
/// counter in base 2: slot k holds what 2^k elements came to, and two such make one of the next slot, which is the fixed tree.
/// </summary>
internal sealed unsafe class AcrossRows(RowNest nest, RowArgument[] arguments)
{
    /// <summary>Rows of a strip: long enough to hide the calls, short enough that the slots stay in the first-level cache.</summary>
    private const long WidestStrip = 512;
    private const long NarrowestStrip = 64;

    /// <summary>What sweeps leave for each other should stay in the second-level cache.</summary>
    private const long KeptBytes = 512 * 1024;

    private const int LargestItem = sizeof(long);

    private readonly long[] _rowSizes = [.. nest.Rows.Sizes];
    private readonly long[] _elementSizes = [.. nest.Elements.Sizes];
    private readonly long _rows = nest.Rows.Count;
    private readonly long _elements = nest.Elements.Count;
    private readonly long _beside = nest.Rows.Sizes[^1];

    /// <summary>Slots of the counter, and one beside them for what is being carried.</summary>
    private int Slots => BitOperations.Log2((ulong)_elements) + 2;

    public void Run(in RowCall call, int threads, long parallelWork)
    {
        if (_rows == 0)
        {
            return;
        }

        var isParallel = threads > 1 && (double)_rows * _elements * call.Kernel.NodeCount > parallelWork;
        var width = WidthOf(call.Kernel.Ir, isParallel ? threads : 1);
        var strips = (_beside + width - 1) / width;
        var units = _rows / _beside * strips;
        if (isParallel && units > 1)
        {
            new Strips(this, call, width, strips).Run(units, threads);
        }
        else
        {
            RunStrips(call, width, strips, 0, units);
        }
    }

    private long WidthOf(StagedKernelIr ir, int threads)
    {
        var width = WidestStrip;
        if (ir.Kept.Length > 0)
        {
            width = Math.Clamp(KeptBytes / (_elements * ir.Kept.Length * sizeof(float)), NarrowestStrip, WidestStrip);
        }

        var outer = _rows / _beside;
        if (outer < threads)
        {
            width = Math.Min(width, Math.Max(NarrowestStrip, _beside * outer / threads));
        }

        return Math.Min(width, _beside);
    }

    private void RunStrips(in RowCall call, long width, long strips, long first, long end)
    {
        var ir = call.Kernel.Ir;
        var slots = Slots;
        var sizes = new StageMemory(ir, width * _elements, width, slots * width, width, width);
        var shared = CallMemory.TakeStages(sizes.SharedBytes);
        try
        {
            var memory = sizes.At(shared.Memory, ThreadScratch.Take(sizes.OwnBytes));
            for (var unit = first; unit < end; unit++)
            {
                var (outer, strip) = Math.DivRem(unit, strips);
                var start = strip * width;
                RunStrip(call, memory, width, (outer * _beside) + start, Math.Min(width, _beside - start));
            }
        }
        finally
        {
            shared.GiveBack();
        }
    }

    /// <param name="width">Room per element for the values of a strip.</param>
    /// <param name="count">Rows of this strip.</param>
    private void RunStrip(in RowCall call, in StageMemory memory, long width, long row, long count)
    {
        var stages = call.Kernel.Ir.Stages;
        for (var stage = 0; stage < stages.Length; stage++)
        {
            if (stages[stage].Kind == StageKind.PerRow)
            {
                RunKernel(call, memory, stage, width, row, 0, count);
                continue;
            }

            for (long element = 0; element < _elements; element++)
            {
                if (call.Kernel.Stages[stage] is not null)
                {
                    RunKernel(call, memory, stage, width, row, element, count);
                }

                for (var i = 0; i < stages[stage].Reductions.Length; i++)
                {
                    Add(call, memory, stage, i, width, row, element, count);
                }
            }

            for (var i = 0; i < stages[stage].Reductions.Length; i++)
            {
                Finish(call, memory, stage, i, width, count);
            }
        }
    }

    private void RunKernel(in RowCall call, in StageMemory memory, int stage, long width, long row, long element, long count)
    {
        var plan = call.Kernel.Ir.Stages[stage];
        var pointers = stackalloc void*[plan.Arguments.Length];
        var ranges = stackalloc IndexRange[arguments.Length];
        for (var i = 0; i < plan.Arguments.Length; i++)
        {
            pointers[i] = Place(call, memory, plan.Arguments[i], width, row, element, count, ranges);
        }

        call.Kernel.Stages[stage]!.Run(pointers, (nint)count);
        foreach (var operand in plan.Arguments)
        {
            if (operand.Place == OperandPlace.Argument && arguments[operand.Index] is { IsOutput: true } output && !IsDirect(output))
            {
                TileTransfer.Scatter(memory.Tile(operand.Index), First(call, output, row, element), output.RowStrides[^1], count, output.ItemSize);
            }
        }
    }

    private byte* First(in RowCall call, RowArgument argument, long row, long element) =>
        call.Buffers[argument.Source] + argument.Offset + argument.RowOffset(row, _rowSizes) + argument.ElementOffset(element, _elementSizes);

    private void* Place(in RowCall call, in StageMemory memory, StageOperand operand, long width, long row, long element, long count, IndexRange* ranges)
    {
        var ir = call.Kernel.Ir;
        switch (operand.Place)
        {
            case OperandPlace.Row:
                return memory.Row(operand.Index);
            case OperandPlace.Kept:
                return memory.Kept(operand.Index) + (element * width * ir.Kept[operand.Index].Size());
            case OperandPlace.Combined:
                return memory.Combined(operand.Index);
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
                    Start = argument.Offset + argument.RowOffset(row, _rowSizes) + argument.ElementOffset(element, _elementSizes),
                    Step = argument.RowStrides[^1],
                };
                return ranges + operand.Index;
        }

        if (IsDirect(argument) || argument.RowStrides[^1] == 0)
        {
            return First(call, argument, row, element); // the next element beside it, or the same one for the whole strip
        }

        var tile = memory.Tile(operand.Index);
        if (!argument.IsOutput)
        {
            TileTransfer.Gather(First(call, argument, row, element), argument.RowStrides[^1], tile, count, argument.ItemSize);
        }

        return tile;
    }

    private static bool IsDirect(RowArgument argument) => argument.RowStrides[^1] == argument.ItemSize;

    /// <summary>Counts one more element: carries it up through the slots that are full.</summary>
    private void Add(in RowCall call, in StageMemory memory, int stage, int reduction, long width, long row, long element, long count)
    {
        var combiner = call.Kernel.Combiners[stage][reduction];
        var ranges = stackalloc IndexRange[1];
        var carried = (byte*)Place(call, memory, call.Kernel.Ir.Stages[stage].Reductions[reduction].Source, width, row, element, count, ranges);
        var slots = memory.Partial(reduction);
        var slotBytes = width * LargestItem;
        var spare = slots + ((Slots - 1) * slotBytes);
        if ((element & 1) == 0)
        {
            Buffer.MemoryCopy(carried, slots, slotBytes, count * combiner.ItemSize);
            return;
        }

        for (var slot = 0; ((element >> slot) & 1) != 0; slot++)
        {
            // Where the next slot is empty the result stays there.
            var isLast = ((element >> (slot + 1)) & 1) == 0;
            var result = isLast ? slots + ((slot + 1) * slotBytes) : spare;
            combiner.Combine(slots + (slot * slotBytes), carried, result, count);
            carried = result;
        }
    }

    /// <summary>Combines what is left in the slots, the last elements first: an odd one moves up as it is.</summary>
    private void Finish(in RowCall call, in StageMemory memory, int stage, int reduction, long width, long count)
    {
        var combiner = call.Kernel.Combiners[stage][reduction];
        var result = memory.Row(call.Kernel.Ir.Stages[stage].Reductions[reduction].RowValue);
        var slots = memory.Partial(reduction);
        var slotBytes = width * LargestItem;
        var lowest = BitOperations.TrailingZeroCount(_elements);
        Buffer.MemoryCopy(slots + (lowest * slotBytes), result, slotBytes, count * combiner.ItemSize);
        for (var slot = lowest + 1; _elements >> slot != 0; slot++)
        {
            if (((_elements >> slot) & 1) != 0)
            {
                combiner.Combine(slots + (slot * slotBytes), result, result, count);
            }
        }
    }

    private sealed class Strips(AcrossRows walk, RowCall call, long width, long strips) : ParallelRange
    {
        protected override void Run(long first, long end) => walk.RunStrips(call, width, strips, first, end);
    }
}
