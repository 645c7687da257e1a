using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.IsaCheck;

/// <summary>What combines on vectors against the interpreter, for all kinds and types.</summary>
internal static unsafe class ReductionRun
{
    private static readonly int[] Counts = [1, 2, 3, 5, 8, 15, 16, 31, 33, 63, 64, 67, 100, 255, 1000, 2048, 4999];

    /// <param name="results">Bytes of every result are added.</param>
    /// <returns>Where vectors differ from the interpreter, or null.</returns>
    public static string? FindDifference(List<byte> results)
    {
        foreach (var kind in Enum.GetValues<ReductionKind>())
        {
            foreach (var type in new[] { IrType.Int32, IrType.Int64, IrType.Float32, IrType.Float64 })
            {
                foreach (var count in Counts)
                {
                    var values = Values(type, count);
                    var wanted = Run(InterpreterTarget.Instance.Combiner(kind, type), values, count);
                    if (!Run(SimdTarget.Best.Combiner(kind, type), values, count).AsSpan().SequenceEqual(wanted))
                    {
                        return $"{kind} of {count} values of type {type}";
                    }

                    results.AddRange(wanted);
                }
            }
        }

        return null;
    }

    /// <summary>All values made one, then the values combined one by one with themselves the other way round, then eighths of them.</summary>
    private static byte[] Run(Combiner combiner, byte[] values, int count)
    {
        var results = new byte[(count + 1 + (count / Combiner.Eight)) * combiner.ResultSize];
        var scratch = new byte[Math.Max((count + 1) / 2, Combiner.Eight) * combiner.ResultSize];
        var size = values.Length / count;
        byte[] reversed = [.. Enumerable.Range(0, count).Reverse().SelectMany(i => values.AsSpan(i * size, size).ToArray())];
        fixed (byte* v = values, r = results, s = scratch, b = reversed)
        {
            combiner.Reduce(v, count, s, r);
            combiner.Combine(v, b, r + combiner.ResultSize, count);
            combiner.CombineEight(v, count / Combiner.Eight * size, r + ((count + 1) * combiner.ResultSize), count / Combiner.Eight);
        }

        return results;
    }

    private static byte[] Values(IrType type, int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).SelectMany(i =>
        {
            var value = random.Next(5) == 0 ? -0.0 : (random.NextDouble() + 0.5) * (random.Next(2) == 0 ? -1 : 1);
            return type switch
            {
                IrType.Int32 => BitConverter.GetBytes(random.Next(int.MinValue, int.MaxValue)),
                IrType.Int64 => BitConverter.GetBytes(random.NextInt64(long.MinValue, long.MaxValue)),
                IrType.Float32 => BitConverter.GetBytes((float)value),
                _ => BitConverter.GetBytes(value),
            };
        })];
    }
}
