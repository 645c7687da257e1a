using Fuser.Kernels.Tests.Targets.OpenCl;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Routines on an OpenCL device, walked as a processor's are and as a GPU's are: the host's bits.</summary>
public sealed class OpenClRoutineTests
{
    [OpenClTesting.OpenClTheory]
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
