using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Partitioning.Rules;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;
using Partitioner = Fuser.Kernels.Partitioning.Partitioner;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>
/// Replays what eager PyTorch answered for reductions and what is made of them, every way a graph can be run: one answer, and the one of PyTorch by the product's rule.
/// </summary>
public sealed class ReductionConformanceTests
{
    /// <summary>What adds from 0, so that no answer is -0; where PyTorch chooses between zeros of both signs, either is right.</summary>
    private static readonly string[] Adders = ["aten::sum", "aten::nansum", "aten::mean", "aten::sum_to_size", "aten::_grad_sum_to_size", "aten::cumsum"];

    /// <summary>
    /// What ends in a difference. Of a few dozen elements one that comes near 0 decides everything when units are its own: units are those of the largest element here.
    /// </summary>
    private static readonly string[] Cancelling = [.. Adders, "aten::layer_norm", "aten::native_layer_norm", "aten::group_norm", "aten::batch_norm", "aten::instance_norm", "aten::var_mean", "aten::std_mean", "aten::logsumexp", "aten::log_softmax"];

    private static readonly (IKernelTarget Target, FusionMode Mode)[] Ways =
        [(InterpreterTarget.Instance, FusionMode.Fused), (SimdTarget.Best, FusionMode.Fused), (SimdTarget.Best, FusionMode.Unfused)];

    private static readonly ConcurrentDictionary<(KernelSpec Spec, ArgSpec Arguments), CompiledKernel> Kernels = new();

    public static TheoryData<string> Operations => new(RecordedReductions.Operations);

    [Fact]
    public void Every_operation_made_of_reductions_is_recorded() =>
        new[] { ReductionRules.Rules, MomentRules.Rules, NormalisationRules.Rules, LossRules.Rules }.SelectMany(rules => rules.Keys).Append("aten::cumsum")
            .Except(RecordedReductions.Operations).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_reduction_answers_what_eager_PyTorch_answers(string operation)
    {
        var report = new StringBuilder();
        foreach (var recorded in RecordedReductions.Of(operation))
        {
            if (FindFault(recorded) is { } fault)
            {
                report.AppendLine($"{recorded.Text}: {fault}");
            }
        }

        report.ToString().ShouldBeEmpty();
    }

    private static string? FindFault(RecordedReduction recorded)
    {
        ImmutableArray<NdArray> results;
        try
        {
            results = Run(recorded, InterpreterTarget.Instance, FusionMode.Unfused);
        }
        catch (FuserException error) when (error is GraphException or InputException)
        {
            return recorded.Outputs.IsEmpty ? null : $"refused: {error.Message}";
        }

        foreach (var (target, mode) in Ways)
        {
            Bits.ShouldBeSame(Run(recorded, target, mode), results, $"{mode} on {target.Fingerprint}: {recorded.Text}");
        }

        return recorded.Outputs.IsEmpty ? $"eager refuses, got {results[0].DType.DisplayName()}{Shapes.Text(results[0].Shape.AsSpan())}"
            : results.Select((result, i) => FindFault(recorded.Operation, result, recorded.Outputs[i])).FirstOrDefault(fault => fault is not null);
    }

    private static string? FindFault(string operation, NdArray result, ExpectedOutput wanted)
    {
        var eager = wanted.Eager;
        if (result.DType != eager.DType || !result.Shape.AsSpan().SequenceEqual(eager.Shape.AsSpan()))
        {
            return $"got {result.DType.DisplayName()}{Shapes.Text(result.Shape.AsSpan())}, eager {eager.DType.DisplayName()}{Shapes.Text(eager.Shape.AsSpan())}";
        }

        var (values, answers) = (TestArrays.Numbers(result), TestArrays.Numbers(eager));
        if (!eager.DType.IsFloatingPoint())
        {
            return TestArrays.Bytes(result).AsSpan().SequenceEqual(TestArrays.Bytes(eager)) ? null : $"got {string.Join(' ', values)}, eager {string.Join(' ', answers)}";
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == 0 && answers[i] == 0 && Adders.Contains(operation) && double.IsNegative(values[i]) != double.IsNegative(answers[i]))
            {
                return $"element {i}: got {values[i]:R}, eager {answers[i]:R}";
            }
        }

        var reference = wanted.Reference.ToArray<double>();
        var fault = Correctness.FindFault([.. values], [.. answers], reference, eager.DType);
        return fault is not null && Cancelling.Contains(operation) && IsClose(values, answers, reference, eager.DType) ? null : fault;
    }

    private static bool IsClose(ImmutableArray<double> values, ImmutableArray<double> answers, double[] reference, DType dtype)
    {
        if (values.Concat(answers).Any(value => !double.IsFinite(value)))
        {
            return false;
        }

        var error = reference.Select((exact, i) => Math.Abs(values[i] - exact)).Max();
        var eagerError = reference.Select((exact, i) => Math.Abs(answers[i] - exact)).Max();
        return error <= 4 * Math.Max(eagerError, TestArrays.UnitInLastPlace(dtype, reference.Max(Math.Abs)));
    }

    /// <summary>A kernel is compiled for the first call that needs it and serves all later ones of its key, whatever their shapes.</summary>
    private static ImmutableArray<NdArray> Run(RecordedReduction recorded, IKernelTarget target, FusionMode mode)
    {
        var plan = Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(recorded.Graph)), recorded.Inputs, mode);
        var specialisations = ImmutableArray.CreateRange(plan.Groups, group => Specialisation.Of(group, target.Fingerprint));
        var kernels = specialisations.Select(known => Kernels.GetOrAdd((known.Spec, known.Arguments), key => KernelCompiler.CompileKernel(key.Spec, key.Arguments, target)));
        return new PlanRunner(plan, ImmutableArray.CreateRange(specialisations, GroupLaunch.Of)).Run(recorded.Inputs, kernels.ToArray(), seed: 7, threads: 1);
    }
}
