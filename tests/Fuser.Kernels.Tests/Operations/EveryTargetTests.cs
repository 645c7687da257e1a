using System.Text;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>Each operation by itself, on the recorded inputs: the SIMD target equals the interpreter bit for bit, and a number known when the
/// kernel is built gives what one gives that comes when it runs.</summary>
public sealed class EveryTargetTests
{
    public static TheoryData<string> Operations => new(EagerCases.Operations);

    [Theory]
    [MemberData(nameof(Operations))]
    public void Vector_code_of_an_operation_equals_the_interpreter(string operation)
    {
        var report = new StringBuilder();
        foreach (var recorded in OnePerType(operation))
        {
            Compare(recorded, MeaningEvaluator.Evaluate(operation, recorded.Arguments), MeaningEvaluator.EvaluateOn(SimdTarget.Best, operation, recorded.Arguments), report);
        }

        report.ToString().ShouldBeEmpty();
    }

    /// <summary>Not for pow: constant exponents have their own, shorter meaning.</summary>
    [Theory]
    [MemberData(nameof(Operations))]
    public void A_number_from_outside_gives_what_the_same_constant_gives(string operation)
    {
        if (operation is "aten::pow" or "aten::float_power")
        {
            return;
        }

        var parameters = Kernels.Operations.OperationCatalogue.Find(operation)!.Parameters;
        var report = new StringBuilder();
        foreach (var recorded in EagerCases.Of(operation).Where(recorded => recorded.Output is not null))
        {
            var changed = recorded.Arguments.Select((argument, i) =>
                argument is long or double && parameters[i].Kind is Kernels.Operations.ParameterKind.Number or Kernels.Operations.ParameterKind.Operand ? new Runtime(argument) : argument).ToArray();
            if (changed.Any(argument => argument is Runtime))
            {
                Compare(recorded, MeaningEvaluator.Evaluate(operation, recorded.Arguments), MeaningEvaluator.Evaluate(operation, changed), report);
            }
        }

        report.ToString().ShouldBeEmpty();
    }

    /// <summary>A computed NaN has the sign the processor gave it, so an operation that looked at it would differ from target to target.</summary>
    [Theory]
    [MemberData(nameof(Operations))]
    public void No_operation_sees_the_sign_of_a_NaN(string operation)
    {
        var report = new StringBuilder();
        foreach (var recorded in EagerCases.Of(operation).Where(recorded => recorded.Output is not null))
        {
            Compare(recorded, MeaningEvaluator.Evaluate(operation, recorded.Arguments), MeaningEvaluator.Evaluate(operation, [.. recorded.Arguments.Select(WithOtherNaNs)]), report);
        }

        report.ToString().ShouldBeEmpty();
    }

    private static object? WithOtherNaNs(object? argument) => argument switch
    {
        NdArray { DType: DType.Float16 } array => Mapped<Half>(array, value => Half.IsNaN(value) ? -value : value),
        NdArray { DType: DType.BFloat16 } array => Mapped<BFloat16>(array, value => float.IsNaN(value) ? new BFloat16((ushort)(value.Bits ^ 0x8000)) : value),
        NdArray { DType: DType.Float32 } array => Mapped<float>(array, value => float.IsNaN(value) ? -value : value),
        NdArray { DType: DType.Float64 } array => Mapped<double>(array, value => double.IsNaN(value) ? -value : value),
        double number when double.IsNaN(number) => -number,
        _ => argument,
    };

    private static NdArray Mapped<T>(NdArray array, Func<T, T> map)
        where T : unmanaged => NdArray.From(Array.ConvertAll(array.ToArray<T>(), value => map(value)).AsMemory(), new TensorLayout(array.Shape, Shapes.ContiguousStrides(array.Shape.AsSpan()), 0));

    private static IEnumerable<EagerCase> OnePerType(string operation) => EagerCases.Of(operation)
        .Where(recorded => recorded.Output is not null && recorded.Arguments.Any(argument => argument is NdArray))
        .DistinctBy(recorded => (((NdArray)recorded.Arguments.First(argument => argument is NdArray)!).DType, recorded.Output!.DType));

    private static void Compare(EagerCase recorded, NdArray wanted, NdArray got, StringBuilder report)
    {
        if (got.DType != wanted.DType)
        {
            report.AppendLine($"{recorded.Text}: {got.DType}, wanted {wanted.DType}");
            return;
        }

        var size = wanted.DType.ItemSize();
        var (left, right) = (TestArrays.Bytes(wanted), TestArrays.Bytes(got));
        for (var i = 0; i < wanted.ElementCount; i++)
        {
            var bothNaN = double.IsNaN(TestArrays.Number(wanted, i)) && double.IsNaN(TestArrays.Number(got, i));
            if (!bothNaN && !left.AsSpan(i * size, size).SequenceEqual(right.AsSpan(i * size, size)))
            {
                report.AppendLine($"{recorded.Text}[{i}]: got {TestArrays.Number(got, i):R}, wanted {TestArrays.Number(wanted, i):R}");
            }
        }
    }
}
