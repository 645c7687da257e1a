using Fuser.Kernels.Targets;

namespace Fuser.Numerics;

/// <summary>Measures a float32 function against its float64 twin, both compiled to vector code, on all cores.</summary>
internal static class Float32Check
{
    private const int BlockLength = 1 << 14;

    /// <summary>Every <paramref name="step"/>th of the 2^32 bit patterns.</summary>
    public static ErrorStatistics AllInputs(Float32Function function, IKernelTarget target, uint step)
    {
        var blocks = (1L << 32) / BlockLength;
        return Measure(function, target, blocks / step, (block, x, _) =>
        {
            var first = (ulong)(block * BlockLength) * step;
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = BitConverter.UInt32BitsToSingle((uint)(first + ((ulong)i * step)));
            }
        });
    }

    /// <summary>
    /// Pairs by a counter-based generator. One in four takes any two bit patterns; the others a pair of ordinary size: for pow x in (2^-16, 2^16)
    /// and y in (-32, 32), else both with exponents in [-16, 16) and any signs, one in four with the second within 2^-8 of the first.
    /// </summary>
    public static ErrorStatistics RandomPairs(Float32Function function, IKernelTarget target, long count) =>
        Measure(function, target, count / BlockLength, (block, x, y) =>
        {
            for (var i = 0; i < x.Length; i++)
            {
                var bits = Mix((ulong)((block * BlockLength) + i));
                var low = (uint)bits;
                var high = (uint)(bits >> 32);
                (x[i], y[i]) = (i % 4) switch
                {
                    0 => (BitConverter.UInt32BitsToSingle(low), BitConverter.UInt32BitsToSingle(high)),
                    _ when function.Name == "pow" => (Ordinary(low & int.MaxValue), ((int)high >> 7) * (1f / (1 << 19))),
                    1 => (Ordinary(low), Ordinary(low) * (1 + (((int)high >> 16) * (1f / (1 << 23))))),
                    _ => (Ordinary(low), Ordinary(high)),
                };
            }
        });

    /// <summary>The same sign and fraction with an exponent of -16 to 15.</summary>
    private static float Ordinary(uint bits) => BitConverter.UInt32BitsToSingle((bits & 0x8fffffff) + ((127 - 16) << 23));

    private static ErrorStatistics Measure(Float32Function function, IKernelTarget target, long blocks, Action<long, Span<float>, Span<float>> fill)
    {
        var kernel = target.Compile(function.Kernel());
        var truthKernel = target.Compile(function.TruthKernel());
        var total = new ErrorStatistics();
        Parallel.For(0L, blocks, () => new Worker(), (block, _, worker) =>
        {
            fill(block, worker.X, worker.Y);
            function.Run<float>(kernel, worker.X, worker.Y, worker.Results);
            function.Run<double>(truthKernel, worker.X, worker.Y, worker.Truth);
            worker.Statistics.Add(worker.X, worker.Y, worker.Results, worker.Truth);
            return worker;
        }, worker =>
        {
            lock (total)
            {
                total.Add(worker.Statistics);
            }
        });
        return total;
    }

    /// <summary>The finaliser of SplitMix64: a bijection, so no pair comes twice.</summary>
    private static ulong Mix(ulong counter)
    {
        var z = (counter + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private sealed class Worker
    {
        public float[] X { get; } = new float[BlockLength];

        public float[] Y { get; } = new float[BlockLength];

        public float[] Results { get; } = new float[BlockLength];

        public double[] Truth { get; } = new double[BlockLength];

        public ErrorStatistics Statistics { get; } = new();
    }
}
