using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Kernels with reductions through the CUDA device code, on a driver that reads the PTX: the interpreter's bits, barriers that all threads of a group come to, and nothing left open.</summary>
public sealed class CudaRowTests
{
    public static TheoryData<string> Names => RowCases.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_give_the_interpreters_bits(string name)
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        RowCases.ShouldAgree(device, name);
        driver.Allocated.ShouldBe(0);
        device.Close();
    }

    /// <summary>Forms that the device would take for arrays of other sizes: each has to be right for any size.</summary>
    [Theory]
    [InlineData(1, 256, false, true)]
    [InlineData(1, 64, true, false)]
    [InlineData(32, 256, true, true)]
    [InlineData(32, 32, false, false)]
    [InlineData(64, 64, true, false)]
    [InlineData(128, 128, true, true)]
    [InlineData(256, 256, false, true)]
    public void Any_form_gives_the_interpreters_bits(int lanes, int groupSize, bool isSplit, bool isWide)
    {
        var device = new CudaStandIn().Catalogue(BinaryStore.None).Devices[0];
        foreach (var (name, _, _, _) in RowCases.Operations)
        {
            RowCases.ShouldAgree(device, name, share: 5, form => form with { Lanes = lanes, GroupSize = groupSize, IsSplit = isSplit, IsWide = isWide });
        }
    }

    /// <summary>One step of a plan, but a pass over the chunks and one that combines them.</summary>
    [Fact]
    public void The_passes_over_a_row_in_chunks_are_started_as_one_graph_when_they_come_again()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        FuserValue[] inputs = [NdArray.From(new float[70_000])];
        var (plan, kernels) = DevicePrograms.Compile(device, Programs.Plan(RowCases.Text("%r = aten::sum(%x, %none)", "r"), inputs));
        var heap = new DeviceHeap(device.Name, device.Open());
        using var queue = device.Open().CreateQueue();

        // A graph is for the same places in memory, and where the allocator puts a run's is its own affair: among so many they repeat.
        for (var turn = 0; turn < 20; turn++)
        {
            using var run = new DeviceRun(plan, heap, queue, threads: 1, _ => throw new InvalidOperationException("no input is on a device"));
            run.Run(inputs, [NdArray.Scalar(0f)], kernels, seed: 7);
        }

        driver.Calls.ShouldContain("GraphLaunch");
    }
}
