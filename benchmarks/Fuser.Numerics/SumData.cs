using System.Text.Json;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Numerics;

/// <summary>One kind and number of badly conditioned values: the exact sum and that of eager PyTorch for each seed from 0; see generate_sums.py of the kernel tests.</summary>
internal sealed record RecordedSums(string Data, int Count, IReadOnlyList<RecordedSum> Sums)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<RecordedSums> Read(string file) => JsonSerializer.Deserialize<List<RecordedSums>>(File.ReadAllText(file), Options)!;

    /// <summary>The root of the mean square error of eager PyTorch.</summary>
    public double EagerError => Math.Sqrt(Sums.Average(sum => Square(sum.Eager - sum.Exact)));

    /// <summary>The root of the mean square error of <c>aten::sum</c>, and of the same made of left to right.</summary>
    public (double Tree, double InOrder) Errors(IKernelTarget target)
    {
        var (tree, inOrder) = (0.0, 0.0);
        for (var seed = 0; seed < Sums.Count; seed++)
        {
            var values = SumData.Create(Data, seed, Count);
            tree += Square(Sum(values, target) - Sums[seed].Exact);
            inOrder += Square(InOrder(values) - Sums[seed].Exact);
        }

        return (Math.Sqrt(tree / Sums.Count), Math.Sqrt(inOrder / Sums.Count));
    }

    private static float Sum(float[] values, IKernelTarget target)
    {
        const string Text = "graph(%x : Tensor):\n  %n : NoneType = prim::Constant()\n  %y : Tensor = aten::sum(%x, %n)\n  return (%y)\n";
        FuserValue[] inputs = [NdArray.From(values)];
        return KernelCompiler.Compile(GraphText.Parse(Text), inputs, target).Run(inputs, 0)[0].ToArray<float>()[0];
    }

    private static float InOrder(float[] values)
    {
        var sum = 0f;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static double Square(double value) => value * value;
}

/// <param name="Exact">Rounded once, to float64.</param>
/// <param name="Eager">What <c>torch.sum</c> of PyTorch 1.13 answers with one thread.</param>
internal sealed record RecordedSum(double Exact, double Eager);

/// <summary>Makes the arrays that the sums were recorded of, number for number.</summary>
internal static class SumData
{
    public static float[] Create(string data, int seed, int count)
    {
        var values = new float[count];
        var third = count / 3;
        for (var i = 0; i < count; i++)
        {
            values[i] = (float)(data switch
            {
                "positive" => Uniform(seed, 0, i),
                "random signs" => (Uniform(seed, 0, i) * 2) - 1,
                "geometric sizes" => Math.ScaleB((1 + Uniform(seed, 0, i)) * (Uniform(seed, 1, i) < 0.5 ? -1 : 1), (int)Math.Floor(Uniform(seed, 2, i) * 40) - 20),
                "rising" => (i + Uniform(seed, 0, i)) / count,
                "one tenth" => 0.1 + (seed * 0.01),
                "cancelling" when i < third => Uniform(seed, 0, i) * 1e6,
                "cancelling" when i < count - third => Uniform(seed, 1, i - third),
                "cancelling" => -(Uniform(seed, 0, count - 1 - i) * 1e6),
                _ => throw new ArgumentException($"unknown data '{data}'", nameof(data)),
            });
        }

        return values;
    }

    /// <summary>In [0, 1), 53 bits: SplitMix64 of a counter.</summary>
    private static double Uniform(int seed, int stream, int i)
    {
        var z = (ulong)i + ((ulong)((seed * 8) + stream + 1) << 40);
        z *= 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
    }
}
