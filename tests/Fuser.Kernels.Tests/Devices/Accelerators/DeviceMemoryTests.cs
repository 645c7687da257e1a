using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Memory of a device between the steps of a run: temporaries that do not live at the same time take turns with the same buffers.</summary>
public sealed class DeviceMemoryTests
{
    private const int Size = 40;
    private const long ArrayBytes = Size * Size * 4;

    /// <summary>Each product leaves an array for the next.</summary>
    private static string Chain(int length) => Programs.Text("x", $"%v0 = aten::relu(%x); {string.Join("; ", Enumerable.Range(0, length).Select(i => $"%v{i + 1} = aten::mm(%v{i}, %x)"))}", $"v{length}");

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void A_chain_needs_two_arrays_between_its_steps_however_long_it_is(int length)
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        FuserValue[] inputs = [Programs.Range(Size, Size)];
        var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, Chain(length), inputs);
        Bits.ShouldBeSame(DevicePrograms.Run(device, GraphText.Parse(Chain(length)), inputs), expected, Chain(length));
        driver.MostAllocated.ShouldBeInRange(4 * ArrayBytes, (4 * ArrayBytes) + 1024, "input, output, and two between");
        driver.Allocated.ShouldBe(0);
    }

    [Fact]
    public void Buffers_of_random_plans_are_never_shared_by_temporaries_that_live_at_the_same_time()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var program = RandomProgram.Create(seed, drawsNumbers: false, large: false);
            var plan = Partitioner.Plan(Normaliser.Normalise(program.Graph), program.Inputs, FusionMode.Unfused);
            var memory = DeviceMemoryPlan.Of(plan.Buffers, plan.Memory);
            var temporaries = plan.Memory.Temporaries;
            for (var i = 0; i < temporaries.Length; i++)
            {
                var place = memory.Places[temporaries[i].Buffer];
                memory.Sizes[place].ShouldBeGreaterThanOrEqualTo(temporaries[i].Bytes);
                for (var j = 0; j < i; j++)
                {
                    (memory.Places[temporaries[j].Buffer] == place && temporaries[j].LivesWith(temporaries[i])).ShouldBeFalse($"seed {seed}");
                }
            }

            memory.Bytes.ShouldBeLessThanOrEqualTo(plan.Memory.TotalBytes);
        }
    }

    [Fact]
    public void Kernels_that_go_over_rows_in_chunks_share_the_memory_between_their_passes()
    {
        var driver = new CudaStandIn();
        var device = driver.Catalogue(BinaryStore.None).Devices[0];
        DevicePrograms.Run(device, GraphText.Parse(Programs.Text("x y", "%s = aten::sum(%x, %none); %t = aten::sum(%y, %none)", "s t")), [Programs.Range(80_000), Programs.Range(70_000)]);
        driver.Calls.Count(call => call == "MemAllocAsync").ShouldBe(5, "inputs, outputs, and one between passes");
    }
}
