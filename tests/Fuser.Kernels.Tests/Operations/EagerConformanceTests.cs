using System.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>
/// Replays what eager PyTorch answered. The rule for floats is the product's: as close to the float64 evaluation as
/// eager within a factor of 4 and 4 units in the last place. Integers, booleans, infinities and NaN are equal.
/// </summary>
public sealed class EagerConformanceTests
{
    /// <summary>
    /// Of two zeros that differ in sign these answer either in eager: its vector loop takes the second operand, the rest of the array the first.
    /// </summary>
    private static readonly string[] ChoosersOfZeros =
        ["aten::maximum", "aten::minimum", "aten::max", "aten::min", "aten::fmax", "aten::fmin", "aten::clamp", "aten::clamp_min", "aten::clamp_max", "aten::hardtanh", "aten::clip"];

    /// <summary>Eager tells a negative NaN from a positive one here; the contract does not, and the recorded bfloat16 NaNs are negative.</summary>
    private static readonly string[] ReadersOfSigns = ["aten::signbit", "aten::copysign"];

    public static TheoryData<string> Operations => new(EagerCases.Operations);

    public static TheoryData<string> TypedOperations => new(EagerCases.TypedOperations);

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_answers_what_eager_PyTorch_answers(string operation)
    {
        var report = new StringBuilder();
        foreach (var recorded in EagerCases.Of(operation))
        {
            if (ReadersOfSigns.Contains(operation) && recorded.Arguments.Any(argument => argument is NdArray { DType: DType.BFloat16 }))
            {
                continue;
            }

            Compare(recorded, recorded.Arguments, report);
        }

        report.ToString().ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(TypedOperations))]
    public void Result_types_are_those_of_eager_PyTorch(string operation)
    {
        var report = new StringBuilder();
        var dtypes = Enum.GetValues<DType>();
        foreach (var table in EagerCases.TypesOf(operation))
        {
            var width = table.Second is "tensor" or "zero" ? dtypes.Length : 1;
            for (var i = 0; i < table.Codes.Length; i++)
            {
                var other = dtypes[i % width];
                object second = table.Second switch
                {
                    "tensor" => TestArrays.Of(other, 1, 1),
                    "zero" => TestArrays.ZeroDim(other, 1),
                    "float" => table.Number,
                    "bool" => true,
                    _ => (long)table.Number,
                };
                var wanted = table.Codes[i];
                var got = TypeCode(operation, [TestArrays.Of(dtypes[i / width], 1, 1), second, .. table.After]);
                if (wanted != '?' && wanted != got)
                {
                    report.AppendLine($"{operation}({dtypes[i / width]}, {table.Second} {(width == 1 ? table.Number : other)}): got {got}, wanted {wanted}");
                }
            }
        }

        report.ToString().ShouldBeEmpty();
    }

    private static char TypeCode(string operation, object?[] arguments)
    {
        try
        {
            return (char)('0' + (int)MeaningEvaluator.ResultType(operation, arguments));
        }
        catch (GraphException)
        {
            return 'X';
        }
    }

    private static void Compare(EagerCase recorded, object?[] arguments, StringBuilder report)
    {
        NdArray got;
        try
        {
            got = MeaningEvaluator.Evaluate(recorded.Operation, arguments);
        }
        catch (GraphException error)
        {
            if (recorded.Output is not null)
            {
                report.AppendLine($"{recorded.Text}: {error.Message}");
            }

            return;
        }

        if (recorded.Output is not { } wanted)
        {
            report.AppendLine($"{recorded.Text}: eager refuses, got {got.DType.DisplayName()}");
            return;
        }

        if (got.DType != wanted.DType)
        {
            report.AppendLine($"{recorded.Text}: got {got.DType.DisplayName()}, wanted {wanted.DType.DisplayName()}");
            return;
        }

        if (!wanted.DType.IsFloatingPoint())
        {
            if (!TestArrays.Bytes(got).AsSpan().SequenceEqual(TestArrays.Bytes(wanted)))
            {
                report.AppendLine($"{recorded.Text}: got {string.Join(' ', TestArrays.Numbers(got))}, wanted {string.Join(' ', TestArrays.Numbers(wanted))}");
            }

            return;
        }

        for (var i = 0; i < wanted.ElementCount; i++)
        {
            var (ours, eager) = (TestArrays.Number(got, i), TestArrays.Number(wanted, i));
            var reference = recorded.Reference?[i] ?? eager;
            var eitherZero = ours == 0 && eager == 0 && ChoosersOfZeros.Contains(recorded.Operation);
            if (!eitherZero && !recorded.Skipped.Contains(i) && !IsRight(wanted.DType, ours, eager, reference))
            {
                report.AppendLine($"{recorded.Text}[{i}]({Elements(arguments, i)}): got {ours:R}, eager {eager:R}, float64 {reference:R}");
            }
        }
    }

    private static bool IsRight(DType dtype, double ours, double eager, double reference)
    {
        if (ours.Equals(eager))
        {
            return ours != 0 || double.IsNegative(ours) == double.IsNegative(eager) || reference == 0 && double.IsNegative(ours) == double.IsNegative(reference);
        }

        if (double.IsNaN(eager) || double.IsNaN(ours))
        {
            return false;
        }

        // Rounded to the result's type, the reference may be infinite, or the result may overflow a little earlier or later.
        var error = Math.Abs(ours - reference);
        return error <= (4 * Math.Abs(eager - reference)) + (4 * TestArrays.UnitInLastPlace(dtype, reference));
    }

    private static string Elements(object?[] arguments, int i) => string.Join(", ", arguments.Select(argument => argument is NdArray array
        ? $"{TestArrays.Number(array, array.Shape.Length == 0 ? 0 : i):R}"
        : argument?.ToString() ?? "None"));
}
