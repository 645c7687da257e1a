using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.OpenClTesting;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Targets.OpenCl;

/// <summary>Every primitive of every type over the cross product of edge values, printed for a processor and for a GPU.</summary>
public sealed class OpenClPrimitiveTests
{
    private static readonly IrType[] s_numbers = [IrType.Int32, IrType.Int64, IrType.Float32, IrType.Float64];

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Unary_primitives(bool likeGpu)
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

            Check(b, likeGpu, type, 1);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Conversions_and_bit_casts(bool likeGpu)
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

            Check(b, likeGpu, from, 1);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Booleans(bool likeGpu)
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
        foreach (var count in new[] { 1, 2, 3, 15, 16, 17, 69, 300, 1000 })
        {
            OpenClAgreement.ShouldAgree(ir, likeGpu, count, count);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Binary_primitives(bool likeGpu)
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

            Check(b, likeGpu, type, 2);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Selects_with_every_kind_of_condition(bool likeGpu)
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

            Check(b, likeGpu, type, 2);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fused_multiply_adds(bool likeGpu)
    {
        foreach (var type in s_numbers.Where(type => type.IsFloat()))
        {
            var b = new IrBuilder();
            var (x, y, z) = (b.Load(b.Input(Storage(type))), b.Load(b.Input(Storage(type))), b.Load(b.Input(Storage(type))));
            b.Store(b.Output(Storage(type)), b.Fma(x, y, z));
            b.Store(b.Output(Storage(type)), b.Add(b.Mul(x, y), z));
            Check(b, likeGpu, type, 3);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shifts_by_constants(bool likeGpu)
    {
        foreach (var type in s_numbers.Where(type => type.IsInteger()))
        {
            var b = new IrBuilder();
            var x = b.Load(b.Input(Storage(type)));
            foreach (var count in new[] { -2, 0, 1, 5, 31, 32, 33, 63, 64, 66 })
            {
                b.Store(b.Output(Storage(type)), b.Shl(x, count));
                b.Store(b.Output(Storage(type)), b.Sar(x, count));
                b.Store(b.Output(Storage(type)), b.Shr(x, count));
            }

            Check(b, likeGpu, type, 1);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Table_lookups(bool likeGpu)
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

            OpenClAgreement.ShouldAgree(b.Build("lookup"), likeGpu, 333, (int)type);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_value_of_the_narrow_dtypes_is_loaded_and_stored(bool likeGpu)
    {
        foreach (var dtype in Enum.GetValues<DType>().Where(dtype => dtype.ItemSize() <= 2))
        {
            var b = new IrBuilder();
            var value = b.Load(b.Input(dtype));
            b.Store(b.Output(dtype), value);
            b.Store(b.Output(Storage(value.Type)), value);
            b.Store(b.Output(DType.Float64), b.Convert(value, IrType.Float64));
            var values = MemoryMarshal.AsBytes<ushort>([.. Enumerable.Range(0, 65536).Select(i => (ushort)i)]).ToArray();
            OpenClAgreement.ShouldAgree(b.Build("narrow"), likeGpu, values.Length / dtype.ItemSize(), inputs: values);
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
    private static void Check(IrBuilder b, bool likeGpu, IrType type, int operands)
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

        OpenClAgreement.ShouldAgree(b.Build($"edges_{type.Text()}"), likeGpu, count, inputs: inputs);
    }
}
