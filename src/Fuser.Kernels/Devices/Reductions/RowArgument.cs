using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Reductions;

/// <summary>One argument of a kernel with reductions: buffer, where in it, and how it moves from row to row and within a row, in bytes (an index: in indices).</summary>
internal sealed class RowArgument
{
    private RowArgument(Passing passing, int source, int itemSize, long offset, ImmutableArray<long> rows, ImmutableArray<long> elements, int unit, bool isOutput)
    {
        Passing = passing;
        Source = source;
        ItemSize = itemSize;
        Offset = offset;
        RowStrides = [.. rows.Select(stride => stride * unit)];
        ElementStrides = [.. elements.Select(stride => stride * unit)];
        IsOutput = isOutput;
    }

    /// <summary><see cref="Passing.Direct"/> for everything in memory: whether it needs a tile depends on the stage.</summary>
    public Passing Passing { get; }

    /// <summary>Buffer or scalar slot.</summary>
    public int Source { get; }

    public int ItemSize { get; }

    /// <summary>Where the first element is: bytes into the buffer, or the first index.</summary>
    public long Offset { get; }

    /// <summary>Along the merged axes that number the rows.</summary>
    public long[] RowStrides { get; }

    /// <summary>Along the merged axes within a row.</summary>
    public long[] ElementStrides { get; }

    public bool IsOutput { get; }

    public static RowArgument[] Of(Specialisation specialisation)
    {
        var (group, nest) = (specialisation.Group, specialisation.Rows!);
        return
        [
            .. group.Inputs.Select((input, i) => OfInput(input, nest.Rows.Strides[i], nest.Elements.Strides[i])),
            .. group.Outputs.Select((output, i) => OfMemory(
                output.Buffer, output.Storage, output.Layout, nest.Rows.Strides[group.Inputs.Length + i], nest.Elements.Strides[group.Inputs.Length + i], isOutput: true)),
        ];
    }

    private static RowArgument OfInput(GroupInput input, ImmutableArray<long> rows, ImmutableArray<long> elements) => input switch
    {
        TensorInput tensor => OfMemory(tensor.Buffer, tensor.Storage, tensor.Layout, rows, elements, isOutput: false),
        NumberInput number => new RowArgument(Passing.Number, number.Slot, sizeof(long), 0, rows, elements, 1, false),
        SeedInput => new RowArgument(Passing.Seed, 0, sizeof(long), 0, rows, elements, 1, false),
        IndexInput indices => new RowArgument(Passing.Index, 0, sizeof(long), indices.Layout.Offset, rows, elements, 1, false),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"a group input of kind {input.GetType().Name} has no launch"),
    };

    private static RowArgument OfMemory(int buffer, DType storage, TensorLayout layout, ImmutableArray<long> rows, ImmutableArray<long> elements, bool isOutput) =>
        new(Passing.Direct, buffer, storage.ItemSize(), layout.Offset * storage.ItemSize(), rows, elements, storage.ItemSize(), isOutput);

    /// <summary>From the first row to that one.</summary>
    public long RowOffset(long row, long[] sizes)
    {
        if (sizes.Length == 1)
        {
            return row * RowStrides[0];
        }

        long offset = 0;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            (row, var index) = Math.DivRem(row, sizes[axis]);
            offset += index * RowStrides[axis];
        }

        return offset;
    }

    /// <summary>From the first element of a row to that one.</summary>
    public long ElementOffset(long element, long[] sizes)
    {
        if (sizes.Length == 1)
        {
            return element * ElementStrides[0];
        }

        long offset = 0;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            (element, var index) = Math.DivRem(element, sizes[axis]);
            offset += index * ElementStrides[axis];
        }

        return offset;
    }
}
