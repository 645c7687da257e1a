using System.Text.RegularExpressions;
using Fuser.Kernels.Devices.Accelerators.Routines;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.OpenCl;
using Fuser.Kernels.Tests.Devices.Accelerators;

namespace Fuser.Kernels.Tests.Targets.OpenCl;

/// <summary>What LLVM makes of the kernels of routines for a GPU: no comparison becomes a minimum or maximum, and nothing is fused but by a call of fma.</summary>
public sealed partial class RoutineTextTests
{
    [ClangFact]
    public void No_comparison_is_taken_for_a_maximum_and_nothing_is_fused_that_was_not_asked_to_be()
    {
        var device = new RoutineDevice(DeviceCode.UsualGroupSize, IsForProcessor: false);
        foreach (var (kind, isLarge, count) in new[] { ("cumsum", true, 4), ("pool", false, 12), ("product", false, 4), ("product", true, 4), ("convolution", true, 2) })
        {
            for (var seed = 0; seed < count; seed++)
            {
                var routine = RoutineKernel.Of(RandomRoutines.Create(kind, seed, isLarge).Step, device);
                foreach (var pass in routine.Passes)
                {
                    var ptx = ClangForGpus.ToPtx(OpenClKernelWriter.Write(pass.Kernel, OpenClForm.GridStride).Text);
                    Extreme().Matches(ptx).Select(match => match.Value).ShouldBeEmpty(routine.Form);
                    LooseRounding().Matches(ptx).Select(match => match.Value).ShouldBeEmpty(routine.Form);
                    Fused().Matches(ptx).Select(match => match.Value).ShouldBeEmpty(routine.Form);
                    ptx.Contains("fmaf").ShouldBe(routine.Form.StartsWith("product", StringComparison.Ordinal) && routine.Form.Contains("f32"), routine.Form);
                }
            }
        }
    }

    [GeneratedRegex(@"\b(min|max)\.(NaN\.)?f(32|64)\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Extreme();

    /// <summary>What an assembler may fuse.</summary>
    [GeneratedRegex(@"\b(add|sub|mul)\.f(32|64)\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex LooseRounding();

    /// <summary>What is asked for is a call of a function there, so an instruction is one that nobody asked for.</summary>
    [GeneratedRegex(@"\bfma\.rn\.f(32|64)\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Fused();
}
