using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.Cuda;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Routines through the CUDA device code, on a driver that reads the PTX: the host's bits, barriers that all threads of a group come to, no access beyond an array.</summary>
public sealed class CudaRoutineTests
{
    public static TheoryData<string> Operations => RoutineCases.Operations;

    [Theory]
    [MemberData(nameof(Operations))]
    public void Recorded_graphs_give_the_interpreters_bits_or_its_error(string operation)
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        RoutineCases.ShouldAgree(device, operation);
        driver.Allocated.ShouldBe(0);
        device.Close();
    }

    [Fact]
    public void A_wrong_index_is_named_as_on_the_host_and_the_next_run_works() => RoutineCases.ShouldNameWhatIsWrong(new CudaStandIn().Catalogue(BinaryStore.None).Devices[0]);

    [Theory]
    [InlineData(20, 20, "tiles")]
    [InlineData(1, 40, "f32")]
    [InlineData(40, 1, "teams")]
    public void Sums_that_underflow_have_the_sign_they_have_on_the_host(int rows, int columns, string form)
    {
        var device = new CudaStandIn().Catalogue(BinaryStore.None).Devices[0];
        foreach (var depth in new[] { 0, 1, 2, 7, 8, 9, 33, 256, 257, 300 })
        {
            foreach (var dtype in new[] { DType.Float32, DType.Float64 })
            {
                var (step, memory) = RandomRoutines.CreateUnderflow(dtype, rows, depth, columns);
                var taken = RoutineAgreement.ShouldAgree(device, step, memory, what: $"{depth} terms");
                if (dtype == DType.Float32 && depth > 1)
                {
                    taken.ShouldContain(form);
                }
            }
        }
    }

    [Fact]
    public void Another_length_compiles_nothing()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        foreach (var (rows, depth, columns) in new[] { (40, 30, 40), (64, 300, 33), (129, 2, 34) })
        {
            RoutineCases.ShouldAgree(device, Product, Programs.Range(rows, depth), Programs.Range(depth, columns));
            RoutineCases.ShouldAgree(device, Programs.Text("x", "%y = aten::cumsum(%x, %in1, %none)", "y"), Programs.Range(rows, depth));
        }

        driver.Calls.Count(call => call == "LinkComplete").ShouldBe(2);
        device.Close();
        driver.Open.ShouldBe(0, "a closed device gives the code of routines back");
    }

    [Fact]
    public void A_routine_that_the_driver_refuses_runs_on_the_host()
    {
        var driver = new CudaStandIn { Fails = call => call == "LinkAddData" ? CudaCodes.InvalidPtx : 0 };
        RoutineCases.ShouldAgree(driver.Catalogue(BinaryStore.None).Devices[0], Product, Programs.Range(20, 30), Programs.Range(30, 40));
        driver.Calls.ShouldNotContain("LaunchKernel");
    }

    [Fact]
    public void Kernels_and_routines_that_come_again_are_started_as_one_graph()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        FuserValue[] inputs = [Programs.Range(20, 30), Programs.Range(30, 40)];
        var (plan, kernels) = DevicePrograms.Compile(device, Programs.Plan(Programs.Text("x y", "%p = aten::mm(%x, %y); %r = aten::relu(%p)", "r"), inputs));
        plan.HostSteps.ShouldAllBe(step => step == null);
        var heap = new DeviceHeap(device.Name, device.Open());
        using var queue = device.Open().CreateQueue();

        // A graph is for the same places in memory, and where the allocator puts a run's is its own affair: among so many they repeat.
        for (var turn = 0; turn < 20; turn++)
        {
            using var run = new DeviceRun(plan, heap, queue, threads: 1, _ => throw new InvalidOperationException("no input is on a device"));
            run.Run(inputs, [NdArray.Allocate(DType.Float32, [20, 40])], kernels, seed: 7);
        }

        driver.Calls.ShouldContain("GraphLaunch");
    }

    [Theory]
    [InlineData("lookup", false, 60)]
    [InlineData("cumsum", false, 25)]
    [InlineData("cumsum", true, 12)]
    [InlineData("pool", false, 60)]
    [InlineData("product", false, 40)]
    [InlineData("product", true, 24)]
    [InlineData("convolution", false, 20)]
    [InlineData("convolution", true, 12)]
    public void Routines_give_the_hosts_bits(string kind, bool isLarge, int count)
    {
        var device = new CudaStandIn().Catalogue(BinaryStore.None).Devices[0];
        var forms = new HashSet<string>();
        for (var seed = 0; seed < count; seed++)
        {
            var (step, memory) = RandomRoutines.Create(kind, seed, isLarge);
            forms.Add(RoutineAgreement.ShouldAgree(device, step, memory, device.RoutineDevice with { IsWide = seed % 4 == 0, IsForProcessor = seed % 5 == 0 }, $"seed {seed}"));
        }

        forms.Any(form => form.EndsWith("/64", StringComparison.Ordinal)).ShouldBeTrue();
        forms.Any(form => form.Contains("tiles")).ShouldBe(isLarge && kind is "product" or "convolution");
        forms.Any(form => form.Contains("split")).ShouldBe(isLarge && kind == "cumsum");
    }

    private static readonly string Product = Programs.Text("x y", "%p = aten::mm(%x, %y)", "p");
}
