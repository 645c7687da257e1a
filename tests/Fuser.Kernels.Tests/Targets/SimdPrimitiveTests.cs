using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Targets;

/// <summary>Every primitive of every type over the cross product of edge values, at every width.</summary>
public class SimdPrimitiveTests
{
    private static readonly IrType[] s_numbers = [IrType.Int32, IrType.Int64, IrType.Float32, IrType.Float64];

    public static TheoryData<int> Widths => SimdAgreement.Widths;

    [Theory]
    [MemberData(nameof(Widths))]
    public void Unary_primitives(int width)
    {
        IrOp[] ops = [IrOp.SquareRoot, IrOp.Floor, IrOp.Round, IrOp.Truncate];
        foreach (var type in s_numbers.Where(type => type.IsFloat()))
        {
            var b = new IrBuilder();
            var a = b.Load(b.Input(Storage(type)));
            foreach (var op in ops)
            {
                b.Store(b.Output(Storage(type)), b.Unary(op, a));
            }

            Check(b, width, type, 1);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Conversions_and_bit_casts(int width)
    {
        foreach (var from in s_numbers)
        {
            var b = new IrBuilder();
            var a = b.Load(b.Input(Storage(from)));
            foreach (var to in s_numbers.Append(IrType.Bool).Where(to => to != from))
            {
                b.Store(b.Output(Storage(to)), b.Convert(a, to));
                if (to.Size() == from.Size())
                {
                    b.Store(b.Output(Storage(to)), b.Bitcast(a, to));
                }
            }

            Check(b, width, from, 1);
        }
    }

    /// <summary>Within the bounds that <see cref="ValueRanges"/> finds a conversion does not saturate, outside of them it has to.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Conversions_of_floats_that_were_small_integers(int width)
    {
        var b = new IrBuilder();
        var (x, y) = (Wide(b.Load(b.Input(DType.Int16))), Wide(b.Load(b.Input(DType.Int8))));
        var product = b.Mul(x, x);
        IrValue[] values =
        [
            product, b.Add(product, x), b.Mul(product, y), b.Mul(b.Mul(product, product), y), b.Sub(x, y), b.Fma(x, y, product), b.Fma(product, x, y),
            b.Mul(x, b.Float32(float.PositiveInfinity)), b.Mul(x, b.Float32(float.NaN)), b.Mul(x, b.Float32(-0.25f)), b.Div(x, y),
            b.Unary(IrOp.Floor, b.Mul(y, b.Float32(0.3f))), b.Select(b.Lt(x, y), product, b.Float32(3e9f)), b.Select(b.Lt(x, y), x, b.Float32(-7.5f)),
        ];
        foreach (var value in values)
        {
            b.Store(b.Output(DType.Int32), b.Convert(value, IrType.Int32));
        }

        var random = new Random(width);
        short[] edges = [short.MinValue, short.MaxValue, -1, 0, 1, 2];
        short[] shorts = [.. edges.SelectMany(edge => Enumerable.Repeat(edge, 40)), .. Enumerable.Range(0, 400).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
        byte[] bytes = [.. Enumerable.Range(0, shorts.Length).Select(i => (byte)(i % 3 == 0 ? 0x80 : i * 7))];
        SimdAgreement.ShouldAgree(b.Build("bounded"), (SimdWidth)width, shorts.Length, inputs: [MemoryMarshal.AsBytes(shorts.AsSpan()).ToArray(), bytes]);

        IrValue Wide(IrValue value) => b.Convert(value, IrType.Float32);
    }

    /// <summary>What wraps a value for a narrow integer is left out before a store of as many bits, and only there.</summary>
    [Theory]
    [MemberData(nameof(Widths))]
    public void Stores_keep_the_low_bits(int width)
    {
        var b = new IrBuilder();
        var x = b.Load(b.Input(DType.Int32));
        IrValue[] values = [b.And(x, b.Int32(0xff)), b.And(x, b.Int32(0x7f)), b.And(x, b.Int32(0xffff)), b.Sar(b.Shl(x, 24), 24), b.Sar(b.Shl(x, 16), 16), b.Sar(b.Shl(x, 16), 8), b.Sar(x, 16), b.Sar(b.Shl(x, 8), 16)];
        foreach (var value in values)
        {
            b.Store(b.Output(DType.UInt8), value);
            b.Store(b.Output(DType.Int8), value);
            b.Store(b.Output(DType.Int16), value);
            b.Store(b.Output(DType.Int32), value);
        }

        var random = new Random(width);
        var kernel = b.Build("narrow");
        kernel.Nodes.Count(node => node.Op == IrOp.Store && node.A == 0).ShouldBe(3 + 2 + 3 + 2, "0xff and 24 twice for both bytes, 0xffff and 16 for all");
        byte[] input = [.. Enumerable.Range(0, 1000).SelectMany(_ => BitConverter.GetBytes(random.Next(int.MinValue, int.MaxValue)))];
        using var run = new KernelRun(kernel, 1000, 0, 0, false, [input]);
        var outputs = run.Outputs(new SimdTarget((SimdWidth)width).Compile(kernel))!;
        for (var i = 0; i < outputs.Length; i += 4)
        {
            var whole = MemoryMarshal.Cast<byte, int>(outputs[i + 3]).ToArray();
            outputs[i].ShouldBe([.. whole.Select(value => (byte)value)]);
            outputs[i + 1].ShouldBe([.. whole.Select(value => (byte)value)]);
            outputs[i + 2].ShouldBe([.. whole.SelectMany(value => BitConverter.GetBytes((short)value))]);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Booleans(int width)
    {
        var b = new IrBuilder();
        var (x, y) = (b.Load(b.Input(DType.Bool)), b.Load(b.Input(DType.Bool)));
        foreach (var value in new[] { b.And(x, y), b.Or(x, y), b.Xor(x, y), b.Not(x), b.Select(x, y, b.Not(y)) })
        {
            b.Store(b.Output(DType.Bool), value);
        }

        foreach (var to in s_numbers)
        {
            b.Store(b.Output(Storage(to)), b.Convert(b.Xor(x, y), to));
        }

        var ir = b.Build("booleans");
        for (var count = 1; count < 70; count++)
        {
            SimdAgreement.ShouldAgree(ir, (SimdWidth)width, count, count);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Binary_primitives(int width)
    {
        foreach (var type in s_numbers)
        {
            IrOp[] ops = type.IsFloat()
                ? [IrOp.Add, IrOp.Subtract, IrOp.Multiply, IrOp.Divide, IrOp.Remainder]
                : [IrOp.Add, IrOp.Subtract, IrOp.Multiply, IrOp.And, IrOp.Or, IrOp.Xor, IrOp.ShiftLeft, IrOp.ShiftRight, IrOp.ShiftRightLogical];
            var b = new IrBuilder();
            var (x, y) = (b.Load(b.Input(Storage(type))), b.Load(b.Input(Storage(type))));
            foreach (var op in ops)
            {
                b.Store(b.Output(Storage(type)), b.Binary(op, x, y));
            }

            if (type.IsInteger())
            {
                var divisor = b.Select(b.Eq(y, b.Number(type, 0)), b.Number(type, 1), y);
                b.Store(b.Output(Storage(type)), b.Div(x, divisor));
                b.Store(b.Output(Storage(type)), b.Rem(x, divisor));
            }

            foreach (var op in new[] { IrOp.Equal, IrOp.LessThan, IrOp.LessOrEqual })
            {
                b.Store(b.Output(DType.Bool), b.Binary(op, x, y));
            }

            Check(b, width, type, 2);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Selects_with_every_kind_of_condition(int width)
    {
        foreach (var type in s_numbers)
        {
            var b = new IrBuilder();
            var (x, y) = (b.Load(b.Input(Storage(type))), b.Load(b.Input(Storage(type))));
            foreach (var condition in new[] { b.Lt(x, y), b.Le(x, y), b.Eq(x, y), b.Not(b.Lt(x, y)), b.Lt(y, x), b.And(b.Le(x, y), b.Not(b.Eq(x, y))) })
            {
                b.Store(b.Output(Storage(type)), b.Select(condition, x, y));
                b.Store(b.Output(Storage(type)), b.Select(condition, y, x));
                foreach (var other in s_numbers.Where(other => other != type))
                {
                    b.Store(b.Output(Storage(other)), b.Select(condition, b.Number(other, 3), b.Number(other, -7)));
                }
            }

            Check(b, width, type, 2);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Fused_multiply_adds(int width)
    {
        foreach (var type in s_numbers.Where(type => type.IsFloat()))
        {
            var b = new IrBuilder();
            var (x, y, z) = (b.Load(b.Input(Storage(type))), b.Load(b.Input(Storage(type))), b.Load(b.Input(Storage(type))));
            b.Store(b.Output(Storage(type)), b.Fma(x, y, z));
            b.Store(b.Output(Storage(type)), b.Add(b.Mul(x, y), z));
            Check(b, width, type, 3);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Shifts_by_constants(int width)
    {
        foreach (var type in s_numbers.Where(type => type.IsInteger()))
        {
            for (var count = -2; count < 67; count += 3)
            {
                var b = new IrBuilder();
                var x = b.Load(b.Input(Storage(type)));
                b.Store(b.Output(Storage(type)), b.Shl(x, count));
                b.Store(b.Output(Storage(type)), b.Sar(x, count));
                b.Store(b.Output(Storage(type)), b.Shr(x, count));
                Check(b, width, type, 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Table_lookups(int width)
    {
        foreach (var type in s_numbers)
        {
            var b = new IrBuilder();
            var index = b.Load(b.Input(DType.Int32));
            foreach (var size in new[] { 1, 2, 8, 16, 32, 33, 64 })
            {
                var edges = EdgeValues.Of(type);
                var table = Enumerable.Range(0, size).Select(i => edges[i % edges.Length]);
                b.Store(b.Output(Storage(type)), b.TableLookup(type, [.. table], b.Select(b.Lt(b.And(index, b.Int32(63)), b.Int32(size)), b.And(index, b.Int32(63)), b.Int32(size - 1))));
            }

            SimdAgreement.ShouldAgree(b.Build("lookup"), (SimdWidth)width, 333, (int)type);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_value_of_the_narrow_dtypes_is_loaded_and_stored(int width)
    {
        foreach (var dtype in Enum.GetValues<DType>().Where(dtype => dtype.ItemSize() <= 2))
        {
            var b = new IrBuilder();
            var value = b.Load(b.Input(dtype));
            b.Store(b.Output(dtype), value);
            b.Store(b.Output(Storage(value.Type)), value);
            b.Store(b.Output(DType.Float64), b.Convert(value, IrType.Float64));
            var values = MemoryMarshal.AsBytes<ushort>([.. Enumerable.Range(0, 65536).Select(i => (ushort)i)]).ToArray();
            SimdAgreement.ShouldAgree(b.Build("narrow"), (SimdWidth)width, values.Length / dtype.ItemSize(), inputs: values);
        }
    }

    private static DType Storage(IrType type) => type switch
    {
        IrType.Bool => DType.Bool,
        IrType.Int32 => DType.Int32,
        IrType.Int64 => DType.Int64,
        IrType.Float32 => DType.Float32,
        _ => DType.Float64,
    };

    /// <summary>Runs a kernel whose first arguments are inputs of one type over all combinations of edge values.</summary>
    private static void Check(IrBuilder b, int width, IrType type, int operands)
    {
        var edges = EdgeValues.Of(type);
        var count = (int)System.Math.Pow(edges.Length, operands);
        var inputs = new byte[operands][];
        for (var operand = 0; operand < operands; operand++)
        {
            inputs[operand] = new byte[count * type.Size()];
            var divisor = (int)System.Math.Pow(edges.Length, operand);
            for (var i = 0; i < count; i++)
            {
                BitConverter.GetBytes(edges[i / divisor % edges.Length]).AsSpan(0, type.Size()).CopyTo(inputs[operand].AsSpan(i * type.Size()));
            }
        }

        SimdAgreement.ShouldAgree(b.Build($"edges_{type.Text()}"), (SimdWidth)width, count, inputs: inputs);
    }
}
