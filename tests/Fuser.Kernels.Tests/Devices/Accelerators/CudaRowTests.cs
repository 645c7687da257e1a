using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;

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
}
