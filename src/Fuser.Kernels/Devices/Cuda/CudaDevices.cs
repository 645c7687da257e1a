using System.Collections.Immutable;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Cuda;

/// <summary>Finds NVIDIA's devices.</summary>
internal static unsafe class CudaDevices
{
    private const int MostDevices = 64;
    private const int MostName = 256;
    private const int ParameterBytes = 4096;

    /// <summary>The first driver with pools and with graphs made in one call.</summary>
    private const int OldestDriver = 11_040;

    /// <summary>What the text that is printed asks for.</summary>
    private const int OldestClass = 60;

    /// <summary>The devices that can be used, in the driver's order, and a line for every one that cannot.</summary>
    public static (ImmutableArray<CudaAccelerator> Devices, ImmutableArray<string> Problems) Find(ICudaApi api, BinaryStore store)
    {
        var devices = ImmutableArray.CreateBuilder<CudaAccelerator>();
        var problems = ImmutableArray.CreateBuilder<string>();
        int count = 0, version = 0;
        var (code, what) = (api.Init(0), "cuInit");
        if (code == CudaCodes.Success)
        {
            (code, what) = (api.DriverGetVersion(&version), "cuDriverGetVersion");
        }

        if (code == CudaCodes.Success)
        {
            (code, what) = (api.DeviceGetCount(&count), "cuDeviceGetCount");
        }

        if (code != CudaCodes.Success)
        {
            return ([], [$"the driver is there, but {what} failed with {CudaCodes.Name(api, code)} ({code})"]);
        }

        if (version < OldestDriver)
        {
            return ([], [$"the driver is one of {Version(version)}; {Version(OldestDriver)} is needed"]);
        }

        for (var ordinal = 0; ordinal < Math.Min(count, MostDevices); ordinal++)
        {
            try
            {
                var name = devices.Count == 0 ? "cuda" : $"cuda:{devices.Count}";
                var (device, limits) = Describe(api, name, ordinal, version);
                if (int.Parse(limits.Architecture.AsSpan(3)) < OldestClass)
                {
                    problems.Add($"{limits.Name}: {limits.Architecture}, sm_{OldestClass} is needed");
                    continue;
                }

                devices.Add(new CudaAccelerator(name, api, device, limits, Attribute(api, name, device, CudaCodes.HasMemoryPools) != 0, store));
            }
            catch (LaunchException error)
            {
                problems.Add(error.Message);
            }
        }

        if (devices.Count == 0 && problems.Count == 0)
        {
            problems.Add("the driver is there, but finds no device");
        }

        return (devices.ToImmutable(), problems.ToImmutable());
    }

    private static (int Device, DeviceLimits Limits) Describe(ICudaApi api, string name, int ordinal, int version)
    {
        int device;
        nuint memory;
        var text = stackalloc byte[MostName];
        CudaCodes.Check(api, api.DeviceGet(&device, ordinal), name, "cuDeviceGet");
        CudaCodes.Check(api, api.DeviceTotalMem(&memory, device), name, "cuDeviceTotalMem");
        CudaCodes.Check(api, api.DeviceGetName(text, MostName, device), name, "cuDeviceGetName");
        text[MostName - 1] = 0;
        var limits = new DeviceLimits(
            new string((sbyte*)text),
            Version(version),
            $"sm_{Attribute(api, name, device, CudaCodes.ClassMajor)}{Attribute(api, name, device, CudaCodes.ClassMinor)}",
            (long)memory,
            (long)memory,
            ParameterBytes,
            DeviceCode.UsualGroupSize,
            int.MaxValue,
            Math.Max(1, Attribute(api, name, device, CudaCodes.Multiprocessors)),
            HasDoubles: true,
            IsProcessor: false,
            SharesMemory: false);
        return (device, limits);
    }

    private static string Version(int version) => $"CUDA {version / 1000}.{version % 1000 / 10}";

    private static int Attribute(ICudaApi api, string name, int device, int attribute)
    {
        int value;
        CudaCodes.Check(api, api.DeviceGetAttribute(&value, attribute, device), name, $"cuDeviceGetAttribute({attribute})");
        return value;
    }
}
