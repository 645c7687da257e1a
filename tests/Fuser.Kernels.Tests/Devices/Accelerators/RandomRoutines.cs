using System.Runtime.InteropServices;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Routines over operands of every type, whose axes lie in memory in any order: some backwards, some repeated, some with gaps, some empty.</summary>
internal sealed class RandomRoutines(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<byte[]> _memory = [];

    /// <summary>A step, and the memory of its buffers.</summary>
    /// <param name="isLarge">Whether products are of more than one tile, and sums of more than one block.</param>
    public static (RoutineStep Step, byte[][] Memory) Create(string kind, int seed, bool isLarge)
    {
        var routines = new RandomRoutines(seed);
        var step = kind switch
        {
            "lookup" => routines.Lookup(),
            "cumsum" => routines.CumulativeSum(isLarge),
            "pool" => routines.Pool(),
            "convolution" => routines.Convolve(isLarge),
            _ => routines.Contract(isLarge),
        };
        return (step, [.. routines._memory]);
    }

    /// <summary>A product of so many rows and columns whose every term underflows to -0: what chains and blocks begin with, and what fills slabs up, shows in the sign of the sums.</summary>
    public static (RoutineStep Step, byte[][] Memory) CreateUnderflow(DType dtype, long rows, long depth, long columns)
    {
        long[] counts = [rows * depth, depth * columns, rows * columns];
        var memory = Array.ConvertAll(counts, count => new byte[Math.Max(count, 1) * dtype.ItemSize()]);
        for (var operand = 0; operand < 2; operand++)
        {
            for (var i = 0; i < counts[operand]; i++)
            {
                var (single, tiny) = (operand == 0 ? -1e-30f : 1e-30f, operand == 0 ? -1e-200 : 1e-200);
                _ = dtype == DType.Float32 ? BitConverter.TryWriteBytes(memory[operand].AsSpan(i * sizeof(float)), single) : BitConverter.TryWriteBytes(memory[operand].AsSpan(i * sizeof(double)), tiny);
            }
        }

        RoutineOperand Matrix(int buffer, long first, long second) => new(buffer, dtype, TensorLayout.Contiguous([first, second]));
        return (new RoutineStep(new Contraction("test", 0, 1, 1, 1), [Matrix(0, rows, depth), Matrix(1, depth, columns)], [Matrix(2, rows, columns)], 0), memory);
    }

    private RoutineStep Lookup()
    {
        DType[] dtypes = [DType.Float32, DType.Int8, DType.Bool, DType.Int16, DType.BFloat16, DType.Int64, DType.Float64, DType.UInt8];
        var (dtype, fromEnd) = (dtypes[_random.Next(dtypes.Length)], _random.Next(2) == 0);
        var shape = Sizes(_random.Next(4), 20);
        var limit = _random.Next(1, 9);
        var source = Operand(dtype, [limit, .. shape], mayRepeat: true);
        var index = Operand(DType.Int64, shape, mayRepeat: true);
        var indices = MemoryMarshal.Cast<byte, long>(_memory[^1].AsSpan());
        for (var i = 0; i < indices.Length; i++)
        {
            indices[i] = _random.Next(fromEnd ? -limit : 0, limit);
        }

        return new RoutineStep(new Lookup("test", fromEnd), [source, index], [Operand(dtype, shape, mayRepeat: false)], 0);
    }

    private RoutineStep CumulativeSum(bool isLarge)
    {
        DType[] dtypes = [DType.Float32, DType.Float64, DType.Int64];
        var dtype = dtypes[_random.Next(dtypes.Length)];
        var shape = Sizes(_random.Next(1, 4), 7);
        var axis = _random.Next(shape.Length);
        shape[axis] = isLarge ? _random.Next(2000, 6200) : shape[axis];
        return new RoutineStep(new CumulativeSum(axis), [Operand(dtype, shape, mayRepeat: true)], [Operand(dtype, shape, mayRepeat: false)], 0);
    }

    private RoutineStep Pool()
    {
        var isMaximum = _random.Next(2) == 0;
        DType[] dtypes = isMaximum ? [DType.Float32, DType.Float64, DType.Int8, DType.UInt8, DType.Int16, DType.Int32, DType.Int64] : [DType.Float32, DType.Float64];
        var dtype = dtypes[_random.Next(dtypes.Length)];
        var isAdaptive = _random.Next(3) == 0;
        var countsPadding = !isMaximum && _random.Next(2) == 0;
        PoolAxis Axis()
        {
            if (isAdaptive)
            {
                return PoolAxis.Adaptive(_random.Next(1, 14), _random.Next(1, 7));
            }

            while (true)
            {
                var (input, kernel, stride, dilation) = (_random.Next(1, 14), _random.Next(1, 5), _random.Next(1, 4), isMaximum ? _random.Next(1, 4) : 1);
                var padding = _random.Next((kernel / 2) + 1);
                var output = ((input + (2 * padding) - (dilation * (kernel - 1)) - 1) / stride) + 1;
                if (input + (2 * padding) > dilation * (kernel - 1) && output > 0)
                {
                    return new PoolAxis(input, output, kernel, stride, padding, dilation, countsPadding);
                }
            }
        }

        var (rows, columns) = (Axis(), Axis());
        var outer = Sizes(2, 4);
        var input = Operand(dtype, [.. outer, rows.Input, columns.Input], mayRepeat: true);
        var result = Operand(dtype, [.. outer, rows.Output, columns.Output], mayRepeat: false);
        var pooling = new Pooling("test", isMaximum, rows, columns, !isMaximum && _random.Next(3) == 0 ? 7 : null);
        return isMaximum && _random.Next(2) == 0
            ? new RoutineStep(pooling, [input], [result, Operand(DType.Int64, [.. outer, rows.Output, columns.Output], mayRepeat: false)], 0)
            : new RoutineStep(pooling, [input], [result], 0);
    }

    private RoutineStep Contract(bool isLarge)
    {
        DType[] dtypes = [DType.Float32, DType.Float64, DType.Int32, DType.Int64];
        var dtype = dtypes[_random.Next(dtypes.Length)];
        long[] batch = Sizes(_random.Next(3), 3);
        long[] rows = isLarge ? [.. Sizes(_random.Next(2), 3), _random.Next(16, 90)] : Sizes(_random.Next(3), 9);
        long[] columns = isLarge ? [.. Sizes(_random.Next(2), 3), _random.Next(16, 90)] : Sizes(_random.Next(3), 12);
        long[] summed = [.. Sizes(_random.Next(2), 4), _random.Next(4) == 0 ? _random.Next(400) : _random.Next(20)];
        return new RoutineStep(
            new Contraction("test", batch.Length, rows.Length, columns.Length, summed.Length),
            [Operand(dtype, [.. batch, .. rows, .. summed], mayRepeat: true), Operand(dtype, [.. batch, .. summed, .. columns], mayRepeat: true)],
            [Operand(dtype, [.. batch, .. rows, .. columns], mayRepeat: false)],
            0);
    }

    private RoutineStep Convolve(bool isLarge)
    {
        var dtype = _random.Next(2) == 0 ? DType.Float32 : DType.Float64;
        var (groups, axes) = (_random.Next(1, 3), _random.Next(1, 3));
        var (channels, outputs) = (_random.Next(1, 4), isLarge ? _random.Next(16, 40) : _random.Next(1, 5));
        long[] window = [.. Enumerable.Range(0, axes).Select(_ => (long)_random.Next(1, 4))];
        long[] stride = [.. Enumerable.Range(0, axes).Select(_ => (long)_random.Next(1, 3))];
        long[] dilation = [.. Enumerable.Range(0, axes).Select(_ => (long)_random.Next(1, 3))];
        long[] space = [.. Enumerable.Range(0, axes).Select(_ => (long)_random.Next(1, isLarge ? 9 : 6))];
        var batch = (long)_random.Next(3);
        return new RoutineStep(
            new Convolution("test", [.. stride], [.. dilation], groups),
            [
                Operand(dtype, [batch, channels * groups, .. space.Select((size, axis) => ((size - 1) * stride[axis]) + ((window[axis] - 1) * dilation[axis]) + 1)], mayRepeat: true),
                Operand(dtype, [outputs * groups, channels, .. window], mayRepeat: true),
            ],
            [Operand(dtype, [batch, outputs * groups, .. space], mayRepeat: false)],
            0);
    }

    private long[] Sizes(int axes, int most) => [.. Enumerable.Range(0, axes).Select(_ => (long)(_random.Next(15) == 0 ? _random.Next(2) : _random.Next(1, most)))];

    private RoutineOperand Operand(DType dtype, long[] sizes, bool mayRepeat)
    {
        var order = Enumerable.Range(0, sizes.Length).ToArray();
        if (_random.Next(2) == 0)
        {
            _random.Shuffle(order);
        }

        var strides = new long[sizes.Length];
        var (stride, offset) = (1L, (long)_random.Next(5));
        foreach (var axis in order.Reverse())
        {
            if (mayRepeat && _random.Next(8) == 0)
            {
                continue;
            }

            stride *= _random.Next(6) == 0 ? 2 : 1;
            strides[axis] = stride;
            stride *= Math.Max(sizes[axis], 1);
            if (_random.Next(6) == 0)
            {
                offset += strides[axis] * Math.Max(sizes[axis] - 1, 0);
                strides[axis] = -strides[axis];
            }
        }

        var array = RandomArrays.Create(_random, dtype, TensorLayout.Contiguous([offset + stride + 1]));
        _memory.Add(MemoryMarshal.CreateReadOnlySpan(ref array.First, (int)array.ElementCount * dtype.ItemSize()).ToArray());
        return new RoutineOperand(_memory.Count - 1, dtype, new TensorLayout([.. sizes], [.. strides], offset));
    }
}
