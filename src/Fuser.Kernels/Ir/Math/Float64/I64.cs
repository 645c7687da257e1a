using System.Collections.Immutable;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>The integer side of <see cref="F64"/>: 64 bits, wrapping. Numbers convert to constants as there.</summary>
internal readonly struct I64
{
    private readonly IrBuilder? _builder;
    private readonly IrValue _value;
    private readonly long _constant;

    public I64(IrBuilder builder, IrValue value) => (_builder, _value) = (builder, value);

    private I64(long constant) => _constant = constant;

    /// <summary>The float64 of these bits.</summary>
    public F64 AsF64 => new(Builder, Builder.FromBits(_value, IrType.Float64));

    private IrBuilder Builder => _builder ?? throw new InternalFuserException(ErrorCodes.Internal, "an i64 expression of constants alone has no builder");

    public static implicit operator I64(long constant) => new(constant);

    public static I64 operator +(I64 a, I64 b) => Of(IrOp.Add, a, b);

    public static I64 operator -(I64 a, I64 b) => Of(IrOp.Subtract, a, b);

    public static I64 operator &(I64 a, I64 b) => Of(IrOp.And, a, b);

    public static I64 operator |(I64 a, I64 b) => Of(IrOp.Or, a, b);

    public static I64 operator ^(I64 a, I64 b) => Of(IrOp.Xor, a, b);

    public static I64 operator <<(I64 a, int count) => new(a.Builder, a.Builder.Shl(a._value, count));

    /// <summary>Filling with zeros; the arithmetic shift is not used, because AVX2 has none for 64 bits.</summary>
    public static I64 operator >>>(I64 a, int count) => new(a.Builder, a.Builder.Shr(a._value, count));

    public static Truth Same(I64 a, I64 b)
    {
        var builder = a._builder ?? b.Builder;
        return new Truth(builder, builder.Eq(a.In(builder), b.In(builder)));
    }

    public static I64 Select(Truth condition, I64 whenTrue, I64 whenFalse)
    {
        var builder = condition.Builder;
        return new I64(builder, builder.Select(condition.Value, whenTrue.In(builder), whenFalse.In(builder)));
    }

    /// <summary>Entry number <c>this</c> (in range by construction) of a table of float64 bits.</summary>
    public F64 Lookup(ImmutableArray<ulong> bits) => new(Builder, Builder.TableLookup(IrType.Float64, bits, Builder.Convert(_value, IrType.Int32)));

    private static I64 Of(IrOp op, I64 a, I64 b)
    {
        var builder = a._builder ?? b.Builder;
        return new I64(builder, builder.Binary(op, a.In(builder), b.In(builder)));
    }

    private IrValue In(IrBuilder builder) => _builder is null ? builder.Int64(_constant) : _value;
}
