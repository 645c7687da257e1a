using Fuser.Actors.Caching;
using Fuser.Actors.Devices;
using Fuser.Actors.Tests.Core;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Counts bytes over the whole process, because a launch runs on the device's thread; so no other test may run meanwhile.</summary>
[Collection(AloneInTheProcess.Name)]
public sealed class DeviceLaunchAllocationTests
{
    [Fact]
    public async Task A_warm_launch_through_the_devices_actor_allocates_nothing()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var (device, actor) = (fuser.Devices.Host[0].Device, fuser.Devices.Host[0].Actor);
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        var outputs = Graphs.Room();
        var prepared = new PreparedRun(device, Partitioner.Plan(Normaliser.Normalise(Graphs.Scale(0)), inputs, FusionMode.Fused));
        var specialisation = prepared.Specialisations[0];
        var spec = await fuser.Cache.Ask<SpecHandle>(new Register(specialisation.Spec));
        var kernel = await spec.Actor.Ask<KernelReady>(new Warm(specialisation.Arguments, device.Target));
        var launch = new Launch(prepared.Runner, [kernel], [.. inputs], [.. outputs], 0, 1);
        const int launches = 20_000;
        await Launches();

        // The runtime itself allocates now and then (timers, thread pool), so the best of several rounds counts.
        var least = long.MaxValue;
        for (var round = 0; round < 20 && least >= launches; round++)
        {
            var before = GC.GetTotalAllocatedBytes(true);
            await Launches();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(true) - before);
        }

        least.ShouldBeLessThan(launches, "bytes for 20,000 launches");
        outputs[0].ToArray<float>().ShouldBe(Graphs.Scaled(0, Graphs.Data));

        async Task Launches()
        {
            for (var i = 0; i < launches; i++)
            {
                await actor.Ask<Launched>(launch);
            }
        }
    }
}
