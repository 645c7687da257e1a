namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>The answer of a comparison between <see cref="F64"/> or <see cref="I64"/> values. Both sides of &amp; and | are computed.</summary>
internal readonly struct Truth(IrBuilder builder, IrValue value)
{
    public IrBuilder Builder { get; } = builder;

    public IrValue Value { get; } = value;

    public static Truth operator &(Truth a, Truth b) => new(a.Builder, a.Builder.And(a.Value, b.Value));

    public static Truth operator |(Truth a, Truth b) => new(a.Builder, a.Builder.Or(a.Value, b.Value));

    public static Truth operator !(Truth a) => new(a.Builder, a.Builder.Not(a.Value));
}
