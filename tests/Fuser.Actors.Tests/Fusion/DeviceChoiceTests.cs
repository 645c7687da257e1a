using Fuser.Actors.Devices;
using Fuser.CudaTesting;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Cuda;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Runs whose device is left open: each device is tried, one is chosen, and nobody sees a difference.</summary>
public sealed class DeviceChoiceTests
{
    private static readonly RunOptions Anywhere = new() { Device = RunOptions.CheapestDevice };

    [Fact]
    public void Each_device_is_tried_in_turn_and_the_one_whose_best_run_took_least_gets_the_rest()
    {
        var choice = new DeviceChoice(null, 3);
        int[] milliseconds = [90, 5, 5, 80, 4, 7, 6, 6, 6];
        foreach (var (time, i) in milliseconds.Select((time, i) => (time, i)))
        {
            choice.Next().ShouldBe(i / DeviceChoice.Trials);
            choice.Record(i / DeviceChoice.Trials, TimeSpan.FromMilliseconds(time));
        }

        choice.Next().ShouldBe(1);
        choice.Record(1, TimeSpan.FromSeconds(1));
        choice.Next().ShouldBe(1, "one slow run among many says nothing");
    }

    [Fact]
    public void A_device_that_failed_is_not_chosen_again_and_the_host_always_may_be()
    {
        var choice = new DeviceChoice(null, 2);
        for (var i = 0; i < DeviceChoice.Trials; i++)
        {
            choice.Record(choice.Next(), TimeSpan.FromSeconds(1));
        }

        choice.Next().ShouldBe(1);
        choice.Record(1, TimeSpan.FromMilliseconds(1));
        choice.Exclude(1).ShouldBeTrue();
        choice.Next().ShouldBe(0);
        choice.Exclude(0).ShouldBeFalse();
        choice.Next().ShouldBe(0);
    }

    [Fact]
    public async Task A_run_that_is_left_open_is_tried_on_every_device_with_the_same_bits()
    {
        await using var fuser = AcceleratorTests.On(new CudaStandIn());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        var wanted = Graphs.Scaled(1, Graphs.Data);
        var targets = new List<string>();
        for (var i = 0; i < 2 * DeviceChoice.Trials; i++)
        {
            var report = await function.RunWithReportAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), Anywhere).Guard();
            report.Outputs[0].ToArray<float>().ShouldBe(wanted);
            targets.Add(report.Kernels[0].Target.Split('/')[0]);
        }

        targets.ShouldBe(["simd", "simd", "simd", "ptx", "ptx", "ptx"]);
        (await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), Anywhere).Guard())[0].ToArray<float>().ShouldBe(wanted);
        var room = Graphs.Room();
        await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), room, Anywhere).Guard();
        room[0].ToArray<float>().ShouldBe(wanted);
    }

    [Fact]
    public async Task A_system_may_leave_all_runs_open_and_inputs_on_a_device_run_there()
    {
        await using var fuser = AcceleratorTests.On(new CudaStandIn(), options => options.Device = RunOptions.CheapestDevice);
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        (await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data))).Guard())[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
        using var uploaded = await fuser.UploadAsync(NdArray.From(Graphs.Data), "cuda");
        (await function.RunWithReportAsync(new FuserValue[] { uploaded }, Anywhere).Guard()).Kernels[0].Target.ShouldStartWith("ptx/");
    }

    [Fact]
    public async Task A_device_without_memory_is_left_out_and_the_run_is_done_elsewhere()
    {
        var driver = new CudaStandIn();
        await using var fuser = AcceleratorTests.On(driver);
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), new RunOptions { Device = "cuda" }).Guard();
        driver.Fails = call => call == "MemAllocAsync" ? CudaCodes.OutOfMemory : 0;
        for (var i = 0; i < DeviceChoice.Trials + 2; i++)
        {
            (await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), Anywhere).Guard())[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
        }

        (await Should.ThrowAsync<LaunchException>(function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), new RunOptions { Device = "cuda" }).Guard())).Code.ShouldBe(ErrorCodes.OutOfDeviceMemory);
    }
}
