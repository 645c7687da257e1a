using Fuser.CudaTesting;
using Fuser.Gpu.Measuring;
using Fuser.Gpu.Peers;
using Fuser.OpenClTesting;

namespace Fuser.Gpu.Tests.Sessions;

public sealed class GpuRunTests
{
    [Fact]
    public async Task A_CUDA_device_is_measured_from_cold_compile_to_report()
    {
        await using var fuser = Systems.On(new CudaStandIn());
        var options = GpuOptions.Parse(["--part", "workloads,calls", "--workload", "W1,W9", "--elements", "1000", "--rounds", "2", "--milliseconds", "1", "--peer", "none"]);
        var result = await new GpuRun(fuser, fuser.Cuda(), options, TimeProvider.System).RunAsync(CancellationToken.None);
        result.Failures.ShouldBeEmpty();
        (result.Device.Name, result.Device.Architecture, result.Run.Timer, result.Run.PeersOnProcessor).ShouldBe(("cuda", "sm_90", "events of the device", false));
        (result.Probe!.Difference, result.Corpus).ShouldBe((null, null));
        result.Cells.Count.ShouldBe(4);
        result.RatioToCopy(result.Find("W1", PeerNames.Fuser)!).ShouldBe(5 * 4000 / (2 * 4000.0)); // both take the stand-in's millisecond
        result.Calls.Select(call => call.What).ShouldContain(CallCosts.ColdTitle);
        result.Calls.ShouldAllBe(call => call.Time!.Median > 0);
    }

    [Fact]
    public async Task A_device_that_is_not_exact_fails_the_run_and_is_measured_all_the_same()
    {
        await using var fuser = Systems.OnWrong("sub.rn.f32", "add.rn.f32");
        var options = GpuOptions.Parse(["--part", "probe,calls", "--rounds", "1", "--milliseconds", "1", "--peer", "none"]);
        var result = await new GpuRun(fuser, fuser.Cuda(), options, TimeProvider.System).RunAsync(CancellationToken.None);
        result.Failures.ShouldHaveSingleItem().ShouldStartWith("the exactness probe: ");
        result.Calls.ShouldNotBeEmpty();
    }

    [OpenClFact]
    public async Task An_OpenCL_device_is_measured_by_the_clock()
    {
        await using var fuser = new Fuser.Actors.FuserSystem(new Fuser.Actors.FuserOptions { CacheDirectory = "" });
        var options = GpuOptions.Parse(["--device", "opencl", "--part", "workloads", "--workload", "W1", "--elements", "2000", "--rounds", "2", "--milliseconds", "1", "--peer", "none"]);
        var result = await new GpuRun(fuser, fuser.Devices.Find("opencl").Device.Accelerator!, options, TimeProvider.System).RunAsync(CancellationToken.None);
        result.Failures.ShouldBeEmpty();
        result.Run.Timer.ShouldBe("the host's clock");
        result.Cells.ShouldAllBe(cell => cell.Nanoseconds!.Median > 0);
        result.Cells[0].Error!.Value.ShouldBeLessThan(4);
    }
}
