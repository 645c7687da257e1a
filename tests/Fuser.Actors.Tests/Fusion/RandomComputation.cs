using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>A random elementwise graph that computes something, and inputs of random shapes that broadcast.</summary>
internal sealed class RandomComputation
{
    private static readonly Func<GraphTensor, GraphTensor, GraphTensor>[] Operations =
    [
        (a, b) => a + b,
        (a, b) => a - b,
        (a, b) => a * b,
        (a, b) => a / (b + 3.0),
        (a, _) => a.Tanh(),
        (a, _) => a.Sigmoid(),
        (a, _) => a.Relu(),
        (a, _) => a.Neg(),
        (a, _) => a.Exp(),
        (a, b) => a.Add(b, 2),
        (a, _) => a.Clamp(-0.5, 0.75),
        (a, _) => a * 1.7 + 0.1,
    ];

    private readonly int _inputs;

    public RandomComputation(Random random)
    {
        var builder = new GraphBuilder();
        _inputs = random.Next(1, 4);
        List<GraphTensor> values = [.. Enumerable.Range(0, _inputs).Select(i => builder.Input($"x{i}"))];
        for (var i = random.Next(1, 13); i > 0; i--)
        {
            values.Add(Operations[random.Next(Operations.Length)](values[random.Next(values.Count)], values[random.Next(values.Count)]));
        }

        builder.Output(values[^1]);
        if (random.Next(2) == 0)
        {
            builder.Output(values[random.Next(_inputs, values.Count)]);
        }

        Graph = builder.Build();
    }

    public Graph Graph { get; }

    public FuserValue[] Inputs(Random random)
    {
        long[] full = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.NextInt64(1, 9))];
        return [.. Enumerable.Range(0, _inputs).Select(_ =>
        {
            long[] shape = [.. full.Skip(random.Next(full.Length)).Select(size => random.Next(4) == 0 ? 1 : size)];
            var count = shape.Aggregate(1L, (product, size) => product * size);
            return random.Next(4) == 0
                ? (FuserValue)NdArray.From([.. Enumerable.Range(0, (int)count).Select(_ => random.NextDouble() * 2 - 1)], shape)
                : NdArray.From([.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle() * 2 - 1)], shape);
        })];
    }

    /// <summary>Bits of all results in a row, every NaN the same.</summary>
    public static string Bits(IEnumerable<NdArray> results) => string.Join(';', results.Select(result => result.DType == DType.Float64
        ? $"{Shapes.Text(result.Shape.AsSpan())}{string.Join(',', result.ToArray<double>().Select(value => double.IsNaN(value) ? "nan" : BitConverter.DoubleToInt64Bits(value).ToString("x")))}"
        : $"{Shapes.Text(result.Shape.AsSpan())}{string.Join(',', result.ToArray<float>().Select(value => float.IsNaN(value) ? "nan" : BitConverter.SingleToInt32Bits(value).ToString("x")))}"));
}
