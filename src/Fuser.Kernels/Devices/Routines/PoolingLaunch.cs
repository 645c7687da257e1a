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
        var (across, width, toNext, placesNext) = (pooling.Columns, result.Layout.Sizes[3], result.Layout.Strides[3], indices?.Layout.Strides[3] ?? 0);
        var window = new Plane<T>(plane, input.Layout.Strides[2], input.Layout.Strides[3], across.Input, pooling.Rows.Dilation, across.Dilation);
        var rows = pooling.Rows.Window(y);
        for (long x = 0; x < width; x++)
        {
            var columns = across.Window(x);
            if (pooling.IsMaximum)
            {
                to[x * toNext] = window.Maximum(rows.First, rows.End, columns.First, columns.End, out var place);
                if (places != null)
                {
                    places[x * placesNext] = place;
                }
            }
            else
            {
                var sum = window.Sum(rows.First, rows.End, columns.First, columns.End);
                to[x * toNext] = T.CreateTruncating(sum / (pooling.Divisor ?? (rows.Counted * columns.Counted)));
            }
        }
    }

    private static long Offset(RoutineOperand operand, long batch, long channel, long row)
    {
        var strides = operand.Layout.Strides;
        return operand.Layout.Offset + (batch * strides[0]) + (channel * strides[1]) + (row * strides[2]);
    }

    /// <summary>One plane of the input, strides in elements.</summary>
    private readonly struct Plane<T>(T* first, long down, long across, long width, long nextRow, long nextColumn)
        where T : unmanaged, INumber<T>
    {
        /// <summary>The greatest value of a window and where it first stands; a NaN, the last if there are several, is greater than everything.</summary>
        public T Maximum(long firstRow, long endRow, long firstColumn, long endColumn, out long place)
        {
            place = (firstRow * width) + firstColumn;

            // A window that lies between the elements of a dilated one has none.
            var greatest = firstRow < endRow && firstColumn < endColumn ? first[(firstRow * down) + (firstColumn * across)] : Least();
            for (var row = firstRow; row < endRow; row += nextRow)
            {
                var line = first + (row * down);
                for (var column = firstColumn; column < endColumn; column += nextColumn)
                {
                    var value = line[column * across];
                    if (value > greatest || T.IsNaN(value))
                    {
                        (greatest, place) = (value, (row * width) + column);
                    }
                }
            }

            return greatest;
        }

        public double Sum(long firstRow, long endRow, long firstColumn, long endColumn)
        {
            var sum = 0.0;
            for (var row = firstRow; row < endRow; row++)
            {
                var line = first + (row * down);
                for (var column = firstColumn; column < endColumn; column++)
                {
                    sum += double.CreateTruncating(line[column * across]);
                }
            }

            return sum;
        }

        private static T Least() => T.IsInfinity(T.CreateSaturating(double.NegativeInfinity)) ? T.CreateSaturating(double.NegativeInfinity) : T.CreateSaturating(long.MinValue);
    }

    private sealed class Rows(PoolingLaunch launch, byte** buffers) : ParallelRange
    {
        public void RunAlone(long count) => Run(0, count);

        protected override void Run(long first, long end) => launch.RunRows(buffers, first, end);
    }
}
