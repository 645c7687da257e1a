using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>What a caller's output arrays must be, and which of them cannot be written while the kernels run.</summary>
internal static unsafe class OutputCheck
{
    private const int MostRangesOnStack = 64;

    /// <exception cref="InputException">A count, dtype or shape differs from the plan's, or elements of an output share memory.</exception>
    public static void Check(GraphPlan plan, ReadOnlySpan<NdArray> outputs)
    {
        if (outputs.Length != plan.Outputs.Length)
        {
            throw WrongCount(outputs.Length, plan.Outputs.Length);
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            var wanted = plan.Outputs[i];
            CheckOne(outputs[i], i, wanted.DType, wanted.Shape);
            if (wanted.ScalarSlot >= 0)
            {
                CheckNumber(outputs, i);
            }
        }
    }

    /// <summary>The same for results that are there already, and are to be copied.</summary>
    /// <exception cref="InputException">A count, dtype or shape differs from the results', or elements of an output share memory.</exception>
    public static void Check(ReadOnlySpan<NdArray> results, ReadOnlySpan<NdArray> outputs)
    {
        if (outputs.Length != results.Length)
        {
            throw WrongCount(outputs.Length, results.Length);
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            CheckOne(outputs[i], i, results[i].DType, results[i].Shape);
        }
    }

    private static void CheckOne(NdArray output, int number, DType dtype, ImmutableArray<long> shape)
    {
        if (output.DType != dtype || (output.Shape != shape && !output.Shape.AsSpan().SequenceEqual(shape.AsSpan())))
        {
            throw new InputException(ErrorCodes.OutputMismatch, $"output {number} got {(FuserValue)output}, wanted {dtype.DisplayName()}{Shapes.Text(shape.AsSpan())}");
        }

        if (MayRepeat(output.Layout))
        {
            throw new InputException(ErrorCodes.OutputMismatch, $"output {number} has {output.Layout}, which gives several elements one place; pass memory for every element");
        }
    }

    private static InputException WrongCount(int got, int wanted) => new(ErrorCodes.OutputMismatch, $"got {got} output arrays, the graph has {wanted} outputs");

    /// <summary>
    /// Whether elements share memory: taken by size of their strides, an axis must step over all that the axes before it reach. Layouts that avoid each other in
    /// any other way are made by nobody, and refused too.
    /// </summary>
    private static bool MayRepeat(in TensorLayout layout)
    {
        if (layout.ElementCount <= 1 || layout.IsContiguous)
        {
            return false;
        }

        var done = 0UL; // a bit per axis; there are at most 64
        var reach = UInt128.Zero;
        for (var count = 0; count < layout.Rank; count++)
        {
            var next = -1;
            for (var axis = 0; axis < layout.Rank; axis++)
            {
                if ((done & (1UL << axis)) == 0 && (next < 0 || Magnitude(layout.Strides[axis]) < Magnitude(layout.Strides[next])))
                {
                    next = axis;
                }
            }

            done |= 1UL << next;
            var stride = Magnitude(layout.Strides[next]);
            if (layout.Sizes[next] > 1 && stride <= reach)
            {
                return true;
            }

            reach += (UInt128)stride * (ulong)(layout.Sizes[next] - 1);
        }

        return false;
    }

    private static ulong Magnitude(long stride) => stride < 0 ? unchecked((ulong)-stride) : (ulong)stride;

    /// <summary>A number is written at the end, when the arrays have their results: it may not lie in one of them.</summary>
    private static void CheckNumber(ReadOnlySpan<NdArray> outputs, int number)
    {
        for (var other = 0; other < outputs.Length; other++)
        {
            if (other == number || outputs[other].ElementCount == 0)
            {
                continue;
            }

            // Not pinned, and need not be: both move together or share no memory.
            var distance = Unsafe.ByteOffset(ref outputs[other].First, ref outputs[number].First);
            if (MemoryRange.Of(outputs[other], null).Overlaps(new MemoryRange(distance, distance + outputs[number].DType.ItemSize())))
            {
                throw Shared(Math.Min(number, other), Math.Max(number, other));
            }
        }
    }

    private static InputException Shared(int first, int second) =>
        new(ErrorCodes.OutputMismatch, $"outputs {first} and {second} share memory; give each its own");

