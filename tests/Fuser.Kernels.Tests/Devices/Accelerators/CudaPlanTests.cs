using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.Cuda;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Whole graphs through the CUDA device code, on a driver that reads the PTX: the interpreter's bits, and nothing left open.</summary>
public sealed class CudaPlanTests
{
    [Theory]
    [InlineData(false, 0, 70)]
    [InlineData(true, 500, 15)]
    public void Random_graphs_give_the_interpreters_bits(bool drawsNumbers, int first, int count)
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        for (var seed = first; seed < first + count; seed++)
        {
            var program = RandomProgram.Create(seed, drawsNumbers, large: false);
            var expected = KernelCompiler.Compile(program.Graph, program.Inputs, InterpreterTarget.Instance).Run(program.Inputs, seed: 7);
            Bits.ShouldBeSame(DevicePrograms.Run(device, program.Graph, program.Inputs), expected, $"seed {seed}\n{program}");
            driver.Allocated.ShouldBe(0);
        }

        device.Close();
    }

    [Fact]
    public void Every_form_of_walk_gives_the_interpreters_bits()
    {
        var device = new CudaStandIn().Catalogue(BinaryStore.None).Devices[0];
        var text = Programs.Text("x y", "%a = aten::mul(%x, %y); %b = aten::add(%a, %x, %i2)", "b");
        foreach (var (x, y) in Walks.All)
        {
            FuserValue[] inputs = [x, y];
            var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs);
            Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(text), inputs), expected, $"{x.Layout} and {y.Layout}");
        }
    }

    [Fact]
    public void The_stand_in_is_exact_by_the_probe_and_what_it_found_is_remembered()
    {
        using var folder = new Graphs.TemporaryFolder();
        var store = new BinaryStore(folder.Path);
        var driver = new CudaStandIn();
        ExactnessProbe.Run(driver.Catalogue(store).Devices[0], store).ShouldBeNull();
        driver.Calls.ShouldContain("LaunchKernel");
        var second = new CudaStandIn();
        ExactnessProbe.Run(second.Catalogue(store).Devices[0], store).ShouldBeNull();
        second.Calls.ShouldNotContain("LaunchKernel");
    }

    [Fact]
    public void A_second_process_does_not_assemble()
    {
        using var folder = new Graphs.TemporaryFolder();
        var text = Programs.Text("x", "%y = aten::exp(%x)", "y");
        FuserValue[] inputs = [Programs.Range(100)];
        foreach (var (assemblies, loads) in new[] { (1, 1), (0, 1) })
        {
            var driver = new CudaStandIn();
            DevicePrograms.Run(driver.Catalogue(new BinaryStore(folder.Path)).Devices[0], GraphText.Parse(text), inputs);
            driver.Calls.Count(call => call == "LinkComplete").ShouldBe(assemblies);
            driver.Calls.Count(call => call == "ModuleLoadData").ShouldBe(loads);
        }
    }

    [Fact]
    public void A_kernel_that_the_driver_refuses_is_an_error_with_the_drivers_log()
    {
        var driver = new CudaStandIn { Fails = call => call == "LinkAddData" ? CudaCodes.InvalidPtx : 0 };
        var error = Should.Throw<CompileException>(() => DevicePrograms.Run(driver.Catalogue(BinaryStore.None).Devices[0], GraphText.Parse(Programs.Text("x", "%y = aten::exp(%x)", "y")), [Programs.Range(10)]));
        (error.Code, error.Message.Contains("line 7: error: no such instruction")).ShouldBe((ErrorCodes.CompileFailed, true));
    }

    [Fact]
    public void A_retired_kernel_is_unloaded_when_its_last_run_ends_and_loaded_again_for_a_late_one()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        var plan = Programs.Plan(Programs.Text("x", "%y = aten::exp(%x)", "y"), Programs.Range(10));
        var kernel = (DeviceKernel)DevicePrograms.Compile(device, plan).Kernels[0];
        kernel.Program.Acquire(device.Open());
        kernel.Retire();
        driver.Calls.ShouldNotContain("ModuleUnload");
        kernel.Program.Release();
        driver.Calls.Count(call => call == "ModuleUnload").ShouldBe(1);
        kernel.Program.Acquire(device.Open());
        kernel.Program.Release();
        driver.Calls.Count(call => call == "ModuleUnload").ShouldBe(2);
    }

    [Fact]
    public void A_plan_of_several_kernels_that_comes_again_is_started_as_one_graph()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        using var queue = device.Open().CreateQueue();
        var plan = Programs.Plan(Programs.Text("x", "%y = aten::exp(%x)", "y"), Programs.Range(10));
        var kernel = (DeviceKernel)DevicePrograms.Compile(device, plan).Kernels[0];
        var loaded = kernel.Program.Acquire(device.Open());
        var heap = new DeviceHeap("cuda", device.Open());
        var (x, y) = (heap.Allocate(40), heap.Allocate(40));
        for (var run = 0; run < 4; run++)
        {
            queue.BeginPlan(2);
            queue.Launch(loaded, kernel.Code, [(ulong)x.Handle, (ulong)y.Handle, 10, 0, 0], 10);
            queue.Launch(loaded, kernel.Code, [(ulong)y.Handle, (ulong)x.Handle, 10, 0, 0], 10);
            queue.EndPlan();
            queue.Finish();
        }

        (driver.Calls.Count(call => call == "StreamBeginCapture"), driver.Calls.Count(call => call == "GraphLaunch"), driver.Calls.Count(call => call == "LaunchKernel")).ShouldBe((1, 3, 4));
    }

    [Fact]
    public void Large_copies_go_through_pinned_memory_piece_by_piece()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        var values = Enumerable.Range(0, 2_500_000).Select(i => (float)i).ToArray();
        var memory = new float[values.Length];
        var heap = new DeviceHeap("cuda", device.Open());
        var buffer = heap.Allocate(values.Length * 4L);
        using var queue = device.Open().CreateQueue();
        unsafe
        {
            fixed (float* source = values, destination = memory)
            {
                queue.Write(buffer.Handle, (byte*)source, buffer.Bytes);
                queue.Read(buffer.Handle, (byte*)destination, buffer.Bytes);
                queue.Finish();
            }
        }

        memory.ShouldBe(values);
        driver.Calls.Count(call => call == "MemcpyHtoDAsync").ShouldBe(3);
        buffer.Release();
    }

    [Fact]
    public void Exhausted_memory_gives_back_what_is_pooled_and_then_says_what_was_asked_for()
    {
        var driver = new CudaStandIn { MemoryBytes = 1000 };
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        var heap = new DeviceHeap("cuda", device.Open());
        var first = heap.Allocate(600);
        var error = Should.Throw<LaunchException>(() => heap.Allocate(500));
        (error.Code, error.Message).ShouldBe((ErrorCodes.OutOfDeviceMemory, "device cuda: 500 bytes were asked for, 400 of 1000 are not in use and one buffer may have 1000; free tensors of the device, or use smaller arrays"));
        driver.Calls.Count(call => call == "MemPoolTrimTo").ShouldBe(1);
        first.Release();
        heap.Allocate(500).Release();
        heap.Bytes.ShouldBe(0);
    }

    [Fact]
    public void A_closed_device_leaves_nothing_open()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        DevicePrograms.Run(device, GraphText.Parse(Programs.Text("x", "%y = aten::exp(%x)", "y")), [Programs.Range(100_000)]);
        device.Close();
        driver.Allocated.ShouldBe(0);
        driver.Open.ShouldBe(1, "the module, which its kernel holds until it is retired");
    }
}
