using System.Numerics;
using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Evaluation;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Tests.Targets;

/// <summary>What combines on vectors is the fixed tree, bit for bit, for any count, at any address, and over its own scratch.</summary>
public sealed unsafe class CombinerTests
{
    private const int MostValues = 5000;

    public static TheoryData<string, string> Combinations
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var kind in Enum.GetNames<ReductionKind>())
            {
                foreach (var type in new[] { IrType.Int32, IrType.Int64, IrType.Float32, IrType.Float64 })
                {
                    data.Add(kind, type.ToString());
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Values_are_combined_by_the_fixed_tree(string kindName, string typeName)
    {
        var (kind, type) = (Enum.Parse<ReductionKind>(kindName), Enum.Parse<IrType>(typeName));
        foreach (var count in Enumerable.Range(1, 300).Concat(Enumerable.Range(0, 70).Select(i => 301 + (i * 67))).Append(2048).Append(4096).Append(MostValues))
        {
            var values = Values(type, count, count);
            var wanted = Tree(kind, type, values);
            foreach (var (combiner, name) in Combiners(kind, type))
            {
                Same(Reduce(combiner, values, type.Size(), count, count % 5, inPlace: false), wanted, type, $"{name}: {kind} of {count}");
                if (combiner.OfResults == combiner)
                {
                    Same(Reduce(combiner, values, type.Size(), count, count % 3, inPlace: true), wanted, type, $"{name}: {kind} of {count} in place");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Values_are_combined_one_by_one(string kindName, string typeName)
    {
        var (kind, type) = (Enum.Parse<ReductionKind>(kindName), Enum.Parse<IrType>(typeName));
        for (var count = 1; count < 80; count++)
        {
            var (left, right) = (Values(type, count, count), Values(type, count, count + 1000));
            foreach (var (combiner, name) in Combiners(kind, type))
            {
                var results = new byte[(count * combiner.ResultSize) + 1];
                fixed (byte* a = left, b = right, r = results)
                {
                    combiner.Combine(a, b, r + 1, count);
                }

                for (var i = 0; i < count; i++)
                {
                    byte[] pair = [.. left.AsSpan(i * type.Size(), type.Size()), .. right.AsSpan(i * type.Size(), type.Size())];
                    Same(results.AsSpan(1 + (i * combiner.ResultSize), combiner.ResultSize).ToArray(), Tree(kind, type, pair), type, $"{name}: {kind}, element {i} of {count}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Eight_arrays_are_combined_value_by_value(string kindName, string typeName)
    {
        var (kind, type) = (Enum.Parse<ReductionKind>(kindName), Enum.Parse<IrType>(typeName));
        for (var count = 1; count < 80; count++)
        {
            // Backwards, from the last array on, and with room between the arrays.
            var step = (count + 3) * type.Size();
            var values = Values(type, (count + 3) * Combiner.Eight, count);
            foreach (var (combiner, name) in Combiners(kind, type))
            {
                var (forwards, backwards) = (new byte[(count * combiner.ResultSize) + 1], new byte[(count * combiner.ResultSize) + 1]);
                fixed (byte* v = values, f = forwards, b = backwards)
                {
                    combiner.CombineEight(v, step, f + 1, count);
                    combiner.CombineEight(v + ((Combiner.Eight - 1) * step), -step, b + 1, count);
                }

                for (var i = 0; i < count; i++)
                {
                    var column = Enumerable.Range(0, Combiner.Eight).Select(k => values.AsSpan((k * step) + (i * type.Size()), type.Size()).ToArray()).ToList();
                    Range result = (1 + (i * combiner.ResultSize))..(1 + ((i + 1) * combiner.ResultSize));
                    Same(forwards[result], Tree(kind, type, [.. column.SelectMany(value => value)]), type, $"{name}: {kind}, element {i} of {count}");
                    column.Reverse();
                    Same(backwards[result], Tree(kind, type, [.. column.SelectMany(value => value)]), type, $"{name}: {kind}, element {i} of {count}, backwards");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Results_are_combined_over_either_operand(string kindName, string typeName)
    {
        var (kind, type) = (Enum.Parse<ReductionKind>(kindName), Enum.Parse<IrType>(typeName));
        var resultType = Reduction.ResultOf(kind, type);
        foreach (var (combiner, name) in Combiners(kind, type))
        {
            const int Count = 77;
            var of = combiner.OfResults;
            of.ResultSize.ShouldBe(combiner.ResultSize);
            of.OfResults.ShouldBe(of);
            var (left, right) = (Values(resultType, Count, 1), Values(resultType, Count, 2));
            var (wanted, overLeft, overRight) = (new byte[left.Length], (byte[])left.Clone(), (byte[])right.Clone());
            fixed (byte* a = left, b = right, c = wanted, d = overLeft, e = overRight)
            {
                of.Combine(a, b, c, Count);
                of.Combine(d, b, d, Count);
                of.Combine(a, e, e, Count);
            }

            for (var i = 0; i < Count; i++)
            {
                Range element = (i * of.ResultSize)..((i + 1) * of.ResultSize);
                Same(overLeft[element], wanted[element], resultType, $"{name} over the left");
                Same(overRight[element], wanted[element], resultType, $"{name} over the right");
            }
        }
    }

    private static IEnumerable<(Combiner Combiner, string Name)> Combiners(ReductionKind kind, IrType type) =>
        [(SimdTarget.Best.Combiner(kind, type), "vectors"), (InterpreterTarget.Instance.Combiner(kind, type), "interpreter")];

    private static byte[] Reduce(Combiner combiner, byte[] values, int size, int count, int misalign, bool inPlace)
    {
        const int Guard = 64;
        var scratchBytes = Math.Max((count + 1) / 2, Combiner.Eight) * combiner.ResultSize;
        var memory = new byte[Guard + values.Length + Guard + (inPlace ? 0 : scratchBytes) + Guard];
        Array.Fill<byte>(memory, 0xA5);
        var (first, result) = (misalign, new byte[combiner.ResultSize + 1]);
        values.CopyTo(memory, first);
        var scratch = inPlace ? first : first + values.Length + Guard;
        fixed (byte* start = memory, end = result)
        {
            combiner.Reduce(start + first, count, start + scratch, end + 1);
        }

        if (!inPlace)
        {
            memory.AsSpan(first, size * count).SequenceEqual(values).ShouldBeTrue("values are read only");
        }

        memory.AsSpan(scratch + (inPlace ? Math.Max(values.Length, scratchBytes) : scratchBytes)).ContainsAnyExcept((byte)0xA5).ShouldBeFalse($"wrote behind the scratch, {count} values");
        return result[1..];
    }

    private static byte[] Tree(ReductionKind kind, IrType type, byte[] values)
    {
        switch (type)
        {
            case IrType.Int32:
                return Of<int>();
            case IrType.Int64:
                return Of<long>();
            case IrType.Float32 when kind == ReductionKind.Sum:
                return BitConverter.GetBytes(ReductionTree.Reduce<double>(kind, Array.ConvertAll(MemoryMarshal.Cast<byte, float>(values).ToArray(), value => (double)value)));
            case IrType.Float32:
                return Of<float>();
            default:
                return Of<double>();
        }

        byte[] Of<T>()
            where T : unmanaged, INumber<T>
        {
            var result = ReductionTree.Reduce<T>(kind, MemoryMarshal.Cast<byte, T>(values));
            return MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in result)).ToArray();
        }
    }

    /// <summary>Values with ties, both zeros, and now and then what is no number; their products neither overflow nor vanish too often.</summary>
    private static byte[] Values(IrType type, int count, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[count * type.Size()];
        for (var i = 0; i < count; i++)
        {
            var real = random.Next(400) switch
            {
                0 when seed % 3 == 0 => double.NaN,
                1 when seed % 3 == 1 => double.PositiveInfinity,
                < 60 => 0.0,
                < 120 => -0.0,
                < 200 => random.Next(-3, 4),
                _ => (random.NextDouble() + 0.5) * (random.Next(2) == 0 ? -1 : 1),
            };
            var place = bytes.AsSpan(i * type.Size());
            switch (type)
            {
                case IrType.Int32:
                    BitConverter.TryWriteBytes(place, random.Next(int.MinValue, int.MaxValue));
                    break;
                case IrType.Int64:
                    BitConverter.TryWriteBytes(place, random.NextInt64(long.MinValue, long.MaxValue));
                    break;
                case IrType.Float32:
                    BitConverter.TryWriteBytes(place, (float)real);
                    break;
                default:
                    BitConverter.TryWriteBytes(place, real);
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Of NaN only that it is one counts.</summary>
    private static void Same(byte[] actual, byte[] wanted, IrType type, string what)
    {
        if (actual.AsSpan().SequenceEqual(wanted))
        {
            return;
        }

        var areNaN = type is (IrType.Float32 or IrType.Float64) && IsNaN(actual) && IsNaN(wanted);
        areNaN.ShouldBeTrue($"{what}: got {Convert.ToHexString(actual)}, wanted {Convert.ToHexString(wanted)}");
    }

    private static bool IsNaN(byte[] value) => value.Length == sizeof(float) ? float.IsNaN(BitConverter.ToSingle(value)) : double.IsNaN(BitConverter.ToDouble(value));
}
