using Fuser.Kernels.Devices;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices;

public sealed unsafe class TranspositionTests
{
    private const byte Untouched = 0xA5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Rows_get_their_elements_and_nothing_beside_them_is_written(int itemSize)
    {
        var random = new Random(itemSize);
        var source = new byte[40_000];
        random.NextBytes(source);
        for (var round = 0; round < 300; round++)
        {
            var (rows, count) = (random.Next(1, 18), random.Next(1, 60));
            var (stride, tileBytes) = ((rows + random.Next(3)) * itemSize, (count + random.Next(3)) * itemSize);
            var tiles = Enumerable.Repeat(Untouched, 12_000).ToArray();
            var expected = tiles.ToArray();
            for (var row = 0; row < rows; row++)
            {
                for (var i = 0; i < count; i++)
                {
                    source.AsSpan((row * itemSize) + (i * stride), itemSize).CopyTo(expected.AsSpan((row * tileBytes) + (i * itemSize)));
                }
            }

            fixed (byte* from = source, to = tiles)
            {
                Transposition.ToRows(from, stride, to, tileBytes, rows, count, itemSize);
            }

            tiles.AsSpan().SequenceEqual(expected).ShouldBeTrue($"{rows} rows of {count} elements of {itemSize} bytes");
        }
    }

    [Theory]
    [InlineData(1000, 37)]
    [InlineData(37, 1000)]
    [InlineData(16, 513)]
    [InlineData(3, 70)]
    public void A_transposed_input_is_read_right(int rows, int columns)
    {
        var random = new Random(rows);
        FuserValue[] inputs =
        [
            NdArray.From(Enumerable.Range(0, 2 * rows * columns).Select(_ => (float)random.NextDouble()).ToArray(), 2, rows, columns),
            NdArray.From(Enumerable.Range(0, 2 * rows * columns).Select(_ => (float)random.NextDouble()).ToArray(), 2, columns, rows),
        ];
        var graph = Kernels.Graphs.Text.GraphText.Parse(Programs.Text("a x", "%t = aten::transpose(%x, %i1, %i2); %s = aten::add(%a, %t, %i2)", "s"));
        var expected = KernelCompiler.Compile(graph, inputs, InterpreterTarget.Instance).Run(inputs);
        var (a, x) = (inputs[0].Array.ToArray<float>(), inputs[1].Array.ToArray<float>());
        var result = expected[0].ToArray<float>();
        for (var i = 0; i < result.Length; i++)
        {
            var (batch, row, column) = (i / (rows * columns), i / columns % rows, i % columns);
            result[i].ShouldBe(MathF.FusedMultiplyAdd(2, x[(batch * rows * columns) + (column * rows) + row], a[i]));
        }

        foreach (var threads in new[] { 1, 4 })
        {
            Properties.Bits.ShouldBeSame(KernelCompiler.Compile(graph, inputs, SimdTarget.Best).Run(inputs, threads: threads), expected, $"{threads} threads");
        }
    }
}
