using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Routines through the CUDA device code, on a driver that reads the PTX: the host's bits, barriers that all threads of a group come to, no access beyond an array.</summary>
public sealed class CudaRoutineTests
{
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
        for (var seed = 0; seed < count; seed++)
        {
            var (step, memory) = RandomRoutines.Create(kind, seed, isLarge);
            RoutineAgreement.ShouldAgree(device, step, memory, device.RoutineDevice with { IsWide = seed % 4 == 0, IsForProcessor = seed % 5 == 0 }, $"seed {seed}");
        }
    }
}
