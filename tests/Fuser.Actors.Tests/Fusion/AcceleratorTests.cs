using Fuser.Actors.Core;
using Fuser.Actors.Devices;
using Fuser.Actors.TestKit;
using Fuser.CudaTesting;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.Cuda;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Accelerators through the actors, on a driver that reads the kernels' PTX and fails where a test says so.</summary>
public sealed class AcceleratorTests
{
    private static readonly RunOptions OnCuda = new() { Device = "cuda" };

    /// <summary>Shared, so that the probe runs once and not in every test.</summary>
    private static readonly string Cache = Directory.CreateTempSubdirectory("fuser-cache-").FullName;

    static AcceleratorTests() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Delete(Cache, recursive: true);

    [Fact]
    public async Task Random_graphs_give_the_same_bits_as_everywhere_else()
    {
        var driver = new CudaStandIn();
        await using (var fuser = On(driver))
        {
            for (var seed = 0; seed < 40; seed++)
            {
                var random = new Random(seed);
                var computation = new RandomComputation(random);
                var function = await fuser.RegisterAsync(computation.Graph);
                var inputs = computation.Inputs(random);
                var wanted = RandomComputation.Bits(await function.RunAsync(inputs, new RunOptions { Unfused = true }));
                RandomComputation.Bits(await function.RunAsync(inputs, OnCuda)).ShouldBe(wanted, $"seed {seed}\n{computation.Graph}");
                RandomComputation.Bits(await function.RunAsync(inputs, OnCuda)).ShouldBe(wanted, $"seed {seed}, again");
            }

            (await fuser.Statistics()).CompilesFailed.ShouldBe(0);
            driver.Allocated.ShouldBe(0);
        }
    }

    [Fact]
    public async Task Results_stay_on_the_device_and_are_inputs_there_without_a_copy()
    {
        var driver = new CudaStandIn();
        await using var fuser = On(driver);
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        await Check(fuser, "cuda"); // and the probe's copies with it
        using var uploaded = await fuser.UploadAsync(NdArray.From(Graphs.Data), "cuda");
        var copies = Count(driver, "MemcpyHtoDAsync");
        using var first = (await function.RunOnDeviceAsync(new FuserValue[] { uploaded }).Guard())[0];
        using var second = (await function.RunOnDeviceAsync(new FuserValue[] { first }).Guard())[0];
        Count(driver, "MemcpyHtoDAsync").ShouldBe(copies);
        var wanted = Graphs.Scaled(1, Graphs.Scaled(1, Graphs.Data));
        (await second.CopyToHostAsync()).ToArray<float>().ShouldBe(wanted);
        (await function.RunAsync(new FuserValue[] { first }).Guard())[0].ToArray<float>().ShouldBe(wanted);
        (second.Device, second.DType, second.Bytes).ShouldBe(("cuda", DType.Float32, Graphs.Data.Length * 4L));
    }

    [Fact]
    public async Task An_explanation_says_how_each_step_runs_on_the_device()
    {
        const string Text = """
            graph(%x : Tensor, %w : Tensor):
              %d : int = prim::Constant[value=-1]()
              %none : NoneType = prim::Constant()
              %s : Tensor = aten::softmax(%x, %d, %none)
              %p : Tensor = aten::matmul(%s, %w)
              %r : Tensor = aten::relu(%p)
              return (%r)
            """;
        await using var fuser = On(new CudaStandIn());
        var function = await fuser.RegisterAsync(GraphText.Parse(Text));
        FuserValue[] inputs = [NdArray.Allocate(DType.Float32, [30, 2000]), NdArray.Allocate(DType.Float32, [2000, 8])];
        var explanation = await function.ExplainAsync(inputs, OnCuda).Guard();
        var plan = explanation.Plans.ShouldHaveSingleItem().Fused;
        StepPlacement[] placements = [.. plan.Steps.Select(step => step.Placement.ShouldNotBeNull())];
        placements.ShouldAllBe(placement => placement.RunsOnDevice && placement.BytesToHost + placement.BytesToDevice == 0);
        placements[0].Description.ShouldBe("form rows1+1ux256of256 by 4: 256 work items, with 4 elements at once, for every row");
        placements[1].Description.ShouldBe("form product0.1.1.1 f32 teams: 8 work items for every sum, a chain each");
        placements.Select(placement => placement.Listing?.Contains(".visible .entry product(")).ShouldBe([null, true, null]);
        placements[2].Description.ShouldContain("4 elements at once");
        plan.Copies.ShouldBe(new CallCopies("cuda", (30 * 2000 * 4) + (2000 * 8 * 4), 30 * 8 * 4, SharesMemory: false));
        explanation.Groups[0].Listing.ShouldContain("bar.sync");
        (await function.ExplainAsync(inputs).Guard()).Plans[0].Fused.Steps.ShouldAllBe(step => step.Placement == null);
        (await function.RunWithReportAsync(inputs, OnCuda).Guard()).Kernels.ShouldAllBe(kernel => kernel.Target.StartsWith("ptx/cuda/"));
    }

