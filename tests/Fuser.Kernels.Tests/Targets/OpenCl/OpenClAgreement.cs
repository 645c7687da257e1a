using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.OpenCl;
using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Targets.OpenCl;

/// <summary>Runs a kernel on the interpreter and on the OpenCL device, in both forms of printing, and compares the bits.</summary>
internal static class OpenClAgreement
{
    private static readonly OpenClAccelerator LikeGpu = OpenClOnThisMachine.Missing is null ? OpenClOnThisMachine.DeviceLikeGpu() : null!;

    public static OpenClAccelerator Device(bool likeGpu) => likeGpu ? LikeGpu : OpenClOnThisMachine.Device;

    public static void ShouldAgree(KernelIr ir, bool likeGpu, int count, int seed = 0, int misalign = 0, bool inPlace = false, params byte[][] inputs)
    {
        using var run = new KernelRun(ir, count, seed, misalign, inPlace, inputs);
        var wanted = run.Outputs(InterpreterTarget.Instance.Compile(ir));
        var form = likeGpu ? LaunchForm.Plain with { Width = WidthOf(ir), IsWide = seed % 2 == 0 } : LaunchForm.Plain with { IsWide = seed % 2 == 0 };
        var got = run.Outputs(new AcceleratorTarget(Device(likeGpu), form).Compile(ir));
        Comparison.Difference(ir, wanted, got).ShouldBeNull($"{form}, {count} elements, seed {seed}\n{(ir.Nodes.Length < 200 ? ir : ir.Name)}");
    }

    private static int WidthOf(KernelIr ir) => LaunchForm.AccessBytes / ir.Arguments.Where(KernelParameters.IsBuffer).Max(argument => argument.DType.ItemSize());
}
