using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// What a meaning works with: the builder, and its arguments by parameter position, converted to the compute type when they are
/// asked for. Values of narrow integer types are kept in i32 within the range of their type.
/// </summary>
internal sealed class MeaningContext(IrBuilder builder, OperandTypes operands, TypeResolution types, ImmutableArray<IrValue?> values, RandomSource? random)
{
    public IrBuilder B { get; } = builder;

    /// <summary>The dtype arguments are converted to.</summary>
    public DType Compute { get; } = types.Compute;

    public DType Result { get; } = types.Result;

    /// <summary>The IR type of <see cref="Compute"/>.</summary>
    public IrType Type { get; } = IrTypes.OfCompute(types.Compute);

    /// <summary>The IR type of <see cref="Result"/>, which the meaning's value must have.</summary>
    public IrType ResultType { get; } = IrTypes.OfCompute(types.Result);

    /// <summary>Whether the operation computes with floating point numbers.</summary>
    public bool IsFloat => Type.IsFloat();

    /// <summary>An argument in the compute type; a condition is a bool. It must be present.</summary>
    public IrValue this[int parameter] => As(parameter, operands.Operation.Parameters[parameter].Kind == ParameterKind.Condition ? DType.Bool : Compute);

    /// <summary>An argument in another type than <see cref="Compute"/>. It must be present.</summary>
    public IrValue As(int parameter, DType dtype) => ValueConversion.Promote(B, Raw(parameter), operands[parameter].DType, dtype);

    /// <summary>
    /// An argument as a tensor of the compute type would hold it: rounded even to a 16-bit float, where the other places
    /// keep float32. Comparisons need it: a float16 0.1 equals the number 0.1.
    /// </summary>
    public IrValue Stored(int parameter) => ValueConversion.Convert(B, Raw(parameter), operands[parameter].DType, Compute);

    /// <summary>An argument as it is.</summary>
    public IrValue Raw(int parameter) => values[parameter]
        ?? throw new InternalFuserException(ErrorCodes.Internal, $"{operands.Operation.Kind} reads argument {parameter}, which is absent");

    /// <summary>Whether an optional argument was given.</summary>
    public bool Has(int parameter) => values[parameter] is not null;

    /// <summary>The type of an argument before conversion.</summary>
    public OperandType TypeOf(int parameter) => operands[parameter];

    /// <summary>A constant argument, or null for None.</summary>
    public ConstantValue? Constant(int parameter) => operands[parameter].Constant;

    /// <summary>The number an argument is known to be when the kernel is built, or null.</summary>
    public double? KnownNumber(int parameter) => operands[parameter] is not { Rank: OperandRank.Number } type ? null : type.Constant switch
    {
        FloatConstant number => number.Value,
        IntConstant whole => whole.Value,
        BoolConstant flag => flag.Value ? 1 : 0,
        _ => null,
    };

    /// <summary>A constant of the compute type.</summary>
    public IrValue Number(double value) => B.Number(Type, value);

    /// <summary>A uniform random number in [0, 1) of the compute type, its own for every element and random node.</summary>
    public IrValue Uniform() => random is null
        ? throw new InternalFuserException(ErrorCodes.Internal, $"{operands.Operation.Kind} draws random numbers but is not marked random")
        : Ir.Math.Philox.Uniform(B, random.Seed, random.Node, random.Element, Type);
}

/// <summary>Where a random node's numbers come from: seed, node and element, each i64.</summary>
internal sealed record RandomSource(IrValue Seed, IrValue Node, IrValue Element);