    [Fact]
    public async Task A_disposed_tensor_gives_its_memory_back_and_is_of_no_use_any_more()
    {
        var driver = new CudaStandIn();
        await using var fuser = On(driver);
        var tensor = await fuser.UploadAsync(NdArray.From(Graphs.Data), "cuda");
        FuserValue input = tensor;
        driver.Allocated.ShouldBeGreaterThan(0);
        tensor.Dispose();
        tensor.Dispose();
        (await Status(fuser)).Buffers.ShouldBe(0);
        driver.Allocated.ShouldBe(0);
        fuser.Telemetry.DeviceTensors.Value.ShouldBe(0);
        (await Should.ThrowAsync<LaunchException>(tensor.CopyToHostAsync().Guard())).Code.ShouldBe(ErrorCodes.BufferLost);
        Should.Throw<LaunchException>(() => tensor.ToFuserValue()).Code.ShouldBe(ErrorCodes.BufferLost);
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        (await Should.ThrowAsync<LaunchException>(function.RunAsync(new[] { input }).Guard())).Code.ShouldBe(ErrorCodes.BufferLost);
    }

    [Fact]
    public async Task A_tensor_that_nobody_disposed_is_counted_and_freed()
    {
        var driver = new CudaStandIn();
        await using var fuser = On(driver);
        await Upload(fuser);
        for (var collections = 0; collections < 100 && (await Status(fuser)).Buffers > 0; collections++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        (await Status(fuser)).Buffers.ShouldBe(0);
        fuser.Telemetry.LeakedTensors.Value.ShouldBe(1);
        driver.Allocated.ShouldBe(0);

        // In a method of its own, so that the test holds no tensor.
        static Task Upload(FuserSystem fuser) => Task.Run(async () => { await fuser.UploadAsync(NdArray.From(Graphs.Data), "cuda"); });
    }

    [Fact]
    public async Task An_array_on_a_device_cannot_be_read_on_the_host_by_mistake()
    {
        await using var fuser = On(new CudaStandIn());
        using var tensor = await fuser.UploadAsync(NdArray.From([1f, 2, 3, 4, 5, 6], 2, 3), "cuda");
        Should.Throw<InputException>(() => tensor.ToFuserValue().Array.ToArray<float>()).Message.ShouldContain("on device cuda");
        var strided = NdArray.From(new[] { 1f, 2, 3, 4, 5, 6 }.AsMemory(), new TensorLayout([3, 2], [1, 3]));
        using var packed = await fuser.UploadAsync(strided, "cuda");
        (await packed.CopyToHostAsync()).ToArray<float>().ShouldBe([1, 4, 2, 5, 3, 6]);
        (await Should.ThrowAsync<InputException>(fuser.UploadAsync(strided, "cpu").Guard())).Message.ShouldContain("host's memory");
    }

    [Fact]
    public async Task Inputs_on_several_devices_are_an_error_that_names_both()
    {
        await using var fuser = On(new CudaStandIn { Devices = 2 });
        using var one = await fuser.UploadAsync(NdArray.From([7f]), "cuda");
        using var other = await fuser.UploadAsync(NdArray.From([7f]), "cuda:1");
        var function = await fuser.RegisterAsync(Graphs.Remainder());
        var error = await Should.ThrowAsync<InputException>(function.RunAsync(new FuserValue[] { one, other }).Guard());
        (error.Code, error.Message).ShouldBe((ErrorCodes.MixedDevices, "the inputs are on device cuda and on device cuda:1; copy them to one of the two, or to the host"));
        error = await Should.ThrowAsync<InputException>(function.RunAsync(new FuserValue[] { one, NdArray.From([4f]) }, new RunOptions { Device = "cpu" }).Guard());
        (error.Code, error.Message.Contains("on device cpu") && error.Message.Contains("on device cuda")).ShouldBe((ErrorCodes.MixedDevices, true));
        (await function.RunAsync(new FuserValue[] { one, NdArray.From([4f]) }).Guard())[0].ToArray<float>().ShouldBe([3]);
        (await function.RunAsync(new FuserValue[] { one, NdArray.From([4f]) }, new RunOptions { Unfused = true }).Guard())[0].ToArray<float>().ShouldBe([3]);
    }

    [Fact]
    public async Task A_lost_device_comes_back_reports_its_tensors_lost_and_lets_others_go_on()
    {
        var driver = new CudaStandIn { Devices = 2 };
        await using var fuser = On(driver);
        using var lost = await fuser.UploadAsync(NdArray.From(Graphs.Data), "cuda");
        await Check(fuser, "cuda");
        await Check(fuser, "cuda:1");
        var failures = 1;
        driver.Fails = call => call == "LaunchKernel" && Interlocked.Decrement(ref failures) == 0 ? CudaCodes.IllegalAddress : 0;
        var error = await Should.ThrowAsync<LaunchException>(Run(fuser, "cuda"));
        (error.Code, error.Message.Contains("device cuda is lost")).ShouldBe((ErrorCodes.DeviceLost, true));
        await Check(fuser, "cuda:1");
        await Check(fuser, "cuda");
        (await Should.ThrowAsync<LaunchException>(lost.CopyToHostAsync().Guard())).Code.ShouldBe(ErrorCodes.BufferLost);
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        (await Should.ThrowAsync<LaunchException>(function.RunAsync(new FuserValue[] { lost }).Guard())).Code.ShouldBe(ErrorCodes.BufferLost);
        (await fuser.Statistics()).ActorRestarts.ShouldBe(1);
        driver.Calls.ShouldContain("PrimaryCtxReset");
    }

    [Fact]
    public async Task A_device_that_is_lost_while_others_wait_runs_them_when_it_is_back()
    {
        using var gate = new Gate();
        var driver = new CudaStandIn();
        await using var fuser = On(driver, options => options.DeviceStreams = 1);
        await Check(fuser, "cuda");
        var launches = 0;
        driver.Fails = call =>
        {
            if (call == "LaunchKernel" && Interlocked.Increment(ref launches) == 1)
            {
                gate.Pass();
                return CudaCodes.IllegalAddress;
            }

            return 0;
        };
        var broken = Run(fuser, "cuda");
        await gate.Reached();
        var waiting = Enumerable.Range(0, 5).Select(_ => Run(fuser, "cuda")).ToArray();
        while ((await Status(fuser)).QueueLength < 5)
        {
            await Task.Yield();
        }

        gate.Open();
        (await Should.ThrowAsync<LaunchException>(broken)).Code.ShouldBe(ErrorCodes.DeviceLost);
        foreach (var result in await Task.WhenAll(waiting).Guard())
        {
            result.ShouldBe(Graphs.Scaled(1, Graphs.Data));
        }
    }

    [Fact]
    public async Task Memory_that_is_not_there_is_a_named_error_and_the_device_goes_on()
    {
        var driver = new CudaStandIn { MemoryBytes = 4L << 20 };
        await using var fuser = On(driver);
        await Check(fuser, "cuda");
        var error = await Should.ThrowAsync<LaunchException>(fuser.UploadAsync(NdArray.Allocate(DType.Float64, [1 << 20]), "cuda").Guard());
        (error.Code, error.Message.Contains("8388608 bytes were asked for") && error.Message.Contains("of 4194304")).ShouldBe((ErrorCodes.OutOfDeviceMemory, true));
        await Check(fuser, "cuda");
        (await fuser.Statistics()).ActorRestarts.ShouldBe(0);
    }

    [Fact]
    public async Task A_device_with_other_bits_is_refused_with_operation_and_operands_unless_that_is_allowed()
    {
        var driver = new CudaStandIn { Rewrite = text => text.Replace("div.rn.f32", "mul.rn.f32") };
        await using var fuser = On(driver, options => options.CacheDirectory = ""); // another device's verdict is in the shared one
        var error = await Should.ThrowAsync<LaunchException>(Run(fuser, "cuda"));
        error.Code.ShouldBe(ErrorCodes.DeviceInexact);
        error.Message.ShouldContain("Divide of f32 (");
        error.Message.ShouldContain("wanted 0x");
        await fuser.RunScaled(1, new RunOptions { Device = "cuda", AllowInexact = true });
        (await Should.ThrowAsync<LaunchException>(Run(fuser, "cuda"))).Code.ShouldBe(ErrorCodes.DeviceInexact);
        (await fuser.Statistics()).ActorRestarts.ShouldBe(0);
    }

    [Theory]
    [InlineData(DeviceQueueBehavior.Fail)]
    [InlineData(DeviceQueueBehavior.Wait)]
    public async Task When_the_queue_is_full_callers_are_told_or_wait_as_configured(DeviceQueueBehavior behavior)
    {
        using var gate = new Gate { IsOn = false };
        var driver = new CudaStandIn { Fails = call => call == "LaunchKernel" ? Pass(gate) : 0 };
        await using var fuser = On(driver, options => (options.DeviceStreams, options.DeviceQueueCapacity, options.WhenDeviceQueueFull) = (1, 2, behavior));
        await Check(fuser, "cuda");
        gate.IsOn = true;
        var running = Run(fuser, "cuda");
        await gate.Reached();
        var queued = Enumerable.Range(0, 4).Select(_ => Run(fuser, "cuda")).ToArray();
        if (behavior == DeviceQueueBehavior.Fail)
        {
            var refused = await Task.WhenAny(queued);
            var error = await Should.ThrowAsync<LaunchException>(refused);
            (error.Code, error.Message.Contains("the queue of device cuda is full: 2 launches wait")).ShouldBe((ErrorCodes.Overloaded, true));
        }

        gate.IsOn = false;
        gate.Open();
        await running.Guard();
        foreach (var task in queued)
        {
            try
            {
                (await task.Guard()).ShouldBe(Graphs.Scaled(1, Graphs.Data));
            }
            catch (LaunchException refused) when (behavior == DeviceQueueBehavior.Fail)
            {
                refused.Code.ShouldBe(ErrorCodes.Overloaded);
            }
        }

        await Check(fuser, "cuda");
    }

    [Fact]
    public async Task Many_callers_on_several_streams_get_their_own_results()
    {
        await using var fuser = On(new CudaStandIn(), options => options.DeviceStreams = 3);
        var functions = new FusedFunction[6];
        for (var i = 0; i < functions.Length; i++)
        {
            functions[i] = await fuser.RegisterAsync(Graphs.Scale(i));
        }

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            float[] data = [.. Graphs.Data.Select(value => value + i)];
            var result = (await functions[i % functions.Length].RunAsync(Graphs.Inputs(NdArray.From(data)), OnCuda).Guard())[0];
            result.ToArray<float>().ShouldBe(Graphs.Scaled(i % functions.Length, data));
        }));
    }

    [Fact]
    public async Task Evicted_kernels_are_unloaded()
    {
        var driver = new CudaStandIn();
        await using var fuser = On(driver, options => options.MaxKernels = 2);
        await Check(fuser, "cuda");
        var before = Count(driver, "ModuleUnload");
        for (var i = 2; i < 8; i++)
        {
            await fuser.RunScaled(i, OnCuda);
        }

        (Count(driver, "ModuleUnload") - before).ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task Steps_without_a_kernel_on_the_device_run_on_the_host_between_its_kernels()
    {
        await using var fuser = On(new CudaStandIn());
        var function = await fuser.RegisterAsync(GraphText.Parse("""
            graph(%x : Tensor):
              %one : int = prim::Constant[value=1]()
              %none : NoneType = prim::Constant()
              %c : float = prim::Constant[value=0.5]()
              %a : Tensor = aten::mul(%x, %c)
              %s : Tensor = aten::cumsum(%a, %one, %none)
              %e : Tensor = aten::exp(%s)
              %t : Tensor = aten::softmax(%e, %one, %none)
              return (%e, %t)
            """));
        var x = NdArray.From([.. Enumerable.Range(0, 60).Select(i => (i % 7) - 3f)], 4, 15);
        var wanted = RandomComputation.Bits(await function.RunAsync(Graphs.Inputs(x)));
        RandomComputation.Bits(await function.RunAsync(Graphs.Inputs(x), OnCuda).Guard()).ShouldBe(wanted);
        using var resident = await fuser.UploadAsync(x, "cuda");
        var kept = await function.RunOnDeviceAsync(new FuserValue[] { resident }).Guard();
        RandomComputation.Bits([await kept[0].CopyToHostAsync(), await kept[1].CopyToHostAsync()]).ShouldBe(wanted);
        foreach (var tensor in kept)
        {
            tensor.Dispose();
        }

        var report = await function.RunWithReportAsync(Graphs.Inputs(x), OnCuda).Guard();
        report.Kernels.Select(kernel => kernel.Target.Split('/')[0]).Distinct().ShouldBe(["ptx"]);
    }

    [Fact]
    public async Task A_graph_with_control_flow_is_interpreted_on_the_host_and_its_regions_run_on_the_device()
    {
        await using var fuser = On(new CudaStandIn());
        var function = await fuser.RegisterAsync(GraphText.Parse("""
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %c : float = prim::Constant[value=0.5]()
              %y : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %a : Tensor):
                  %b : Tensor = aten::mul(%a, %c)
                  %d : Tensor = aten::exp(%b)
                  -> (%true, %d)
              return (%y)
            """));
        var wanted = RandomComputation.Bits(await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data), 5)));
        var report = await function.RunWithReportAsync(Graphs.Inputs(NdArray.From(Graphs.Data), 5), OnCuda).Guard();
        RandomComputation.Bits(report.Outputs).ShouldBe(wanted);
        report.Kernels.ShouldAllBe(kernel => kernel.Target.StartsWith("ptx/"));
        using var resident = await fuser.UploadAsync(NdArray.From(Graphs.Data), "cuda");
        using var kept = (await function.RunOnDeviceAsync(new FuserValue[] { resident, 5 }).Guard())[0];
        RandomComputation.Bits([await kept.CopyToHostAsync()]).ShouldBe(wanted);
        function.TryRun(new FuserValue[] { resident, 5 }, Graphs.Room()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_driver_is_a_line_of_the_list_and_a_named_error()
    {
        var catalogue = new AcceleratorCatalogue([], [new MissingDevice("cuda", "no driver: libcuda.so.1: cannot open shared object file")]);
        await using var fuser = new FuserSystem(Systems.Options(), accelerators: _ => catalogue);
        var devices = await fuser.GetDevicesAsync();
        devices[^1].ShouldBe(new DeviceDescription("cuda", false, "no driver: libcuda.so.1: cannot open shared object file"));
        var error = await Should.ThrowAsync<LaunchException>(Run(fuser, "cuda"));
        (error.Code, error.Message).ShouldBe((ErrorCodes.DeviceUnavailable, "device cuda is not available: no driver: libcuda.so.1: cannot open shared object file"));
        Should.Throw<LaunchException>(() => new FuserSystem(Systems.Options(options => options.Device = "cuda:1"), accelerators: _ => catalogue)).Code.ShouldBe(ErrorCodes.DeviceUnavailable);
    }

    [Fact]
    public async Task Whoever_waits_for_a_probe_waits_as_long_as_it_gets_on_and_no_longer()
    {
        using var gate = new Gate();
        var clock = new ManualTimeProvider();
        var driver = new CudaStandIn
        {
            Fails = call =>
            {
                if (call == "LaunchKernel")
                {
                    gate.Pass();
                    return CudaCodes.IllegalAddress;
                }

                return 0;
            },
        };
        await using var fuser = new FuserSystem(Systems.Options(options => options.AskTimeout = TimeSpan.FromMinutes(1)), clock, accelerators: driver.Catalogue);
        var run = Run(fuser, "cuda");
        await gate.Reached();
        clock.Advance(TimeSpan.FromMinutes(1)); // the probe has begun meanwhile: the question is put again
        while (fuser.Devices.Find("cuda").Actor.MailboxLength == 0)
        {
            await Task.Yield();
        }

        run.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromMinutes(1));
        (await Should.ThrowAsync<AskTimeoutException>(run)).Message.ShouldContain("probing the device's exactness");
        gate.Open();
    }

    [Fact]
    public async Task A_driver_that_is_not_asked_for_is_not_loaded()
    {
        await using var fuser = new FuserSystem(Systems.Options(), accelerators: _ => throw new InvalidOperationException("nobody asked"));
        await fuser.RunScaled(1);
        await fuser.RunScaled(1, new RunOptions { Device = "interpreter" });
    }

    internal static FuserSystem On(CudaStandIn driver, Action<FuserOptions>? change = null) => new(
        Systems.Options(options =>
        {
            options.CacheDirectory = Cache;
            change?.Invoke(options);
        }),
        accelerators: driver.Catalogue);

    private static int Pass(Gate gate)
    {
        gate.Pass();
        return 0;
    }

    private static int Count(CudaStandIn driver, string call) => driver.Calls.Count(known => known == call);

    private static Task<DeviceStatus> Status(FuserSystem fuser) => fuser.Devices.Find("cuda").Actor.Ask<DeviceStatus>(GetDeviceStatus.Instance).Guard();

    private static async Task Check(FuserSystem fuser, string device) => await fuser.RunScaled(1, new RunOptions { Device = device });

    private static async Task<float[]> Run(FuserSystem fuser, string device)
    {
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        return (await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), new RunOptions { Device = device }).Guard())[0].ToArray<float>();
    }
}
