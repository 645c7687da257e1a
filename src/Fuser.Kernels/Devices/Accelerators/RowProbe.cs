using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// The part of the exactness probe that is about kernels with reductions: every way a device has to go over rows (a work item for a row, work items that share one and meet at barriers, rows in
/// chunks, columns) with every kind of reduction, over rows whose result depends on the order, on the signs of zeros, on NaN.
/// </summary>
internal static class RowProbe
{
    /// <summary>Of the rows there are, one that is long by itself is every third: shorter ones have shown the rest.</summary>
    private const int FewOfLong = 3;

    private static readonly ProbedGraph First = new(
        """
        %s : Tensor = aten::sum(%x, %axes, %false, %none)
          %m : Tensor, %w : Tensor = aten::max(%x, %axis, %false)
        """,
        "%s, %m, %w",
        ["sum", "maximum", "index of the first maximum"]);

    private static readonly ProbedGraph Second = new(
        """
        %p : Tensor = aten::prod(%x, %axis, %false, %none)
          %m : Tensor = aten::amin(%x, %axes, %false)
          %a : Tensor = aten::any(%x, %axis, %false)
          %b : Tensor = aten::all(%x, %axis, %false)
        """,
        "%p, %m, %a, %b",
        ["product", "minimum", "any", "all"]);

    /// <summary>Lengths of rows for the forms there are, some of which let work items take several elements at once, and what is reduced in each. Columns lie beside each other in memory.</summary>
    private static readonly (int Rows, int Length, bool IsColumns, ProbedGraph Graph, DType DType)[] Cases =
    [
        (40, 20, false, First, DType.Float32),
        (RowProbeValues.Count, 203, false, First, DType.Float64),
        (RowProbeValues.Count, 204, false, Second, DType.Float32),
        (RowProbeValues.Count, 2_102, false, First, DType.Float64),
        (RowProbeValues.Count, 2_104, false, Second, DType.Float32),
        (RowProbeValues.Count, 2_101, false, First, DType.Int32),
        (RowProbeValues.Count, 2_102, false, Second, DType.Int64),
        (1, 33_004, false, First, DType.Float32),
        (1, 33_001, false, Second, DType.Float64),
        (20, 301, true, First, DType.Float64),
    ];

    /// <summary>What the device gets wrong, with the operands; null when nothing.</summary>
    /// <exception cref="LaunchException">The device failed.</exception>
    public static string? Run(Accelerator accelerator)
    {
        var probed = new HashSet<string>();
        foreach (var (rows, length, isColumns, graph, dtype) in Cases)
        {
            var layout = isColumns ? new TensorLayout([rows, length], [1, rows], 0) : TensorLayout.Contiguous([rows, length]);
            var plan = Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(graph.Text)), [NdArray.Allocate(dtype, [rows, length]).WithLayout(layout)], FusionMode.Fused);
            ImmutableArray<IKernelTarget> targets = ImmutableArray.CreateRange(plan.Groups, new AcceleratorTarget(accelerator, LaunchForm.Plain).For);
            if (targets.Any(target => target is HostTarget) || !probed.Add($"{string.Join(' ', targets.Select(target => target.Fingerprint))} {graph.Results} {dtype}"))
            {
                continue; // the device leaves rows to the host, or goes over these as over others before
            }

            accelerator.GotOn();
            if (Compare(accelerator, plan, targets, graph.Names, layout, dtype) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private static string? Compare(Accelerator accelerator, GraphPlan plan, ImmutableArray<IKernelTarget> targets, string[] names, TensorLayout layout, DType dtype)
    {
        var specialisations = ImmutableArray.CreateRange(plan.Groups.Select((group, i) => Specialisation.Of(group, targets[i].Fingerprint)));
        var kernels = new List<CompiledKernel>();
        try
        {
            for (var i = 0; i < targets.Length; i++)
            {
                kernels.Add(Compile(specialisations[i], targets[i]));
            }
        }
        catch (CompileException)
        {
            return null; // what the driver does not take, the host's kernels compute
        }

        try
        {
            var wanted = new PlanRunner(plan, ImmutableArray.CreateRange(specialisations, specialisation => GroupLaunch.Of(specialisation)));
            CompiledKernel[] interpreted = [.. specialisations.Select(specialisation => Compile(specialisation, InterpreterTarget.Instance))];
            for (var first = 0; first < RowProbeValues.Count; first += Math.Max((int)layout.Sizes[0], FewOfLong))
            {
                FuserValue[] inputs = [RowProbeValues.Rows(dtype, layout, first)];
                var got = RunOnDevice(accelerator, new DevicePlan(accelerator, plan, specialisations, targets), kernels, inputs);
                var left = wanted.Run(inputs, interpreted, seed: 0, threads: 1);
                for (var output = 0; output < names.Length; output++)
                {
                    if (Difference(left[output], got[output]) is var row and >= 0)
                    {
                        var (a, b) = (Element(left[output], row), Element(got[output], row));
                        return $"{names[output]} of {dtype.DisplayName()} ({RowProbeValues.Describe(dtype, first + row, (int)layout.Sizes[1])}), {targets[0].Fingerprint}: got {b}, wanted {a}";
                    }
                }
            }
        }
        finally
        {
            kernels.ForEach(kernel => kernel.Retire());
        }

        return null;
    }

    private static CompiledKernel Compile(Specialisation specialisation, IKernelTarget target) => KernelCompiler.CompileKernel(specialisation.Spec, specialisation.Arguments, target);

    private static NdArray[] RunOnDevice(Accelerator accelerator, DevicePlan plan, List<CompiledKernel> kernels, FuserValue[] inputs)
    {
        var session = accelerator.Open();
        NdArray[] outputs = [.. plan.Plan.Outputs.Select(output => NdArray.Allocate(output.DType, output.Shape))];
        using var queue = session.CreateQueue();
        using var run = new DeviceRun(plan, new DeviceHeap(accelerator.Name, session), queue, threads: 1, _ => throw new InternalFuserException(ErrorCodes.Internal, "the probe leaves nothing on the device"));
        run.Run(inputs, outputs, CollectionsMarshal.AsSpan(kernels), seed: 0);
        return outputs;
    }

    /// <summary>The first row whose results differ, any NaN being any other; -1 when none does.</summary>
    private static int Difference(NdArray left, NdArray right)
    {
        for (var row = 0; row < left.ElementCount; row++)
        {
            if (Element(left, row) != Element(right, row))
            {
                return row;
            }
        }

        return -1;
    }

    /// <summary>An element, so that two with the same text have the same bits.</summary>
    private static string Element(NdArray array, int index) => array.DType switch
    {
        DType.Float32 => array.ToArray<float>()[index].ToString("R", CultureInfo.InvariantCulture),
        DType.Float64 => array.ToArray<double>()[index].ToString("R", CultureInfo.InvariantCulture),
        DType.Int32 => array.ToArray<int>()[index].ToString(CultureInfo.InvariantCulture),
        DType.Int64 => array.ToArray<long>()[index].ToString(CultureInfo.InvariantCulture),
        _ => array.ToArray<bool>()[index].ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>What is computed of x along its last axis.</summary>
    /// <param name="Names">What the results are, in words.</param>
    private sealed record ProbedGraph(string Body, string Results, string[] Names)
    {
        public string Text => $"""
            graph(%x : Tensor):
              %axis : int = prim::Constant[value=-1]()
              %false : bool = prim::Constant[value=0]()
              %none : NoneType = prim::Constant()
              %axes : int[] = prim::ListConstruct(%axis)
              {Body}
              return ({Results})
            """;
    }
}
