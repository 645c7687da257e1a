using Fuser.Actors.Core;
using Fuser.Actors.Devices;
using Fuser.Actors.TestKit;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class DeviceTests
{
    private static readonly RunOptions OnInterpreter = new() { Device = "interpreter" };

    [Fact]
    public async Task A_device_that_is_killed_in_mid_run_ends_that_run_right_and_serves_the_queue()
    {
        using var gate = new Gate();
        await using var fuser = new FuserSystem(Systems.Options());
        var running = Run(fuser, new GatedMemory(Graphs.Data, gate.Pass).Array);
        await gate.Reached();
        Device(fuser).Tell(Kill.Instance);
        var queued = Enumerable.Range(0, 10).Select(_ => Run(fuser, NdArray.From(Graphs.Data))).ToArray();
        gate.Open();
        (await running.Guard()).ShouldBe(Graphs.Scaled(1, Graphs.Data));
        foreach (var result in await Task.WhenAll(queued).Guard())
        {
            result.ShouldBe(Graphs.Scaled(1, Graphs.Data));
        }

        (await fuser.Statistics()).ActorRestarts.ShouldBe(1);
    }

    [Fact]
    public async Task A_device_that_breaks_in_mid_run_is_a_named_error_for_that_run_alone()
    {
        using var gate = new Gate();
        await using var fuser = new FuserSystem(Systems.Options());
        var broken = Run(fuser, new GatedMemory(Graphs.Data, () =>
        {
            gate.Pass();
            throw new InvalidTimeZoneException("the bus fell off");
        }).Array);
        await gate.Reached();
        var queued = Run(fuser, NdArray.From(Graphs.Data));
        gate.Open();
        var error = await Should.ThrowAsync<ActorFailedException>(broken.Guard());
        error.Code.ShouldBe(ErrorCodes.ActorFailed);
        error.Message.ShouldContain("device-interpreter");
        error.Message.ShouldContain("the bus fell off");
        (await queued.Guard()).ShouldBe(Graphs.Scaled(1, Graphs.Data));
        (await Run(fuser, NdArray.From(Graphs.Data)).Guard()).ShouldBe(Graphs.Scaled(1, Graphs.Data));
    }

    [Fact]
    public async Task Failures_that_are_the_inputs_fault_restart_nothing()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Remainder());
        foreach (var options in (RunOptions[])[RunOptions.Default, OnInterpreter, new RunOptions { Unfused = true }])
        {
            var error = await Should.ThrowAsync<InputException>(function.RunAsync(Graphs.Inputs(NdArray.From([7]), NdArray.From([0])), options).Guard());
            error.Code.ShouldBe(ErrorCodes.InvalidValue);
            (await function.RunAsync(Graphs.Inputs(NdArray.From([7]), NdArray.From([4])), options).Guard())[0].ToArray<int>().ShouldBe([3]);
        }

        (await fuser.Statistics()).ActorRestarts.ShouldBe(0);
    }

    [Fact]
    public async Task Buffers_of_a_restarted_device_are_reported_lost_and_their_ids_never_used_again()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var device = Device(fuser);
        var lost = await device.Ask<Allocated>(new Allocate(DType.Float32, [10, 10])).Guard();
        lost.Bytes.ShouldBe(400);
        (await device.Ask<DeviceStatus>(GetDeviceStatus.Instance).Guard()).BytesAllocated.ShouldBe(400);
        device.Tell(Kill.Instance);
        var error = await Should.ThrowAsync<LaunchException>(device.Ask<Freed>(new Free(lost.BufferId)).Guard());
        (error.Code, error.Message.Contains("lost when the device restarted")).ShouldBe((ErrorCodes.BufferLost, true));
        var status = await device.Ask<DeviceStatus>(GetDeviceStatus.Instance).Guard();
        (status.Buffers, status.BytesAllocated).ShouldBe((0, 0));
        var fresh = await device.Ask<Allocated>(new Allocate(DType.Float32, [10])).Guard();
        fresh.BufferId.ShouldNotBe(lost.BufferId);
        await device.Ask<Freed>(new Free(fresh.BufferId)).Guard();
        await Should.ThrowAsync<LaunchException>(device.Ask<Freed>(new Free(fresh.BufferId)).Guard());
    }

    [Theory]
    [InlineData(new[] { long.MaxValue / 4 })]
    [InlineData(new[] { 1L << 40, 1L << 20 })]
    [InlineData(new[] { 1L << 40, 1L << 40 })]
    [InlineData(new[] { -1L })]
    public async Task Memory_that_is_not_there_is_a_named_error_and_costs_no_other_buffer(long[] shape)
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var device = Device(fuser);
        var kept = await device.Ask<Allocated>(new Allocate(DType.Float64, [3])).Guard();
        var error = await Should.ThrowAsync<FuserException>(device.Ask<Allocated>(new Allocate(DType.Float64, [.. shape])).Guard());
        error.Code.ShouldBeOneOf(ErrorCodes.OutOfDeviceMemory, ErrorCodes.SizeLimit, ErrorCodes.InvalidShape);
        await device.Ask<Freed>(new Free(kept.BufferId)).Guard();
        (await fuser.Statistics()).ActorRestarts.ShouldBe(0);
    }

    [Fact]
    public async Task A_full_device_queue_is_a_named_error_and_later_runs_work()
    {
        using var gate = new Gate();
        await using var fuser = new FuserSystem(Systems.Options(options => options.MailboxCapacity = 4));
        await Run(fuser, NdArray.From(Graphs.Data)).Guard();
        var running = Run(fuser, new GatedMemory(Graphs.Data, gate.Pass).Array);
        await gate.Reached();
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        await function.WarmUpAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), OnInterpreter).Guard();
        var queued = Enumerable.Range(0, 5).Select(_ => function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), OnInterpreter).AsTask()).ToArray();
        var refused = await Should.ThrowAsync<MailboxFullException>(queued[4].Guard());
        (refused.Code, refused.Actor.Name).ShouldBe((ErrorCodes.Overloaded, "device-interpreter"));
        gate.Open();
        await running.Guard();
        await Task.WhenAll(queued[..4]).Guard();
        (await Run(fuser, NdArray.From(Graphs.Data)).Guard()).ShouldBe(Graphs.Scaled(1, Graphs.Data));
    }

    [Fact]
    public async Task A_device_that_does_not_answer_in_time_is_a_named_error_and_serves_again_when_it_can()
    {
        using var gate = new Gate();
        var time = new ManualTimeProvider();
        var fuser = new FuserSystem(Systems.Options(options => options.AskTimeout = TimeSpan.FromSeconds(3)), time);
        await Run(fuser, NdArray.From(Graphs.Data)).Guard();
        var stuck = Run(fuser, new GatedMemory(Graphs.Data, gate.Pass).Array);
        await gate.Reached();
        await time.AdvanceUntil(stuck);
        var error = await Should.ThrowAsync<AskTimeoutException>(stuck.Guard());
        (error.Code, error.Actor.Name, error.Timeout).ShouldBe((ErrorCodes.AskTimeout, "device-interpreter", TimeSpan.FromSeconds(3)));
        error.Doing.ShouldContain("Launch");
        gate.Open();
        (await Run(fuser, NdArray.From(Graphs.Data)).Guard()).ShouldBe(Graphs.Scaled(1, Graphs.Data));
        var end = fuser.DisposeAsync().AsTask();
        await time.AdvanceUntil(end);
        await end;
    }

    [Fact]
    public async Task A_cancelled_launch_that_waits_in_the_queue_is_never_run()
    {
        using var gate = new Gate();
        await using var fuser = new FuserSystem(Systems.Options());
        var running = Run(fuser, new GatedMemory(Graphs.Data, gate.Pass).Array);
        await gate.Reached();
        using var cancellation = new CancellationTokenSource();
        var used = false;
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        var queued = function.RunAsync(Graphs.Inputs(new GatedMemory(Graphs.Data, () => Volatile.Write(ref used, true)).Array), OnInterpreter, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(queued.Guard());
        gate.Open();
        await running.Guard();
        await Run(fuser, NdArray.From(Graphs.Data)).Guard();
        used.ShouldBeFalse();
    }

    [Fact]
    public async Task An_unknown_device_lists_those_there_are()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        var error = await Should.ThrowAsync<InputException>(function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), new RunOptions { Device = "gpu:7" }).Guard());
        error.Code.ShouldBe(ErrorCodes.UnknownDevice);
        error.Message.ShouldStartWith("there is no device 'gpu:7'; there are cpu, interpreter");
        var refused = await Should.ThrowAsync<System.ComponentModel.DataAnnotations.ValidationException>(async () => await FuserSystem.StartAsync(new FuserOptions { Device = "gpu" }));
        refused.Message.ShouldContain("cpu or interpreter or opencl or cuda");
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("interpreter")]
    public async Task The_default_device_is_listed_first_and_used(string name)
    {
        await using var fuser = new FuserSystem(Systems.Options(options => options.Device = name), accelerators: static _ => AcceleratorCatalogue.Empty);
        var devices = await fuser.GetDevicesAsync();
        (devices.Count, devices[0].Name, devices.All(device => device.IsAvailable)).ShouldBe((2, name, true));
        await fuser.RunScaled(1);
        var launches = (await Device(fuser).Ask<DeviceStatus>(GetDeviceStatus.Instance)).Launches;
        launches.ShouldBe(name == "interpreter" ? 1 : 0);
    }

    private static ActorRef Device(FuserSystem fuser) => fuser.Devices.Host.Single(known => known.Device.Name == "interpreter").Actor;

    private static async Task<float[]> Run(FuserSystem fuser, NdArray input)
    {
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        return (await function.RunAsync(Graphs.Inputs(input), OnInterpreter))[0].ToArray<float>();
    }
}
