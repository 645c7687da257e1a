using System.Numerics;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Kernels.Devices.Reductions;

/// <summary>
/// Walks across rows: a strip of rows that lie beside each other takes its first elements, then its second ones. Each row's values are combined as they come, by a
/// counter in base 2: slot k holds what 2^(k+1) elements came to, and two such make one of the next slot, which is the fixed tree.
/// </summary>
internal sealed unsafe class AcrossRows(RowNest nest, RowArgument[] arguments)
{
    /// <summary>Rows of a strip: long enough to hide the calls, short enough that the slots stay near: measured, twice as long as fits the first-level cache is faster.</summary>
    private const long WidestStrip = 1024;
    private const long NarrowestStrip = 64;

    /// <summary>What sweeps leave for each other should stay in the second-level cache.</summary>
    private const long KeptBytes = 512 * 1024;

    private const int LargestItem = sizeof(long);

    private const long PlaceAnew = -1;

    private readonly long[] _rowSizes = [.. nest.Rows.Sizes];
    private readonly long[] _elementSizes = [.. nest.Elements.Sizes];
    private readonly long _rows = nest.Rows.Count;
    private readonly long _elements = nest.Elements.Count;
    private readonly long _beside = nest.Rows.Sizes[^1];

    /// <summary>Slots of the counter; there is room for one more beside them, for what is being carried.</summary>
    private int Slots => BitOperations.Log2((ulong)_elements) + 1;

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

    /// <summary>Elements that a thread goes over before it begins the next sweep over them.</summary>
    public long ElementsTogether(StagedKernelIr ir) => _rows == 0 ? 0 : _elements * WidthOf(ir, 1);

    private long WidthOf(StagedKernelIr ir, int threads)
    {
        var width = WidestStrip;
        if (ir.Kept.Length > 0)
        {
            width = Math.Clamp(KeptBytes / (_elements * ir.Kept.Length * sizeof(float)) / NarrowestStrip * NarrowestStrip, NarrowestStrip, WidestStrip);
        }

        var outer = _rows / _beside;
        if (outer < threads)
        {
            width = Math.Min(width, Math.Max(NarrowestStrip, _beside * outer / threads / NarrowestStrip * NarrowestStrip));
        }

        return Math.Min(width, _beside);
    }

