using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>What users see of reductions: one kernel in the report, compiled once for all sizes.</summary>
public sealed class ReductionTests
{
    [Theory]
    [InlineData("%y : Tensor = aten::softmax(%x, %i1, %none)")]
    [InlineData("%y : Tensor = aten::log_softmax(%x, %i1, %none)")]
    [InlineData("%y : Tensor = aten::layer_norm(%x, %shape, %w, %b, %eps, %false)")]
    [InlineData("%y : Tensor = aten::rms_norm(%x, %shape, %w, %eps)")]
    [InlineData("%y : Tensor = aten::group_norm(%x, %i1, %none, %none, %eps, %false)")]
    [InlineData("%y : Tensor = aten::mse_loss(%x, %w, %i1)")]
    [InlineData("%p : Tensor = aten::sigmoid(%x)\n  %t : Tensor = aten::sigmoid(%w)\n  %q : Tensor = aten::expand_as(%t, %p)\n  %y : Tensor = aten::binary_cross_entropy(%p, %q, %none, %i1)")]
    [InlineData("%e : Tensor = aten::exp(%x)\n  %m : Tensor = aten::mul(%e, %w)\n  %y : Tensor = aten::mean(%m, %none)")]
    public async Task Is_one_kernel_compiled_once(string body)
    {
        var graph = GraphText.Parse($"""
            graph(%x : Tensor, %w : Tensor, %b : Tensor):
              %none : NoneType = prim::Constant()
              %false : bool = prim::Constant[value=0]()
              %i1 : int = prim::Constant[value=1]()
              %eps : float = prim::Constant[value=1e-5]()
              %n : int = aten::size(%x, %i1)
              %shape : int[] = prim::ListConstruct(%n)
              {body}
              return (%y)

            """);
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(graph);
        var first = await function.RunWithReportAsync(Inputs(20, 50));
        first.Kernels.ShouldHaveSingleItem().Cached.ShouldBeFalse();
        first.Fallbacks.ShouldBeEmpty();

        var other = await function.RunWithReportAsync(Inputs(31, 70));
        other.Kernels.ShouldHaveSingleItem().Cached.ShouldBeTrue();
        other.Kernels[0].Key.ShouldBe(first.Kernels[0].Key);
        (await fuser.Statistics()).KernelsCompiled.ShouldBe(1);
    }

    private static FuserValue[] Inputs(int rows, int columns) => [Array(rows, columns), Array(columns), Array(columns)];

    private static NdArray Array(params long[] shape) =>
        NdArray.From([.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => ((i * 37 % 101) * 0.01f) - 0.5f)], shape);
}
