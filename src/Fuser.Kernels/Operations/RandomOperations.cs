using System.ComponentModel;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Random numbers, keyed by (seed, node, element): the distribution is PyTorch's, the stream is not.
/// </summary>
internal static class RandomOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::rand_like", "Tensor self, Like dtype=None, Ignored layout=None, Ignored device=None, Ignored pin_memory=None, Ignored memory_format=None", Drawn, RandLike,
            "Uniform in [0, 1), never 1; in the shape of self.") { IsRandom = true },
        new("aten::bernoulli", "Tensor self, Number p=None, Ignored generator=None", Trials, Bernoulli,
            "1 with probability p, else 0; without p, self is the probability.") { IsRandom = true },
        new("aten::dropout", "Tensor input, Number p, Constant train", Dropped, Dropout,
            "When training, 0 with probability p, else input / (1 - p), as input * (bernoulli(1 - p) / (1 - p)), so that a dropped infinity gives NaN; otherwise input.") { IsRandom = true },
        new("aten::alpha_dropout", "Tensor input, Number p, Constant train", Dropped, AlphaDropout,
            "Dropout that keeps mean and variance of what selu answers: dropped elements become -1.7581, then all are scaled and shifted.") { IsRandom = true },
    ];

    [Description("dtype, or the type of self; a floating point type.")]
    public static TypeResolution Drawn(OperandTypes types)
    {
        var dtype = NamedType(types, 1) ?? types[0].DType;
        return dtype.IsFloatingPoint() ? new TypeResolution(dtype, dtype) : throw Unsupported(types, dtype, "a floating point dtype");
    }

    [Description("The type of self; without p it must be a floating point type.")]
    public static TypeResolution Trials(OperandTypes types) =>
        types[1].IsNone ? FloatSelf(types) : new TypeResolution(ToFloat(types[0].DType), types[0].DType);

    [Description("The type of the input; when training a floating point type.")]
    public static TypeResolution Dropped(OperandTypes types) => IsTraining(types[2].Constant) switch
    {
        null => throw new GraphException(ErrorCodes.OperationArgument, $"train of {types.Operation.Kind} got {types[2]}, wanted True or False."),
        true => FloatSelf(types),
        _ => Self(types),
    };

    private static bool? IsTraining(ConstantValue? train) => train switch
    {
        BoolConstant flag => flag.Value,
        IntConstant { Value: 0 or 1 } flag => flag.Value == 1,
        _ => null,
    };

    /// <summary>A 16-bit float gets as many random bits as it has digits: rounding more of them could give 1.</summary>
    private static IrValue RandLike(MeaningContext c)
    {
        var digits = c.Result switch { DType.Float16 => 11, DType.BFloat16 => 8, _ => 0 };
        var uniform = c.Uniform();
        return digits == 0 ? uniform : c.B.Mul(c.B.Floor(c.B.Mul(uniform, c.Number(1 << digits))), c.Number(1.0 / (1 << digits)));
    }

    private static IrValue Bernoulli(MeaningContext c)
    {
        var hit = c.B.Lt(c.Uniform(), c.Has(1) ? c[1] : c[0]);
        return c.ResultType == IrType.Bool ? hit : c.B.Convert(hit, c.ResultType);
    }

    private static IrValue Dropout(MeaningContext c)
    {
        if (IsTraining(c.Constant(2)) is not true)
        {
            return c[0];
        }

        var b = c.B;
        var keep = Rounded(c, KeepProbability(c));
        return b.Mul(c[0], b.Select(b.Lt(c.Uniform(), keep), b.Div(c.Number(1), keep), c.Number(0)));
    }

    /// <summary>G. Klambauer et al., "Self-Normalizing Neural Networks" (2017), section on alpha dropout; the affine map in float64, as PyTorch does.</summary>
    private static IrValue AlphaDropout(MeaningContext c)
    {
        if (IsTraining(c.Constant(2)) is not true)
        {
            return c[0];
        }

        var b = c.B;
        var alpha = b.Float64(1.7580993408473766);
        var p = c.As(1, DType.Float64);
        var keep = KeepProbability(c);
        var variance = b.Mul(b.Add(b.Mul(b.Mul(alpha, alpha), p), b.Float64(1)), keep);
        var scale = b.Div(b.Float64(1), b.Sqrt(variance));
        var shift = b.Mul(b.Mul(alpha, scale), p);
        var dropped = b.Sub(shift, b.Mul(alpha, scale));

        var hit = b.Lt(c.Uniform(), Rounded(c, keep));
        var kept = b.Add(b.Mul(c[0], Rounded(c, scale)), Rounded(c, shift));
        return b.Select(hit, kept, b.Select(b.Lt(b.Float64(0), keep), Rounded(c, dropped), c.Number(0)));
    }

    /// <summary>1 - p, in float64 as PyTorch computes it, before it is rounded to the tensor's type.</summary>
    private static IrValue KeepProbability(MeaningContext c) => c.B.Sub(c.B.Float64(1), c.As(1, DType.Float64));

    private static IrValue Rounded(MeaningContext c, IrValue number) => ValueConversion.Promote(c.B, number, DType.Float64, c.Compute);
}
