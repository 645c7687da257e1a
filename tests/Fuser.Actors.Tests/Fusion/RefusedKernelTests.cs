using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Cuda;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Kernels that a device or its driver refuses: the host's fused kernel runs in their place, between those that the device takes.</summary>
public sealed class RefusedKernelTests
{
    private static readonly RunOptions OnCuda = new() { Device = "cuda" };

    /// <summary>More arrays than a driver takes parameters for; what is made of the sum, the device can do.</summary>
    private const int TooMany = 300;

    private static string Wide => $"""
        graph({string.Join(", ", Enumerable.Range(0, TooMany).Select(i => $"%x{i} : Tensor"))}):
          %i1 : int = prim::Constant[value=1]()
          %in1 : int = prim::Constant[value=-1]()
          %false : bool = prim::Constant[value=0]()
          %none : NoneType = prim::Constant()
          %axes : int[] = prim::ListConstruct(%in1)
          %y0 : Tensor = aten::exp(%x0)
          {string.Join("\n  ", Enumerable.Range(1, TooMany - 1).Select(i => $"%y{i} : Tensor = aten::add(%y{i - 1}, %x{i}, %i1)"))}
          %s : Tensor = aten::sum(%y{TooMany - 1}, %axes, %false, %none)
          %p : Tensor = aten::matmul(%s, %s)
          %r : Tensor = aten::exp(%p)
          return (%s, %r)
        """;

    [Fact]
    public async Task Rows_of_more_arrays_than_a_kernel_may_have_parameters_are_reduced_by_the_hosts_kernel()
    {
        await using var fuser = AcceleratorTests.On(new CudaStandIn());
        var function = await fuser.RegisterAsync(GraphText.Parse(Wide));
        FuserValue[] inputs = [.. Enumerable.Range(0, TooMany).Select(i => (FuserValue)NdArray.From([.. Enumerable.Range(0, 60).Select(k => (float)Math.Sin((60 * i) + k) / 8)], 4, 15))];
        var report = await function.RunWithReportAsync(inputs, OnCuda).Guard();
        var wanted = await function.RunAsync(inputs, new RunOptions { Unfused = true }).Guard();
        for (var i = 0; i < wanted.Length; i++)
        {
            report.Outputs[i].ToArray<float>().ShouldBe(wanted[i].ToArray<float>());
        }

        report.Fallbacks.ShouldBeEmpty();
        var refused = report.Kernels.Where(kernel => kernel.WhyOnHost is not null).ShouldHaveSingleItem();
        refused.Target.ShouldStartWith("simd/");
        refused.WhyOnHost.ShouldNotBeNull().ShouldContain("device cuda takes 4096");
        report.Kernels.Where(kernel => kernel != refused).ShouldNotBeEmpty();
        report.Kernels.Where(kernel => kernel != refused).ShouldAllBe(kernel => kernel.Target.StartsWith("ptx/"));

        var explanation = await function.ExplainAsync(inputs, OnCuda).Guard();
        explanation.NotFused.ShouldBeEmpty();
        var placements = explanation.Plans[0].Fused.Steps.Select(step => step.Placement.ShouldNotBeNull()).ToList();
        placements.ShouldContain(placement => !placement.RunsOnDevice && placement.Description.Contains("device cuda takes 4096") && placement.BytesToDevice == 2 * 4 * 4);
        placements.ShouldContain(placement => placement.RunsOnDevice);
    }

    [Fact]
    public async Task A_kernel_that_the_driver_refuses_is_the_hosts_with_the_drivers_log_as_the_reason()
    {
        var driver = new CudaStandIn();
        await using var fuser = AcceleratorTests.On(driver);
        await fuser.RunScaled(1, OnCuda);
        driver.Fails = call => call == "LinkAddData" ? CudaCodes.InvalidPtx : 0;
        const int NeverAssembled = 77;
        var function = await fuser.RegisterAsync(Graphs.Scale(NeverAssembled));
        var inputs = Graphs.Inputs(NdArray.From(Graphs.Data));
        var explanation = await function.ExplainAsync(inputs, OnCuda).Guard();
        explanation.Plans[0].Fused.Steps.ShouldHaveSingleItem().Placement.ShouldNotBeNull().Description.ShouldContain("no such instruction");
        explanation.Groups.ShouldHaveSingleItem().Listing.ShouldNotBeEmpty("it is the host's code then");

        var report = await fuser.RunScaled(NeverAssembled, OnCuda);
        var kernel = report.Kernels.ShouldHaveSingleItem();
        kernel.Target.ShouldStartWith("simd/");
        kernel.WhyOnHost.ShouldNotBeNull().ShouldContain("no such instruction");
        report.Fallbacks.ShouldBeEmpty();

        using var resident = (await function.RunOnDeviceAsync(inputs, OnCuda).Guard())[0];
        (await resident.CopyToHostAsync()).ToArray<float>().ShouldBe(Graphs.Scaled(NeverAssembled, Graphs.Data));
    }

    [Fact]
    public async Task The_driver_is_asked_once_and_again_when_the_cache_was_cleared()
    {
        var driver = new CudaStandIn();
        await using var fuser = AcceleratorTests.On(driver);
        await fuser.RunScaled(1, OnCuda);
        var asked = 0;
        driver.Fails = call => call == "LinkComplete" && Interlocked.Increment(ref asked) > 0 ? CudaCodes.InvalidPtx : 0;
        const int NotYetAssembled = 78;
        var function = await fuser.RegisterAsync(Graphs.Scale(NotYetAssembled));
        var inputs = Graphs.Inputs(NdArray.From(Graphs.Data));
        await function.WarmUpAsync(inputs, OnCuda).Guard();
        var first = asked;
        first.ShouldBeGreaterThan(0);
        var report = await function.RunWithReportAsync(inputs, OnCuda).Guard();
        (asked, report.Kernels[0].Cached).ShouldBe((first, true));

        driver.Fails = null;
        await fuser.ClearAsync();
        (await function.RunWithReportAsync(inputs, OnCuda).Guard()).Kernels[0].Target.ShouldStartWith("ptx/");
    }
}
