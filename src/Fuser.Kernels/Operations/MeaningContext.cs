using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// What a meaning works with: the builder, and its arguments by parameter position, already converted to the
/// compute type. Values of narrow integer types are kept in i32 within the range of their type; the result of a meaning is
/// wrapped into that range by the caller.
/// </summary>
internal sealed class MeaningContext(IrBuilder builder, TypeResolution types, ImmutableArray<IrValue?> values, OperandTypes operands, RandomSource? random)
{
    public IrBuilder B { get; } = builder;

    /// <summary>The dtype arguments were converted to.</summary>
    public DType Compute { get; } = types.Compute;

    public DType Result { get; } = types.Result;

    /// <summary>The IR type of <see cref="Compute"/>.</summary>
    public IrType Type { get; } = IrTypes.OfCompute(types.Compute);

    /// <summary>An argument in the compute type. It must be present.</summary>
    public IrValue this[int parameter] => values[parameter]
        ?? throw new InternalFuserException(ErrorCodes.Internal, $"{operands.Operation.Kind} reads argument {parameter}, which is absent");

    /// <summary>Whether an optional argument was given.</summary>
    public bool Has(int parameter) => values[parameter] is not null;

    /// <summary>The type of an argument before conversion.</summary>
    public OperandType TypeOf(int parameter) => operands[parameter];

    /// <summary>A constant argument, or null for None.</summary>
    public ConstantValue? Constant(int parameter) => operands[parameter].Constant;

    /// <summary>A constant of the compute type.</summary>
    public IrValue Number(double value) => B.Number(Type, value);

    /// <summary>A uniform random number in [0, 1) of the compute type, its own for every element and random node.</summary>
    public IrValue Uniform() => random is null
        ? throw new InternalFuserException(ErrorCodes.Internal, $"{operands.Operation.Kind} draws random numbers but is not marked random")
        : Ir.Math.Philox.Uniform(B, random.Seed, random.Node, random.Element, Type);
}

/// <summary>Where a random node's numbers come from: seed, node and element, each i64.</summary>
internal sealed record RandomSource(IrValue Seed, IrValue Node, IrValue Element);
