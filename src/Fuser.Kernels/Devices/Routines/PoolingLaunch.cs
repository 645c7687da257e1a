using System.Numerics;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Routines;

/// <summary>Windows of planes, a row of the result at a time.</summary>
internal sealed unsafe class PoolingLaunch(Pooling pooling, RoutineOperand input, RoutineOperand result, RoutineOperand? indices) : RoutineLaunch
{
    /// <summary>Elements of the result below which a second thread costs more than it saves.</summary>
    private const long ParallelElements = 20_000;

    public override void Run(byte** buffers, int threads)
    {
        var rows = new Rows(this, buffers);
        var count = result.Layout.ElementCount == 0 ? 0 : result.Layout.ElementCount / result.Layout.Sizes[3];
        if (threads > 1 && result.Layout.ElementCount > ParallelElements)
        {
            rows.Run(count, threads);
        }
        else
        {
            rows.RunAlone(count);
        }
    }

    private void RunRows(byte** buffers, long first, long end)
    {
        for (var row = first; row < end; row++)
        {
            switch (input.DType)
            {
                case DType.Float32: RunRow<float>(buffers, row); break;
                case DType.Float64: RunRow<double>(buffers, row); break;
                case DType.Int8: RunRow<sbyte>(buffers, row); break;
                case DType.UInt8: RunRow<byte>(buffers, row); break;
                case DType.Int16: RunRow<short>(buffers, row); break;
                case DType.Int32: RunRow<int>(buffers, row); break;
                default: RunRow<long>(buffers, row); break;
            }
        }
    }

    private void RunRow<T>(byte** buffers, long row)
        where T : unmanaged, INumber<T>
    {
        var (channels, y) = Math.DivRem(row, result.Layout.Sizes[2]);
        var (batch, channel) = Math.DivRem(channels, result.Layout.Sizes[1]);
        var plane = (T*)buffers[input.Buffer] + Offset(input, batch, channel, 0);
        var to = (T*)buffers[result.Buffer] + Offset(result, batch, channel, y);
        var places = indices is null ? null : (long*)buffers[indices.Buffer] + Offset(indices, batch, channel, y);
        var rows = pooling.Rows.Window(y);
        for (long x = 0; x < result.Layout.Sizes[3]; x++)
        {
            var columns = pooling.Columns.Window(x);
            if (pooling.IsMaximum)
            {
                to[x * result.Layout.Strides[3]] = Maximum(plane, rows.First, rows.End, columns.First, columns.End, out var place);
                if (indices is not null)
                {
                    places[x * indices.Layout.Strides[3]] = place;
                }
            }
            else
            {
                var sum = Sum(plane, rows.First, rows.End, columns.First, columns.End);
                to[x * result.Layout.Strides[3]] = T.CreateTruncating(sum / (pooling.Divisor ?? (rows.Counted * columns.Counted)));
            }
        }
    }

    private static long Offset(RoutineOperand operand, long batch, long channel, long row)
    {
        var strides = operand.Layout.Strides;
        return operand.Layout.Offset + (batch * strides[0]) + (channel * strides[1]) + (row * strides[2]);
    }

    /// <summary>The greatest value and where it first stands; a NaN, the last if there are several, is greater than everything.</summary>
    private T Maximum<T>(T* plane, long firstRow, long endRow, long firstColumn, long endColumn, out long place)
        where T : unmanaged, INumber<T>
    {
        var (down, across) = (input.Layout.Strides[2], input.Layout.Strides[3]);
        place = (firstRow * pooling.Columns.Input) + firstColumn;

        // A window that lies between the elements of a dilated one has none.
        var greatest = firstRow < endRow && firstColumn < endColumn ? plane[(firstRow * down) + (firstColumn * across)]
            : T.IsInfinity(T.CreateSaturating(double.NegativeInfinity)) ? T.CreateSaturating(double.NegativeInfinity) : T.CreateSaturating(long.MinValue);
        for (var row = firstRow; row < endRow; row += pooling.Rows.Dilation)
        {
            for (var column = firstColumn; column < endColumn; column += pooling.Columns.Dilation)
            {
                var value = plane[(row * down) + (column * across)];
                if (value > greatest || T.IsNaN(value))
                {
                    (greatest, place) = (value, (row * pooling.Columns.Input) + column);
                }
            }
        }

        return greatest;
    }

    private double Sum<T>(T* plane, long firstRow, long endRow, long firstColumn, long endColumn)
        where T : unmanaged, INumber<T>
    {
        var (down, across) = (input.Layout.Strides[2], input.Layout.Strides[3]);
        var sum = 0.0;
        for (var row = firstRow; row < endRow; row++)
        {
            for (var column = firstColumn; column < endColumn; column++)
            {
                sum += double.CreateTruncating(plane[(row * down) + (column * across)]);
            }
        }

        return sum;
    }

    private sealed class Rows(PoolingLaunch launch, byte** buffers) : ParallelRange
    {
        public void RunAlone(long count) => Run(0, count);

        protected override void Run(long first, long end) => launch.RunRows(buffers, first, end);
    }
}