    private void RunStrips(in RowCall call, long width, long strips, long first, long end)
    {
        var ir = call.Kernel.Ir;
        var sizes = new StageMemory(ir, width * _elements, width, (Slots + 1) * width, 2 * width, 0);
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
            RunStage(call, memory, stage, stages[stage].Kind == StageKind.PerRow ? 1 : _elements, width, row, count);
        }
    }

    /// <summary>Goes over the elements; what is per row has one.</summary>
    private void RunStage(in RowCall call, in StageMemory memory, int stage, long elements, long width, long row, long count)
    {
        var plan = call.Kernel.Ir.Stages[stage];
        var code = call.Kernel.Stages[stage];
        var (operands, reductions) = (plan.Arguments.Length, plan.Reductions.Length);
        var all = operands + reductions;
        var pointers = stackalloc void*[all];
        var steps = stackalloc long[all];
        var pending = stackalloc byte*[reductions];
        var ranges = stackalloc IndexRange[arguments.Length];
        var inner = elements == 1 ? 1 : _elementSizes[^1];
        var takesEight = code is null && reductions > 0 && StepsEvenly(plan);
        for (long element = 0; element < elements; element++)
        {
            if (takesEight && element % Combiner.Eight == 0 && elements - element >= Combiner.Eight && inner - (element % inner) >= Combiner.Eight)
            {
                for (var i = 0; i < reductions; i++)
                {
                    var argument = arguments[plan.Reductions[i].Source.Index];
                    CarryEight(call.Kernel.Combiners[stage][i], memory.Partial(i), width, First(call, argument, row, element), argument.ElementStrides[^1], element + Combiner.Eight - 1, count);
                    steps[operands + i] = PlaceAnew;
                }

                element += Combiner.Eight - 1;
                continue;
            }

            var isOdd = (element & 1) != 0;
            for (var i = 0; i < all; i++)
            {
                var operand = i < operands ? plan.Arguments[i] : plan.Reductions[i - operands].Source;
                if (element % inner == 0 || steps[i] < 0)
                {
                    pointers[i] = Place(call, memory, operand, width, row, element, count, ranges, out steps[i]);
                }
                else
                {
                    pointers[i] = (byte*)pointers[i] + steps[i];
                }
            }

            if (code is not null)
            {
                code.Run(pointers, (nint)count);
                Scatter(call, memory, plan, width, row, element, count);
            }

            for (var i = 0; i < reductions; i++)
            {
                var value = (byte*)pointers[operands + i];
                if (isOdd)
                {
                    Carry(call.Kernel.Combiners[stage][i], memory.Partial(i), width, pending[i], value, element, count);
                }

                pending[i] = value;
            }
        }

        for (var i = 0; i < reductions; i++)
        {
            Finish(call.Kernel.Combiners[stage][i], memory.Partial(i), width, pending[i], memory.Row(plan.Reductions[i].RowValue), count);
        }
    }

    /// <summary>Writes back the tiles of outputs that do not lie together.</summary>
    private void Scatter(in RowCall call, in StageMemory memory, Stage plan, long width, long row, long element, long count)
    {
        foreach (var operand in plan.Arguments)
        {
            if (operand.Place == OperandPlace.Argument && arguments[operand.Index] is { IsOutput: true } output && !IsDirect(output))
            {
                TileTransfer.Scatter(Alternating(memory.Tile(operand.Index), width, element), First(call, output, row, element), output.RowStrides[^1], count, output.ItemSize);
            }
        }
    }

    private byte* First(in RowCall call, RowArgument argument, long row, long element) =>
        call.Buffers[argument.Source] + argument.Offset + argument.RowOffset(row, _rowSizes) + argument.ElementOffset(element, _elementSizes);

    /// <summary>What an even element leaves has to last until the odd one after it is there.</summary>
    private static byte* Alternating(byte* memory, long width, long element) => memory + ((element & 1) * width * LargestItem);

    /// <param name="step">Bytes to the place of the next element along the last axis; below 0 where it has to be placed anew.</param>
    private void* Place(in RowCall call, in StageMemory memory, StageOperand operand, long width, long row, long element, long count, IndexRange* ranges, out long step)
    {
        var ir = call.Kernel.Ir;
        step = 0;
        switch (operand.Place)
        {
            case OperandPlace.Row:
                return memory.Row(operand.Index);
            case OperandPlace.Kept:
                step = width * ir.Kept[operand.Index].Size();
                return memory.Kept(operand.Index) + (element * step);
            case OperandPlace.Combined:
                step = PlaceAnew;
                return Alternating(memory.Combined(operand.Index), width, element);
        }

        var argument = arguments[operand.Index];
        switch (argument.Passing)
        {
            case Passing.Number:
                return call.Numbers + argument.Source;
            case Passing.Seed:
                return call.Seed;
            case Passing.Index:
                step = PlaceAnew;
                ranges[operand.Index] = new IndexRange
                {
                    Start = argument.Offset + argument.RowOffset(row, _rowSizes) + argument.ElementOffset(element, _elementSizes),
                    Step = argument.RowStrides[^1],
                };
                return ranges + operand.Index;
        }

        if (IsDirect(argument) || argument.RowStrides[^1] == 0)
        {
            // The next element beside it, or the same one for the whole strip.
            step = argument.ElementStrides[^1];
            step = step < 0 ? PlaceAnew : step;
            return First(call, argument, row, element);
        }

        step = PlaceAnew;
        var tile = Alternating(memory.Tile(operand.Index), width, element);
        if (!argument.IsOutput)
        {
            TileTransfer.Gather(First(call, argument, row, element), argument.RowStrides[^1], tile, count, argument.ItemSize);
        }

        return tile;
    }

    private static bool IsDirect(RowArgument argument) => argument.RowStrides[^1] == argument.ItemSize;

    /// <summary>Whether what is reduced lies in memory at equal distances along the last axis.</summary>
    private bool StepsEvenly(Stage plan)
    {
        foreach (var reduction in plan.Reductions)
        {
            if (reduction.Source.Place != OperandPlace.Argument || !IsDirect(arguments[reduction.Source.Index]) || arguments[reduction.Source.Index].Passing != Passing.Direct)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Two elements are there, the second at an odd place: what they come to goes into the first slot.</summary>
    private void Carry(Combiner combiner, byte* slots, long width, byte* left, byte* right, long element, long count)
    {
        var result = PlaceOf(slots, width, 0, element);
        combiner.Combine(left, right, result, count);
        CarryOn(combiner.OfResults, slots, width, 0, result, element, count);
    }

    /// <summary>Eight elements are there: what they come to goes into the third slot.</summary>
    private void CarryEight(Combiner combiner, byte* slots, long width, byte* first, long step, long last, long count)
    {
        const int Slot = 2;
        var result = PlaceOf(slots, width, Slot, last);
        combiner.CombineEight(first, step, result, count);
        CarryOn(combiner.OfResults, slots, width, Slot, result, last, count);
    }

    /// <summary>Carries what was made for a slot up through those that are full.</summary>
    private void CarryOn(Combiner combiner, byte* slots, long width, int slot, byte* value, long element, long count)
    {
        for (; value == Spare(slots, width); slot++)
        {
            var result = PlaceOf(slots, width, slot + 1, element);
            combiner.Combine(slots + (slot * width * LargestItem), value, result, count);
            value = result;
        }
    }

    /// <summary>Where what elements up to this one came to is written: into its slot, or beside them when the slot is full and it is to be carried on.</summary>
    private byte* PlaceOf(byte* slots, long width, int slot, long element) =>
        ((element >> (slot + 1)) & 1) == 0 ? slots + (slot * width * LargestItem) : Spare(slots, width);

    private byte* Spare(byte* slots, long width) => slots + (Slots * width * LargestItem);

    /// <summary>Combines what is left in the slots, the last elements first: an odd one moves up as it is.</summary>
    private void Finish(Combiner combiner, byte* slots, long width, byte* last, byte* result, long count)
    {
        var slotBytes = width * LargestItem;
        var isEmpty = true;
        if ((_elements & 1) != 0)
        {
            combiner.Convert(last, result, count);
            isEmpty = false;
        }

        for (var slot = 0; _elements >> (slot + 1) != 0; slot++)
        {
            if (((_elements >> (slot + 1)) & 1) == 0)
            {
                continue;
            }

            var held = slots + (slot * slotBytes);
            if (isEmpty)
            {
                combiner.OfResults.Convert(held, result, count);
                isEmpty = false;
            }
            else
            {
                combiner.OfResults.Combine(held, result, result, count);
            }
        }
    }

    private sealed class Strips(AcrossRows walk, RowCall call, long width, long strips) : ParallelRange
    {
        protected override void Run(long first, long end) => walk.RunStrips(call, width, strips, first, end);
    }
}
