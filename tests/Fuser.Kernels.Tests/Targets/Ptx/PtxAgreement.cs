using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Targets.Ptx;

/// <summary>Runs a kernel on the interpreter, and its PTX through the device code on a driver that reads it, and compares the bits.</summary>
internal static class PtxAgreement
{
    public static Accelerator Device(CudaStandIn? driver = null) => (driver ?? new CudaStandIn()).Catalogue(BinaryStore.None).Devices[0];

    public static void ShouldAgree(KernelIr ir, int width, bool isWide, int count, int seed = 0, bool inPlace = false, params byte[][] inputs)
    {
        using var run = new KernelRun(ir, count, seed, misalign: 0, inPlace, inputs);
        var wanted = run.Outputs(InterpreterTarget.Instance.Compile(ir));
        var form = LaunchForm.Plain with { Width = width == 1 ? 1 : WidthOf(ir), IsWide = isWide };
        var got = run.Outputs(new AcceleratorTarget(Device(), form).Compile(ir));
        Comparison.Difference(ir, wanted, got).ShouldBeNull($"{form}, {count} elements, seed {seed}\n{(ir.Nodes.Length < 200 ? ir : ir.Name)}");
    }

    private static int WidthOf(KernelIr ir) => LaunchForm.AccessBytes / ir.Arguments.Where(KernelParameters.IsBuffer).Max(argument => argument.DType.ItemSize());
}
