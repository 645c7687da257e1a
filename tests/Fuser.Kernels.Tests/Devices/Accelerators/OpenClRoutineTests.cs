using Fuser.Kernels.Devices.OpenCl;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Targets.OpenCl;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Routines on an OpenCL device, walked as a processor's are and as a GPU's are: the host's bits.</summary>
public sealed class OpenClRoutineTests
{
    /// <summary>One for all: what is compiled once is there.</summary>
    private static readonly Lazy<OpenClAccelerator> Device = new(OpenClOnThisMachine.DeviceWithProducts);

    public static TheoryData<string> Operations => RoutineCases.Operations;

    [OpenClTheory]
    [MemberData(nameof(Operations))]
    public void Recorded_graphs_give_the_interpreters_bits_or_its_error(string operation) => RoutineCases.ShouldAgree(Device.Value, operation, share: 9);

    [OpenClFact]
    public void A_wrong_index_is_named_as_on_the_host_and_the_next_run_works() => RoutineCases.ShouldNameWhatIsWrong(Device.Value);

    [OpenClFact]
    public void A_processor_leaves_products_to_the_host_and_a_device_without_float64_sums_and_means()
    {
        var lookup = RandomRoutines.Create("lookup", 1, isLarge: false).Step;
        var product = RandomRoutines.Create("product", 1, isLarge: false).Step;
        RoutineStep Sum(DType dtype) => new(new CumulativeSum(0), [new(0, dtype, TensorLayout.Contiguous([4]))], [new(1, dtype, TensorLayout.Contiguous([4]))], 0);
        var (processor, gpu, narrow) = (OpenClOnThisMachine.Device, OpenClOnThisMachine.DeviceLikeGpu(), OpenClOnThisMachine.DeviceWithoutDoubles());
        processor.ReasonAgainst(lookup).ShouldBeNull();
        processor.ReasonAgainst(product).ShouldNotBeNull().ShouldContain("same processor");
        gpu.ReasonAgainst(product).ShouldBeNull();
        Device.Value.ReasonAgainst(product).ShouldBeNull();
        narrow.ReasonAgainst(Sum(DType.Float32)).ShouldNotBeNull().ShouldContain("float64");
        narrow.ReasonAgainst(Sum(DType.Int64)).ShouldBeNull();
        narrow.ReasonAgainst(lookup).ShouldBeNull();
    }

    [OpenClTheory]
    [InlineData("lookup", false, 8)]
    [InlineData("cumsum", true, 5)]
    [InlineData("pool", false, 10)]
    [InlineData("product", false, 6)]
    [InlineData("product", true, 8)]
    [InlineData("convolution", true, 4)]
    public void Routines_give_the_hosts_bits(string kind, bool isLarge, int count)
    {
        foreach (var likeGpu in new[] { false, true })
        {
            var device = OpenClAgreement.Device(likeGpu);
            for (var seed = 0; seed < count; seed++)
            {
                var (step, memory) = RandomRoutines.Create(kind, seed, isLarge);
                RoutineAgreement.ShouldAgree(device, step, memory, device.RoutineDevice with { IsWide = seed % 4 == 0 }, $"seed {seed}{(likeGpu ? ", like a GPU" : "")}");
            }
        }
    }
}
