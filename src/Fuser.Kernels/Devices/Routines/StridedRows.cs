using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Routines;

/// <summary>The lines of a tensor along one axis: where each begins, and the stride within it. All in bytes.</summary>
internal sealed unsafe class StridedRows
{
    private readonly RoutineOperand _operand;
    private readonly long[] _sizes;
    private readonly long[] _strides;
    private readonly long _offset;

    public StridedRows(RoutineOperand operand, int axis)
    {
        _operand = operand;
        var (layout, size) = (operand.Layout, operand.DType.ItemSize());
        _sizes = [.. layout.Sizes.RemoveAt(axis)];
        _strides = [.. layout.Strides.RemoveAt(axis).Select(stride => stride * size)];
        _offset = layout.Offset * size;
        Stride = layout.Strides[axis] * size;
        Length = layout.Sizes[axis];
        Count = Shapes.ElementCount(_sizes);
    }

    /// <summary>From one element of a line to the next.</summary>
    public long Stride { get; }

    public long Length { get; }

    /// <summary>How many lines there are.</summary>
    public long Count { get; }

    /// <summary>The first element of a line; lines are counted in row-major order of the other axes.</summary>
    public byte* this[byte** buffers, long line]
    {
        get
        {
            var address = buffers[_operand.Buffer] + _offset;
            for (var axis = _sizes.Length - 1; axis >= 0; axis--)
            {
                (line, var index) = Math.DivRem(line, _sizes[axis]);
                address += index * _strides[axis];
            }

            return address;
        }
    }
}
