using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class ExplanationTests
{
    [Fact]
    public async Task Softmax_is_said_to_be_one_kernel_that_reads_its_input_once()
    {
        var plan = await Explain(Body("%y : Tensor = aten::softmax(%x, %i1, %none)"), NdArray.Allocate(DType.Float32, [300, 1000]));
        var step = plan.Fused.Steps.ShouldHaveSingleItem();
        step.Sweeps.ShouldNotBeNull().ShouldContain("one kernel over 300 rows of 1,000 elements, along rows, in 3 sweeps");
        step.Sweeps.ShouldContain("read from memory once");
        (step.BytesRead, step.BytesWritten).ShouldBe((1_200_000, 1_200_000));
        step.Boundaries.ShouldBe(["aten::softmax (line 7) is output 0"]);

        plan.Unfused.Steps.Length.ShouldBeGreaterThan(3);
        (plan.Unfused.BytesRead + plan.Unfused.BytesWritten).ShouldBeGreaterThan(3 * (plan.Fused.BytesRead + plan.Fused.BytesWritten));
        (plan.Fused.PeakBytes, plan.Fused.BytesWithoutReuse).ShouldBe((0, 0));
        plan.Unfused.PeakBytes.ShouldBeInRange(2_400_000, plan.Unfused.BytesWithoutReuse - 1);
    }

    [Fact]
    public async Task A_row_too_long_for_the_cache_is_said_to_be_read_again()
    {
        var plan = await Explain(Body("%y : Tensor = aten::softmax(%x, %i1, %none)"), NdArray.Allocate(DType.Float32, [2, 2_000_000]));
        plan.Fused.Steps[0].Sweeps.ShouldNotBeNull().ShouldContain("each sweep reads its input from memory again");
        plan.Fused.BytesRead.ShouldBeGreaterThan(32_000_000);
    }

    [Fact]
    public async Task Rows_beside_each_other_are_said_to_be_walked_across()
    {
        var plan = await Explain(Body("%y : Tensor = aten::softmax(%x, %i0, %none)"), NdArray.Allocate(DType.Float32, [100, 300]));
        plan.Fused.Steps[0].Sweeps.ShouldNotBeNull().ShouldContain("300 rows of 100 elements, across rows");
    }

    [Theory]
    [InlineData("%c : Tensor = aten::cumsum(%x, %i1, %none)\n%y : Tensor = aten::exp(%c)", "aten::cumsum (line 7) is a routine")]
    [InlineData("%e : Tensor = aten::exp(%x)\n%c : Tensor = aten::cumsum(%e, %i1, %none)\n%y : Tensor = aten::exp(%c)", "aten::cumsum (line 8), a routine, reads aten::exp (line 7)")]
    [InlineData("%e : Tensor = aten::exp(%x)\n%t : Tensor = aten::t(%e)\n%flat : int[] = prim::ListConstruct(%in1)\n%y : Tensor = aten::reshape(%t, %flat)", "aten::t (line 8) is output 0")]
    [InlineData("%e : Tensor = aten::exp(%x)\n%t : Tensor = aten::t(%e)\n%flat : int[] = prim::ListConstruct(%in1)\n%r : Tensor = aten::reshape(%t, %flat)\n%y : Tensor = aten::neg(%r)", "aten::reshape (line 10) gives aten::t (line 8) a shape that no index arithmetic expresses")]
    [InlineData("%l : Tensor[] = prim::ListConstruct(%x, %x)\n%y : Tensor = aten::cat(%l, %i1)", "input 0 is a part of aten::cat (line 8) along axis 1, written in place")]
    [InlineData("%s : Tensor = aten::sum(%x, %none)\n%e : Tensor = aten::mul(%x, %s)\n%a : int[] = prim::ListConstruct(%i1)\n%y : Tensor = aten::sum(%e, %a, %zero, %none)", "aten::mul (line 8) needs the sum in aten::sum (line 7) in a kernel that does not run over the same rows")]
    public async Task Each_boundary_names_what_needs_the_value_and_why(string body, string boundary)
    {
        var plan = await Explain(Body(body), NdArray.Allocate(DType.Float32, [30, 40]));
        plan.Fused.Steps.SelectMany(step => step.Boundaries).ShouldContain(text => text.Contains(boundary), string.Join('\n', plan.Fused.Steps.SelectMany(step => step.Boundaries)));
    }

    [Fact]
    public async Task Steps_of_a_report_are_one_line_each_however_much_they_write()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var outputs = string.Join("\n", Enumerable.Range(0, 20).Select(i => $"%y{i} : Tensor = aten::add(%x, %i1, %i{i % 2})"));
        var function = await fuser.RegisterAsync(GraphText.Parse(Frame(outputs, string.Join(", ", Enumerable.Range(0, 20).Select(i => $"%y{i}")))));
        var report = await function.RunWithReportAsync(Graphs.Inputs(new float[] { 1, 2 }));
        report.Steps.ShouldAllBe(step => !step.Contains('\n') && step.Contains("ends there because"));
        report.Steps.ShouldContain(step => step.Contains("and 15 more"));
    }

    private static string Body(string body) => Frame(body, "%y");

    private static string Frame(string body, string outputs) => $"""
        graph(%x : Tensor):
          %i0 : int = prim::Constant[value=0]()
          %i1 : int = prim::Constant[value=1]()
          %in1 : int = prim::Constant[value=-1]()
          %zero : bool = prim::Constant[value=0]()
          %none : NoneType = prim::Constant()
        {body}
          return ({outputs})
        """;

    private static async Task<PlanComparison> Explain(string text, params FuserValue[] inputs)
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(GraphText.Parse(text));
        var plan = (await function.ExplainAsync(inputs)).Plans.ShouldHaveSingleItem();
        plan.Region.ShouldBeNull();
        (plan.Fused.BytesRead, plan.Fused.BytesWritten).ShouldBe((plan.Fused.Steps.Sum(step => step.BytesRead), plan.Fused.Steps.Sum(step => step.BytesWritten)));
        return plan;
    }
}