    /// <summary>
    /// Marks the outputs that are computed elsewhere and copied at the end: those that are not row-major, and those that overlap
    /// an input other than element for element in a single kernel without reductions. A plan of several steps, or one that reads a row more than once, may read the
    /// input after it wrote the output.
    /// </summary>
    /// <returns>Whether there are any.</returns>
    /// <exception cref="InputException">Two outputs overlap.</exception>
    public static bool MarkRedirected(GraphPlan plan, ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs, byte** buffers, bool* marks)
    {
        var count = inputs.Length + outputs.Length;
        var rented = count <= MostRangesOnStack ? null : ArrayPool<MemoryRange>.Shared.Rent(count);
        var ranges = rented ?? stackalloc MemoryRange[MostRangesOnStack];
        try
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                ranges[i] = inputs[i].Kind == FuserValueKind.Array ? MemoryRange.Of(inputs[i].Array, buffers[i]) : default;
            }

            for (var i = 0; i < outputs.Length; i++)
            {
                var buffer = plan.Outputs[i].Buffer;
                ranges[inputs.Length + i] = buffer < 0 ? default : MemoryRange.Of(outputs[i], buffers[buffer]);
            }

            return MarkRedirected(plan, ranges[..inputs.Length], ranges[inputs.Length..count], outputs, buffers, marks);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<MemoryRange>.Shared.Return(rented);
            }
        }
    }

    private static bool MarkRedirected(GraphPlan plan, ReadOnlySpan<MemoryRange> inputs, ReadOnlySpan<MemoryRange> outputs, ReadOnlySpan<NdArray> arrays, byte** buffers, bool* marks)
    {
        var any = false;
        for (var i = 0; i < outputs.Length; i++)
        {
            marks[i] = false;
            if (outputs[i].IsEmpty)
            {
                continue;
            }

            for (var other = 0; other < i; other++)
            {
                if (outputs[i].Overlaps(outputs[other]))
                {
                    throw Shared(other, i);
                }
            }

            marks[i] = !arrays[i].Layout.IsContiguous || OverlapsBadly(plan, inputs, buffers, plan.Outputs[i].Buffer, outputs[i]);
            any |= marks[i];
        }

        return any;
    }

    private static bool OverlapsBadly(GraphPlan plan, ReadOnlySpan<MemoryRange> inputs, byte** buffers, int output, MemoryRange memory)
    {
        for (var i = 0; i < inputs.Length; i++)
        {
            if (memory.Overlaps(inputs[i]) && !IsElementForElement(plan, i, output, buffers[i] == buffers[output]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the one kernel reads the input only where it then writes the output.</summary>
    private static bool IsElementForElement(GraphPlan plan, int input, int output, bool samePlace)
    {
        if (!samePlace || plan.Steps is not [KernelStep] || plan.Groups[0].Domain.HasReductions)
        {
            return false;
        }

        GroupOutput? written = null;
        foreach (var known in plan.Groups[0].Outputs)
        {
            if (known.Buffer == output)
            {
                if (written is not null)
                {
                    return false;
                }

                written = known;
            }
        }

        foreach (var known in plan.Groups[0].Inputs)
        {
            if (known is TensorInput tensor && tensor.Buffer == input
                && (written is null || tensor.Layout != written.Layout || tensor.Storage.ItemSize() != written.Storage.ItemSize()))
            {
                return false;
            }
        }

        return written is not null;
    }
}

/// <summary>The bytes an array's elements can lie in; none for an array without elements.</summary>
internal readonly unsafe record struct MemoryRange(nint Lowest, nint Beyond)
{
    public bool IsEmpty => Lowest == Beyond;

    public static MemoryRange Of(NdArray array, byte* first)
    {
        if (array.ElementCount == 0)
        {
            return default;
        }

        var item = array.DType.ItemSize();
        if (array.Layout.IsContiguous)
        {
            return new MemoryRange((nint)first, (nint)first + (nint)(array.ElementCount * item));
        }

        var (lowest, highest) = array.Layout.Extent;
        var start = (nint)first - (nint)(array.Layout.Offset * item);
        return new MemoryRange(start + (nint)((long)lowest * item), start + (nint)(((long)highest + 1) * item));
    }

    public bool Overlaps(MemoryRange other) => Lowest < other.Beyond && other.Lowest < Beyond;
}
