using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Programs;

/// <summary>How values that may not be known are joined and compared in a forecast.</summary>
internal static class ForecastValues
{
    public static bool IsUncertain(ProgramValue value) => value.Kind switch
    {
        ProgramValueKind.Unknown => true,
        ProgramValueKind.List => value.List.IsUncertain,
        _ => false,
    };

    /// <summary>Why no plan can be made for such inputs, or null when one can: a number need not be known.</summary>
    public static string? WhyUnplannable(ProgramValue[] values)
    {
        foreach (var value in values)
        {
            if (value.Kind == ProgramValueKind.Unknown && !IsNumber(value.Expected))
            {
                return "the shape of a tensor in it follows from what only a run can tell";
            }

            if (value.Kind == ProgramValueKind.List && (value.List.IsUncertain || value.List.Items.Any(IsUncertain)))
            {
                return "the length of a list in it follows from what only a run can tell";
            }

            if (value.Kind == ProgramValueKind.Tuple && value.Tuple.Any(IsUncertain))
            {
                return "a tuple in it holds what only a run can tell";
            }
        }

        return null;
    }

    /// <summary>The values with every unknown number as a number of its kind.</summary>
    public static ProgramValue[] WithNumber(ProgramValue[] values, long number) =>
    [
        .. values.Select(value => value.Kind != ProgramValueKind.Unknown ? value : value.Expected switch
        {
            ProgramValueKind.Float => (ProgramValue)(double)number,
            ProgramValueKind.Boolean => number == 1,
            _ => number,
        }),
    ];

    /// <summary>What is true of both.</summary>
    public static ProgramValue Merge(ProgramValue a, ProgramValue b) => AreAlike(a, b) ? a : ProgramValue.Unknown(Kind(a) == Kind(b) ? Kind(a) : ProgramValueKind.None);

    /// <summary>What a loop carries into its next pass: a tensor in the form it had last, anything else as <see cref="Merge"/>.</summary>
    public static ProgramValue Follow(ProgramValue before, ProgramValue after) =>
        before.Kind == ProgramValueKind.Tensor && after.Kind == ProgramValueKind.Tensor ? after : Merge(before, after);

    /// <summary>Whether a plan for one is a plan for the other, and every decision on them is the same.</summary>
    public static bool AreAlike(ProgramValue a, ProgramValue b)
    {
        if (a.Kind != b.Kind)
        {
            return false;
        }

        return a.Kind switch
        {
            ProgramValueKind.Tensor => a.Tensor.DType == b.Tensor.DType && a.Tensor.Array.DType == b.Tensor.Array.DType
                && a.Tensor.Shape.AsSpan().SequenceEqual(b.Tensor.Shape.AsSpan()) && a.Tensor.Array.Layout.Strides.AsSpan().SequenceEqual(b.Tensor.Array.Layout.Strides.AsSpan()),
            ProgramValueKind.Tuple => a.Tuple.Length == b.Tuple.Length && a.Tuple.Zip(b.Tuple, AreAlike).All(alike => alike),
            ProgramValueKind.Unknown => a.Expected == b.Expected,
            ProgramValueKind.Text => a.Text == b.Text,
            _ => a.IsSameObject(b),
        };
    }

    public static ProgramValueKind KindOf(GraphType type) => type switch
    {
        TensorType => ProgramValueKind.Tensor,
        IntType => ProgramValueKind.Integer,
        FloatType or OpaqueType { Text: "number" or "Scalar" } => ProgramValueKind.Float,
        BoolType => ProgramValueKind.Boolean,
        StringType or DeviceType => ProgramValueKind.Text,
        ListType => ProgramValueKind.List,
        TupleType => ProgramValueKind.Tuple,
        _ => ProgramValueKind.None,
    };

    private static ProgramValueKind Kind(ProgramValue value) => value.Kind == ProgramValueKind.Unknown ? value.Expected : value.Kind;

    private static bool IsNumber(ProgramValueKind kind) => kind is ProgramValueKind.Integer or ProgramValueKind.Float or ProgramValueKind.Boolean;
}
