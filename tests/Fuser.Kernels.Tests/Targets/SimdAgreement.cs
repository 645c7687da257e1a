using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Tests.Targets;

/// <summary>Runs a kernel on the interpreter and as vector code, as it is compiled first and later, and compares the bits.</summary>
internal static class SimdAgreement
{
    public static TheoryData<int> Widths => [.. Enum.GetValues<SimdWidth>().Select(width => (int)width)];

    public static void ShouldAgree(KernelIr ir, SimdWidth width, int count, int seed = 0, int misalign = 0, bool inPlace = false, params byte[][] inputs)
    {
        using var run = new KernelRun(ir, count, seed, misalign, inPlace, inputs);
        var wanted = run.Outputs(InterpreterTarget.Instance.Compile(ir));
        var kernel = (SimdKernel)new SimdTarget(width).Compile(ir);
        foreach (var form in new[] { "first", "unrolled" })
        {
            Comparison.Difference(ir, wanted, run.Outputs(kernel)).ShouldBeNull($"{width}, {count} elements, seed {seed}, {form} form\n{(ir.Nodes.Length < 200 ? ir : ir.Name)}");
            kernel.Unroll();
        }
    }

    public static int Input(this IrBuilder b, Fuser.Kernels.Tensors.DType dtype, InnerAccess access = InnerAccess.Varying) =>
        b.AddArgument(new KernelArgument(ArgumentKind.Input, dtype, access));

    public static int Output(this IrBuilder b, Fuser.Kernels.Tensors.DType dtype) =>
        b.AddArgument(new KernelArgument(ArgumentKind.Output, dtype, InnerAccess.Varying));
}
