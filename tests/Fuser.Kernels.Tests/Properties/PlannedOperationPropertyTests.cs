using System.Collections.Concurrent;
using System.Collections.Immutable;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Operations;
using Fuser.Kernels.Tests.Routines;
using Partitioner = Fuser.Kernels.Partitioning.Partitioner;

namespace Fuser.Kernels.Tests.Properties;

/// <summary>
/// Every planned operation of the catalogue, called as recordings of eager PyTorch call it, but in every dtype and with its extreme values: however it is run, it
/// gives the same bits, or is refused with the same code.
/// </summary>
public sealed class PlannedOperationPropertyTests
{
    /// <summary>Recorded calls that are tried of an operation, spread over all there are.</summary>
    private const int MostCalls = 4;

    private static readonly (IKernelTarget Target, FusionMode Mode)[] Ways =
        [(InterpreterTarget.Instance, FusionMode.Fused), (SimdTarget.Best, FusionMode.Fused), (SimdTarget.Best, FusionMode.Unfused)];

    /// <summary>What torch 1.13 cannot record.</summary>
    private static readonly (string Kind, string Body, string Outputs, int Inputs)[] Unrecorded =
    [
        ("aten::scaled_dot_product_attention", "%f : float = prim::Constant[value=0.](); %y = aten::scaled_dot_product_attention(%a, %b, %c, %none, %f, %false)", "y", 3),
        ("aten::max_pool1d_with_indices", "%k : int[] = prim::ListConstruct(%i2); %o : int[] = prim::ListConstruct(%i1); %z : int[] = prim::ListConstruct(%i0); %y, %w = aten::max_pool1d_with_indices(%a, %k, %o, %z, %o, %false)", "y w", 1),
        ("aten::empty", "%s : int[] = prim::ListConstruct(%i3); %y = aten::empty(%s, %none, %none, %none, %none, %none)", "y", 0),
        ("aten::new_empty", "%s : int[] = prim::ListConstruct(%i3); %y = aten::new_empty(%a, %s, %none, %none, %none, %none)", "y", 1),
    ];

    private static readonly ConcurrentDictionary<(KernelSpec Spec, ArgSpec Arguments), CompiledKernel> Kernels = new();

    public static TheoryData<string> Operations => new(PlannedOperations.All.Select(operation => operation.Kind));

    [Theory]
    [MemberData(nameof(Operations))]
    public void Every_way_of_running_gives_the_same_bits_in_every_dtype(string operation)
    {
        var calls = Calls(operation);
        calls.ShouldNotBeEmpty($"no call of {operation} is known; record some, or write one here");
        var (answered, random) = (0, new Random(operation.Length));
        foreach (var (graph, inputs) in calls)
        {
            foreach (var changed in Variants(random, inputs))
            {
                answered += Agree(graph, changed) ? 1 : 0;
            }
        }

        answered.ShouldBePositive($"every call of {operation} was refused");
    }

    private static (string Graph, FuserValue[] Inputs)[] Calls(string operation)
    {
        var recorded = RecordedReductions.Of(operation).Select(call => (call.Graph, call.Inputs, IsAnswered: !call.Outputs.IsEmpty))
            .Concat(RecordedRoutine.Of(operation).Select(call => (call.Graph, call.Inputs, IsAnswered: !call.Outputs.IsEmpty)))
            .Where(call => call.IsAnswered).DistinctBy(call => call.Graph).Select(call => (call.Graph, call.Inputs)).ToArray();
        var step = Math.Max(1, recorded.Length / MostCalls);
        return
        [
            .. recorded.Where((_, i) => i % step == 0).Take(MostCalls),
            .. Unrecorded.Where(call => call.Kind == operation).Select(call =>
                (Programs.Text(string.Join(' ', "abc"[..call.Inputs].Select(name => name)), call.Body, call.Outputs), Enumerable.Repeat((FuserValue)Programs.Range(2, 3, 4), call.Inputs).ToArray())),
        ];
    }

