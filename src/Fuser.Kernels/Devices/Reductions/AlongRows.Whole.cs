using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Devices.Reductions;

/// <summary>Rows that are one stretch each, and behind each other: their operands are placed once.</summary>
internal sealed unsafe partial class AlongRows
{
    /// <summary>Whether every operand moves on by as many bytes from row to row, and none goes through a tile.</summary>
    private bool IsRowAfterRow(Stage plan)
    {
        if (_stretchesPerRow > 1 || _rowSizes.Length > 1)
        {
            return false;
        }

        foreach (var operand in plan.Arguments)
        {
            if (operand.Place == OperandPlace.Argument && !MovesEvenly(arguments[operand.Index]))
            {
                return false;
            }
        }

        foreach (var reduction in plan.Reductions)
        {
            if (reduction.Source.Place == OperandPlace.Argument && !MovesEvenly(arguments[reduction.Source.Index]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool MovesEvenly(RowArgument argument) => argument.Passing switch
    {
        Passing.Number or Passing.Seed => true,
        Passing.Direct => IsDirect(argument) || IsPerRow(argument),
        _ => false,
    };

    /// <summary>Rows of one stretch each: operands are placed once and then moved on.</summary>
    private void RunRows(in RowCall call, in StageMemory memory, int stage, bool streams, long row, long first, long end, void** pointers)
    {
        var plan = call.Kernel.Ir.Stages[stage];
        var code = call.Kernel.Stages[stage];
        var (operands, reductions) = (plan.Arguments.Length, plan.Reductions.Length);
        var steps = stackalloc long[operands];
        var sources = stackalloc byte*[reductions];
        var sourceSteps = stackalloc long[reductions];
        for (var i = 0; i < operands; i++)
        {
            pointers[i] = Place(call, memory, plan.Arguments[i], row + first, first, 0, 0, _elements, null);
            steps[i] = StepOf(call, plan.Arguments[i]);
        }

        for (var i = 0; i < reductions; i++)
        {
            sources[i] = (byte*)Place(call, memory, plan.Reductions[i].Source, row + first, first, 0, 0, _elements, null);
            sourceSteps[i] = StepOf(call, plan.Reductions[i].Source);
        }

        var combiners = call.Kernel.Combiners[stage];
        var prefetches = _prefetches && stage == 0 && code is not null;
        for (var inBatch = first; inBatch < end; inBatch++)
        {
            if (prefetches)
            {
                Prefetch(plan, pointers);
            }

            if (streams)
            {
                code?.RunStreaming(pointers, (nint)_elements);
            }
            else
            {
                code?.Run(pointers, (nint)_elements);
            }

            for (var i = 0; i < reductions; i++)
            {
                combiners[i].Reduce(sources[i], _elements, memory.Scratch, memory.Row(plan.Reductions[i].RowValue) + (inBatch * combiners[i].ResultSize));
                sources[i] += sourceSteps[i];
            }

            for (var i = 0; i < operands; i++)
            {
                pointers[i] = (byte*)pointers[i] + steps[i];
            }
        }
    }

    /// <summary>Asks for what lies as far behind the inputs of a row as is worth while. Combiners do so themselves.</summary>
    private void Prefetch(Stage plan, void** pointers)
    {
        for (var i = 0; i < plan.Arguments.Length; i++)
        {
            if (plan.Arguments[i] is { Place: OperandPlace.Argument, Index: var index } && IsReadAlong(arguments[index]))
            {
                Prefetching.Ahead((byte*)pointers[i], _elements * arguments[index].ItemSize);
            }
        }
    }

    /// <summary>Whether an argument is an array that is read element after element.</summary>
    private static bool IsReadAlong(RowArgument argument) => argument is { Passing: Passing.Direct, IsOutput: false } && IsDirect(argument);

    /// <summary>Bytes from an operand's place for a row to that for the next.</summary>
    private long StepOf(in RowCall call, StageOperand operand) => operand.Place switch
    {
        OperandPlace.Row => call.Kernel.Ir.RowValues[operand.Index].Size(),
        OperandPlace.Kept => _elements * call.Kernel.Ir.Kept[operand.Index].Size(),
        OperandPlace.Combined => 0,
        _ when arguments[operand.Index].Passing == Passing.Direct => arguments[operand.Index].RowStrides[0],
        _ => 0,
    };
}
