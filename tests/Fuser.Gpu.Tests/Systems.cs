using Fuser.Actors;
using Fuser.CudaTesting;
using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Gpu.Tests;

/// <summary>A system over a driver that reads PTX, and says that every kernel and every copy takes a millisecond.</summary>
internal static class Systems
{
    /// <summary>Shared, so that the probe runs once and not in every test.</summary>
    private static readonly string s_cache = Directory.CreateTempSubdirectory("fuser-cache-").FullName;

    static Systems() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Delete(s_cache, recursive: true);

    public static FuserSystem On(CudaStandIn driver) => new(new FuserOptions { CacheDirectory = s_cache }, accelerators: driver.Catalogue);

    /// <summary>Over a device that computes something else: what others found out and compiled is of no use.</summary>
    public static FuserSystem OnWrong(string instruction, string other) =>
        new(new FuserOptions { CacheDirectory = "" }, accelerators: new CudaStandIn { Rewrite = text => text.Replace(instruction, other, StringComparison.Ordinal) }.Catalogue);

    public static Accelerator Cuda(this FuserSystem fuser) => fuser.Devices.Find("cuda").Device.Accelerator!;
}