    /// <summary>The call as it was recorded, and with all of its arrays, or the first alone, in each dtype: indices and targets stay what they are then.</summary>
    private static IEnumerable<FuserValue[]> Variants(Random random, FuserValue[] inputs)
    {
        yield return inputs;
        if (inputs.Length == 0)
        {
            yield break;
        }

        foreach (var dtype in RandomArrays.DTypes)
        {
            foreach (var isFinite in dtype.IsFloatingPoint() ? new[] { true, false } : [true])
            {
                yield return [.. inputs.Select(input => Extreme(random, dtype, isFinite, input.Array.Shape))];
                if (inputs.Length > 1)
                {
                    yield return [Extreme(random, dtype, isFinite, inputs[0].Array.Shape), .. inputs[1..]];
                }
            }
        }
    }

    private static FuserValue Extreme(Random random, DType dtype, bool isFinite, ImmutableArray<long> shape)
    {
        double[] finite = [0, -0.0, 1, -1.5, 0.1, 3];
        return dtype switch
        {
            DType.Bool => Of(false, true),
            DType.UInt8 => Of<byte>(0, 1, 3, 200, 255),
            DType.Int8 => Of<sbyte>(-128, -127, -1, 0, 1, 3, 127),
            DType.Int16 => Of<short>(short.MinValue, -181, -1, 0, 1, 3, 182, short.MaxValue),
            DType.Int32 => Of(int.MinValue, -46341, -1, 0, 1, 3, 46341, int.MaxValue),
            DType.Int64 => Of(long.MinValue, -1, 0, 1, 3, 3037000500, int.MaxValue, long.MaxValue),
            DType.Float16 => Reals(value => (Half)value, 65504, 6e-8, 6.1e-5),
            DType.BFloat16 => Reals(value => (BFloat16)(float)value, 3.3895314e38, 1e-40, 1.2e-38),
            DType.Float32 => Reals(value => (float)value, float.MaxValue, float.Epsilon, 1.2e-38, 1e20, 1e-30),
            _ => Reals(value => value, double.MaxValue, double.Epsilon, 2.3e-308, 1e160, 1e-160),
        };

        FuserValue Reals<T>(Func<double, T> convert, params double[] extremes)
            where T : unmanaged =>
            Of([.. finite.Concat(extremes).Concat(extremes.Select(value => -value)).Concat(isFinite ? [] : [double.NaN, double.PositiveInfinity, double.NegativeInfinity]).Select(convert)]);

        FuserValue Of<T>(params T[] values)
            where T : unmanaged => NdArray.From([.. Enumerable.Range(0, (int)Shapes.ElementCount(shape.AsSpan())).Select(_ => RandomArrays.Pick(random, values))], dtype, TensorLayout.Contiguous(shape));
    }

    /// <summary>Whether there is an answer.</summary>
    private static bool Agree(string graph, FuserValue[] inputs)
    {
        var (expected, refusal) = Try(graph, inputs, InterpreterTarget.Instance, FusionMode.Unfused);
        foreach (var (target, mode) in Ways)
        {
            var what = $"{mode} on {target.Fingerprint}, of {string.Join(" and ", inputs.Select(input => $"{input.Array.DType.DisplayName()}{Shapes.Text(input.Array.Shape.AsSpan())}"))}\n{graph}";
            var (actual, code) = Try(graph, inputs, target, mode);
            code.ShouldBe(refusal, what);
            Bits.ShouldBeSame(actual, expected, what);
        }

        return refusal is null;
    }

    private static (ImmutableArray<NdArray> Results, string? Refusal) Try(string graph, FuserValue[] inputs, IKernelTarget target, FusionMode mode)
    {
        try
        {
            var plan = Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(graph)), inputs, mode);
            var specialisations = ImmutableArray.CreateRange(plan.Groups, group => Specialisation.Of(group, target.Fingerprint));
            var kernels = specialisations.Select(known => Kernels.GetOrAdd((known.Spec, known.Arguments), key => KernelCompiler.CompileKernel(key.Spec, key.Arguments, target)));
            return (new PlanRunner(plan, ImmutableArray.CreateRange(specialisations, GroupLaunch.Of)).Run(inputs, kernels.ToArray(), seed: 7, threads: 1), null);
        }
        catch (FuserException error) when (error is GraphException or InputException or LaunchException)
        {
            return ([], error.Code);
        }
    }
}
