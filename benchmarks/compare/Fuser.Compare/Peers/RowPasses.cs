using System.Numerics.Tensors;

namespace Fuser.Compare.Peers;

/// <summary>Workloads by rows.</summary>
internal sealed unsafe class RowPasses : PassKernel
{
    private const float Epsilon = 1e-5f;

    /// <summary>Rows and columns of a matrix that are transposed at a time.</summary>
    private const int Square = 32;

    [ThreadStatic]
    private static float[]? s_buffer;

    private readonly PeerArrays _arrays;
    private readonly RowPass _pass;
    private readonly float[][]? _sums;

    private RowPasses(PeerArrays arrays, RowPass pass, float[][]? sums)
    {
        _arrays = arrays;
        _pass = pass;
        _sums = sums;
    }

    private delegate void RowPass(RowPasses kernel, long row, Span<float> sums);

    private int Width => (int)_arrays.Specs[0].Shape[^1];

    public static RowPasses? Of(string workload, PeerArrays arrays)
    {
        RowPass? pass = workload switch
        {
            "W3" => LstmCell,
            "W5" => Normalise,
            "W6-softmax" => (kernel, row, _) => TensorPrimitives.SoftMax(kernel.In(0, row), kernel.Out(0, row)),
            "W6-layernorm" => LayerNorm,
            "W6-rmsnorm" => RmsNorm,
            "W6-colsum" => (kernel, row, sums) => TensorPrimitives.Add(sums, kernel.In(0, row), sums),
            "W6-sum" => (kernel, row, sums) => sums[0] += TensorPrimitives.Sum(kernel.Piece(row)),
            "W12" => Transposed,
            _ => null,
        };
        if (pass is null)
        {
            return null;
        }

        var (items, length) = workload switch
        {
            "W6-sum" => (arrays.Specs[0].Count / Workloads.Workload.SizeStep, Workloads.Workload.SizeStep),
            "W12" => ((arrays.Specs[0].Shape[0] + Square - 1) / Square, Square * arrays.Specs[0].Shape[1]),
            _ => (arrays.Specs[0].Shape[0], arrays.Specs[0].Shape[1]),
        };
        var sums = workload is "W6-colsum" or "W6-sum"
            ? Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new float[arrays.Specs[^1].Count]).ToArray()
            : null;
        return new RowPasses(arrays, pass, sums) { Items = items, ItemLength = length };
    }

    public override void Run(int member, long first, long end)
    {
        var sums = _sums is null ? default : _sums[member].AsSpan();
        sums.Clear();
        for (var row = first; row < end; row++)
        {
            _pass(this, row, sums);
        }
    }

    public override void Finish(int members)
    {
        if (_sums is null)
        {
            return;
        }

        var total = new Span<float>(_arrays.Memories[^1].Address, _sums[0].Length);
        _sums[0].CopyTo(total);
        for (var member = 1; member < members; member++)
        {
            TensorPrimitives.Add(total, _sums[member], total);
        }
    }

    private static void LstmCell(RowPasses kernel, long row, Span<float> sums)
    {
        var gates = kernel.In(0, row);
        var width = gates.Length / 4;
        var h = kernel.Out(0, row);
        var cell = kernel.Out(1, row);
        var t = Buffer(width);
        TensorPrimitives.Sigmoid(gates[..width], h);
        TensorPrimitives.Tanh(gates.Slice(2 * width, width), t);
        TensorPrimitives.Multiply<float>(h, t, h);
        TensorPrimitives.Sigmoid(gates.Slice(width, width), t);
        TensorPrimitives.MultiplyAddEstimate<float>(t, kernel.In(1, row), h, cell);
        TensorPrimitives.Tanh<float>(cell, t);
        TensorPrimitives.Sigmoid(gates[(3 * width)..], h);
        TensorPrimitives.Multiply<float>(h, t, h);
    }

    private static void Normalise(RowPasses kernel, long row, Span<float> sums)
    {
        var y = kernel.Out(0, row);
        TensorPrimitives.Subtract(kernel.In(0, row), kernel.In(1, row)[0], y);
        TensorPrimitives.Multiply(y, kernel.In(2, row)[0], y);
        TensorPrimitives.MultiplyAddEstimate<float>(y, kernel.In(3, 0), kernel.In(4, 0), y);
    }

    private static void LayerNorm(RowPasses kernel, long row, Span<float> sums)
    {
        var x = kernel.In(0, row);
        var y = kernel.Out(0, row);
        TensorPrimitives.Subtract(x, TensorPrimitives.Sum(x) / x.Length, y);
        TensorPrimitives.Multiply(y, 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(y) / x.Length) + Epsilon), y);
        TensorPrimitives.MultiplyAddEstimate<float>(y, kernel.In(1, 0), kernel.In(2, 0), y);
    }

    private static void RmsNorm(RowPasses kernel, long row, Span<float> sums)
    {
        var x = kernel.In(0, row);
        var y = kernel.Out(0, row);
        TensorPrimitives.Multiply(x, 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares(x) / x.Length) + Epsilon), y);
        TensorPrimitives.Multiply(y, kernel.In(1, 0), y);
    }

    /// <summary>Some rows of the output: squares of the other matrix are turned over in a buffer.</summary>
    private static void Transposed(RowPasses kernel, long band, Span<float> sums)
    {
        var (height, width) = (kernel._arrays.Specs[0].Shape[0], kernel.Width);
        var top = band * Square;
        var down = (int)Math.Min(Square, height - top);
        var turned = Buffer(Square * width);
        var other = (float*)kernel._arrays.Memories[1].Address;
        for (var left = 0; left < width; left += Square)
        {
            for (var column = left; column < Math.Min(left + Square, width); column++)
            {
                for (var row = 0; row < down; row++)
                {
                    turned[(row * width) + column] = other[(column * height) + top + row];
                }
            }
        }

        for (var row = 0; row < down; row++)
        {
            var y = kernel.Out(0, top + row);
            TensorPrimitives.MultiplyAddEstimate<float>(turned.Slice(row * width, width), 0.5f, kernel.In(0, top + row), y);
            TensorPrimitives.Max(y, 0f, y);
        }
    }

    private static Span<float> Buffer(int length)
    {
        if (s_buffer is null || s_buffer.Length < length)
        {
            s_buffer = GC.AllocateUninitializedArray<float>(length);
        }

        return s_buffer.AsSpan(0, length);
    }

    private ReadOnlySpan<float> Piece(long number) => new((float*)_arrays.Memories[0].Address + (number * Workloads.Workload.SizeStep), Workloads.Workload.SizeStep);

    private ReadOnlySpan<float> In(int input, long row) => Row(input, row);

    private Span<float> Out(int output, long row) => Row(_arrays.Outputs.First() + output, row);

    private Span<float> Row(int array, long row)
    {
        var width = (int)_arrays.Specs[array].Shape[^1];
        return new((float*)_arrays.Memories[array].Address + (row * width), width);
    }
}
