using System.Collections.Immutable;
using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>Collects the numbers that a routine's kernel is set to, and finds out whether its positions need 64 bits.</summary>
internal sealed class RoutineSettings(RoutineDevice device)
{
    /// <summary>Above this, a number plus one more step of all work items may not fit 32 bits.</summary>
    private const long Narrow = 1L << 30;

    private readonly ImmutableArray<long>.Builder _values = ImmutableArray.CreateBuilder<long>();

    public ImmutableArray<long> Values => _values.ToImmutable();

    /// <summary>Whether positions need 64 bits.</summary>
    public bool IsWide { get; private set; } = device.IsWide;

    /// <returns>The number of the setting.</returns>
    public int Add(long value)
    {
        Reach(value);
        _values.Add(value);
        return _values.Count - 1;
    }

    /// <summary>Says how far the kernel counts.</summary>
    public void Reach(Int128 count) => IsWide |= Int128.Abs(count) > Narrow;

    /// <summary>Says which elements the kernel touches, counted from the first one.</summary>
    public void Reach(RoutineOperand operand)
    {
        if (operand.Layout.ElementCount > 0)
        {
            var (lowest, highest) = operand.Layout.Extent;
            Reach((Int128)lowest - operand.Layout.Offset);
            Reach((Int128)highest - operand.Layout.Offset);
        }
    }

    /// <summary>Axes, with a stride for each of some operands.</summary>
    public RoutineAxes Axes(IReadOnlyList<ProductAxis> axes, params ReadOnlySpan<Func<ProductAxis, long>> strides)
    {
        var sizes = new int[axes.Count];
        var moves = new int[strides.Length, axes.Count];
        Int128 count = 1;
        for (var axis = 0; axis < axes.Count; axis++)
        {
            sizes[axis] = Add(axes[axis].Size);
            count *= axes[axis].Size;
            for (var operand = 0; operand < strides.Length; operand++)
            {
                moves[operand, axis] = Add(strides[operand](axes[axis]));
            }
        }

        Reach(count);
        return new RoutineAxes(sizes, moves);
    }
}

/// <summary>Merged axes that a routine's kernel numbers, by settings.</summary>
internal sealed class RoutineAxes(int[] sizes, int[,] strides)
{
    public int Count => sizes.Length;

    /// <summary>Where an index of the axes, in row-major order, is in each operand.</summary>
    public CodeValue[] Positions(KernelWriter writer, CodeValue index)
    {
        var positions = new CodeValue[strides.GetLength(0)];
        Array.Fill(positions, writer.Position(0));
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            var along = index;
            if (axis > 0)
            {
                var size = writer.Setting(sizes[axis]);
                (along, index) = (writer.Rest(index, size), writer.Over(index, size));
            }

            for (var operand = 0; operand < positions.Length; operand++)
            {
                positions[operand] = writer.PlusTimes(positions[operand], along, writer.Setting(strides[operand, axis]));
            }
        }

        return positions;
    }
}
