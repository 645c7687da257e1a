using System.Collections.Immutable;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Runs graphs on a device without actors.</summary>
internal static class DevicePrograms
{
    /// <param name="change">What to make of the form of kernels with reductions; null leaves it.</param>
    public static ImmutableArray<NdArray> Run(Accelerator accelerator, Graph graph, FuserValue[] inputs, FusionMode mode = FusionMode.Fused, Func<RowForm, RowForm>? change = null)
    {
        var plan = Partitioner.Plan(Normaliser.Normalise(graph), inputs, mode);
        return RunInto(accelerator, plan, inputs, [.. plan.Outputs.Select(output => NdArray.Allocate(output.DType, output.Shape))], change);
    }

    public static ImmutableArray<NdArray> RunInto(Accelerator accelerator, GraphPlan plan, FuserValue[] inputs, NdArray[] outputs, Func<RowForm, RowForm>? change = null)
    {
        var (device, kernels) = Compile(accelerator, plan, change);
        var session = accelerator.Open();
        var heap = new DeviceHeap(accelerator.Name, session);
        using (var queue = session.CreateQueue())
        {
            using var run = new DeviceRun(device, heap, queue, threads: 2, _ => throw new InvalidOperationException("no input is on a device"));
            run.Run(inputs, outputs, kernels, seed: 7);
        }

        heap.Bytes.ShouldBe(0, "a run leaves nothing behind");
        return [.. outputs];
    }

    public static (DevicePlan Plan, CompiledKernel[] Kernels) Compile(Accelerator accelerator, GraphPlan plan, Func<RowForm, RowForm>? change = null)
    {
        IKernelTarget target = new AcceleratorTarget(accelerator, LaunchForm.Plain);
        var kernels = new List<CompiledKernel>();
        var specialisations = ImmutableArray.CreateBuilder<Specialisation>();
        ImmutableArray<IKernelTarget> targets = [.. plan.Groups.Select(group => change is not null && group.Domain.HasReductions
            ? new AcceleratorTarget(accelerator, change(accelerator.RowFormOf(group, RowNest.Of(group))))
            : target.For(group))];
        for (var i = 0; i < targets.Length; i++)
        {
            specialisations.Add(Specialisation.Of(plan.Groups[i], targets[i].Fingerprint));
            kernels.Add(KernelCompiler.CompileKernel(specialisations[^1].Spec, specialisations[^1].Arguments, targets[i]));
        }

        return (new DevicePlan(accelerator, plan, specialisations.ToImmutable(), targets), [.. kernels]);
    }
}
