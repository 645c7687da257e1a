using Fuser.Actors;
using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Gpu.Tests;

/// <summary>A system over a driver that reads PTX, and says that every kernel and every copy takes a millisecond.</summary>
internal static class Systems
{
    public static FuserSystem On(CudaStandIn driver) => new(new FuserOptions { CacheDirectory = "" }, accelerators: driver.Catalogue);

    public static Accelerator Cuda(this FuserSystem fuser) => fuser.Devices.Find("cuda").Device.Accelerator!;
}
