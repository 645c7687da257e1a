using System.Text.RegularExpressions;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.OpenCl;

namespace Fuser.Kernels.Tests.Targets.OpenCl;

/// <summary>
/// LLVM issue 93414: <c>a &lt; 0 ? a : 0</c> becomes a minimum, which loses the sign of zero. What is printed must not be taken for one.
/// </summary>
public sealed partial class SignedZeroTests
{
    [ClangFact]
    public void The_plain_form_is_taken_for_a_minimum_or_there_would_be_nothing_to_guard_against() =>
        Minimum().IsMatch(ClangForGpus.ToPtx("__kernel void k(__global float* a) { float x = a[0]; a[0] = x < 0.0f ? x : 0.0f; }")).ShouldBeTrue();

    [ClangFact]
    public void No_selection_and_no_product_is_taken_for_what_it_is_not()
    {
        foreach (var (probe, ir) in ProbeKernel.All().Where(known => known.Probe.Type.IsFloat()))
        {
            foreach (var walk in new[] { OpenClForm.OneElement, OpenClForm.GridStride })
            {
                var ptx = ClangForGpus.ToPtx(OpenClPrinter.Print(ir, LaunchForm.Plain with { IsWide = false }, walk, 256).Text);
                Minimum().Matches(ptx).Select(match => match.Value).ShouldBeEmpty(ir.Name);
                var asked = ir.Nodes.Count(node => node.Op == IrOp.FusedMultiplyAdd);
                Fused().Count(ptx).ShouldBeLessThanOrEqualTo(asked, ir.Name);
            }
        }
    }

    [Fact]
    public void Comparisons_with_zero_are_printed_against_the_smallest_subnormal()
    {
        foreach (var (_, ir) in ProbeKernel.All().Where(known => known.Probe.Type.IsFloat()))
        {
            var zeros = Enumerable.Range(0, ir.Nodes.Length).Where(id => ir.Nodes[id].Op == IrOp.Constant && ir.Nodes[id].Type.IsFloat() && (ir.Nodes[id].Immediate & long.MaxValue & ~0x80000000L) == 0).ToArray();
            var text = OpenClPrinter.Print(ir, LaunchForm.Plain, OpenClForm.OneElement, 256).Text;
            foreach (var zero in zeros)
            {
                Regex.IsMatch(text, $@"(<=?|>=?) v{zero};|= v{zero} (<=?|>=?)", RegexOptions.None, TimeSpan.FromSeconds(10)).ShouldBeFalse(text);
            }
        }
    }

    [GeneratedRegex(@"\b(min|max)\.f(32|64)\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Minimum();

    [GeneratedRegex(@"\bfma\.rn\.f(32|64)\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Fused();
}
