using System.Collections.Immutable;
using System.Text;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Operations;

namespace Fuser.Kernels.Tests.Routines;

/// <summary>Replays what eager PyTorch answered, every way a graph can be run: one answer, and the one of PyTorch.</summary>
public sealed class RoutineConformanceTests
{
    /// <summary>What no recording of torch 1.13 can cover: it has no such operation, or its contents are not defined.</summary>
    private static readonly string[] NotRecorded = ["aten::scaled_dot_product_attention", "aten::max_pool1d_with_indices", "aten::empty", "aten::new_empty", "aten::cumsum"];

    public static TheoryData<string> Operations => new(RecordedRoutine.Operations);

    [Fact]
    public void Every_operation_of_these_is_recorded() => new[]
        {
            Kernels.Partitioning.Rules.MatrixRules.Rules, Kernels.Partitioning.Rules.EinsumRules.Rules, Kernels.Partitioning.Rules.IndexingRules.Rules, Kernels.Partitioning.Rules.CreationRules.Rules,
            Kernels.Partitioning.Rules.RearrangementRules.Rules, Kernels.Partitioning.Rules.ConvolutionRules.Rules, Kernels.Partitioning.Rules.PoolingRules.Rules,
        }
        .SelectMany(rules => rules.Keys).Except(RecordedRoutine.Operations).Except(NotRecorded).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_graph_answers_what_eager_PyTorch_answers(string operation)
    {
        var report = new StringBuilder();
        foreach (var recorded in RecordedRoutine.Of(operation))
        {
            if (FindFault(recorded) is { } fault)
            {
                report.AppendLine($"{string.Join(" and ", recorded.Inputs.Select(input => $"{input.Array.DType.DisplayName()}{Shapes.Text(input.Array.Shape.AsSpan())}"))}: {fault}\n{recorded.Graph}");
            }
        }

        report.ToString().ShouldBeEmpty();
    }

    private static string? FindFault(RecordedRoutine recorded)
    {
        ImmutableArray<NdArray> results;
        try
        {
            results = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Unfused, recorded.Graph, recorded.Inputs);
        }
        catch (FuserException error) when (error is GraphException or InputException)
        {
            return recorded.Outputs.IsEmpty ? null : $"refused: {error.Message}";
        }

        if (recorded.Outputs.IsEmpty)
        {
            return $"eager refuses, got {results[0].DType.DisplayName()}{Shapes.Text(results[0].Shape.AsSpan())}";
        }

        Programs.Run(recorded.Graph, recorded.Inputs);
        return results.Select((result, i) => FindFault(result, recorded.Outputs[i], recorded.References[i])).FirstOrDefault(fault => fault is not null);
    }

    private static string? FindFault(NdArray result, NdArray eager, double[]? reference)
    {
        if (result.DType != eager.DType || !result.Shape.AsSpan().SequenceEqual(eager.Shape.AsSpan()))
        {
            return $"got {result.DType.DisplayName()}{Shapes.Text(result.Shape.AsSpan())}, eager {eager.DType.DisplayName()}{Shapes.Text(eager.Shape.AsSpan())}";
        }

        var (values, answers) = (TestArrays.Numbers(result), TestArrays.Numbers(eager));
        if (reference is null)
        {
            return Properties.Bits.Of(result).AsSpan().SequenceEqual(Properties.Bits.Of(eager)) ? null : $"got {string.Join(' ', values)}, eager {string.Join(' ', answers)}";
        }

        // Sums may cancel, so units are those of the largest element.
        var finite = Enumerable.Range(0, reference.Length).Where(i => double.IsFinite(reference[i])).ToArray();
        var unit = TestArrays.UnitInLastPlace(eager.DType, finite.Select(i => Math.Abs(reference[i])).DefaultIfEmpty().Max());
        var allowed = 4 * finite.Select(i => Math.Abs(answers[i] - reference[i])).DefaultIfEmpty().Max() is var error ? Math.Max(error, 4 * unit) : 0;
        for (var i = 0; i < reference.Length; i++)
        {
            if (double.IsFinite(reference[i]) ? !(Math.Abs(values[i] - reference[i]) <= allowed) : !values[i].Equals(reference[i]))
            {
                return $"element {i}: got {values[i]:R}, eager {answers[i]:R}, float64 {reference[i]:R}";
            }
        }

        return null;
    }
}
