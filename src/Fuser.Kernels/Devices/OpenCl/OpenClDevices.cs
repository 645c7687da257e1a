using System.Collections.Immutable;
using System.Text;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.OpenCl;

/// <summary>Finds the devices of all OpenCL platforms.</summary>
internal static unsafe class OpenClDevices
{
    private const int MostPlatforms = 64;
    private const int MostDevices = 64;
    private const int MostText = 4096;

    /// <summary>Waves of work items that hide the time a memory access takes.</summary>
    private const int GroupsPerUnit = 32;

    /// <summary>The devices that can be used, in the platforms' order, and a line for every platform or device that cannot.</summary>
    public static (ImmutableArray<OpenClAccelerator> Devices, ImmutableArray<string> Problems) Find(IOpenClApi api, BinaryStore store)
    {
        using var signals = FaultSignals.Keep(); // drivers start when they are first asked
        var devices = ImmutableArray.CreateBuilder<OpenClAccelerator>();
        var problems = ImmutableArray.CreateBuilder<string>();
        uint count = 0;
        var code = api.GetPlatformIDs(0, null, &count);
        if (code != OpenClCodes.Success || count == 0)
        {
            problems.Add(code is OpenClCodes.Success or OpenClCodes.NoPlatform ? "the loader is there, but no driver is registered with it" : $"clGetPlatformIDs failed with {OpenClCodes.Name(code)} ({code})");
            return ([], problems.ToImmutable());
        }

        count = Math.Min(count, MostPlatforms);
        var platforms = stackalloc nint[(int)count];
        api.GetPlatformIDs(count, platforms, null);
        for (var i = 0; i < count; i++)
        {
            var platform = Text((name, size, value, actual) => api.GetPlatformInfo(platforms[i], name, size, value, actual), OpenClCodes.PlatformName);
            foreach (var device in DevicesOf(api, platforms[i]))
            {
                try
                {
                    if (Refusal(api, device) is { } reason)
                    {
                        problems.Add($"{Text(api, device, OpenClCodes.DeviceName)} of {platform}: {reason}");
                        continue;
                    }

                    var name = devices.Count == 0 ? "opencl" : $"opencl:{devices.Count}";
                    devices.Add(new OpenClAccelerator(name, api, device, Describe(api, device, platform), RoundsDivision(api, device), store));
                }
                catch (LaunchException error)
                {
                    problems.Add($"a device of {platform}: {error.Message}");
                }
            }
        }

        if (devices.Count == 0 && problems.Count == 0)
        {
            problems.Add("there are platforms, but none has a device");
        }

        return (devices.ToImmutable(), problems.ToImmutable());
    }

    private static nint[] DevicesOf(IOpenClApi api, nint platform)
    {
        uint count = 0;
        if (api.GetDeviceIDs(platform, OpenClCodes.DeviceTypeAll, 0, null, &count) != OpenClCodes.Success)
        {
            return [];
        }

        var devices = new nint[Math.Min(count, MostDevices)];
        fixed (nint* first = devices)
        {
            return devices.Length > 0 && api.GetDeviceIDs(platform, OpenClCodes.DeviceTypeAll, (uint)devices.Length, first, null) == OpenClCodes.Success ? devices : [];
        }
    }

    private static string? Refusal(IOpenClApi api, nint device)
    {
        // "OpenCL 1.2 ..." and later
        var version = Text(api, device, OpenClCodes.DeviceVersion);
        return Number(api, device, OpenClCodes.DeviceIsAvailable, 4) == 0 ? "the device is not available"
            : Number(api, device, OpenClCodes.DeviceHasCompiler, 4) == 0 ? "the driver has no compiler"
            : Number(api, device, OpenClCodes.DeviceIsLittleEndian, 4) == 0 ? "the device is not little-endian"
            : version.StartsWith("OpenCL 1.0", StringComparison.Ordinal) || version.StartsWith("OpenCL 1.1", StringComparison.Ordinal) ? $"{version}; OpenCL 1.2 is needed"
            : null;
    }

    private static DeviceLimits Describe(IOpenClApi api, nint device, string platform)
    {
        var groupSize = (int)Math.Min((ulong)DeviceCode.UsualGroupSize, Number(api, device, OpenClCodes.DeviceGroupSize, 8));
        var units = (int)Math.Clamp(Number(api, device, OpenClCodes.DeviceComputeUnits, 4), 1, 4096);
        return new DeviceLimits(
            Text(api, device, OpenClCodes.DeviceName),
            $"{platform}, {Text(api, device, OpenClCodes.DeviceVersion)}, driver {Text(api, device, OpenClCodes.DriverVersion)}",
            "opencl-1.2",
            (long)Math.Min(long.MaxValue, Number(api, device, OpenClCodes.DeviceMemory, 8)),
            (long)Math.Min(long.MaxValue, Number(api, device, OpenClCodes.DeviceLargestBuffer, 8)),
            (int)Math.Min(int.MaxValue, Number(api, device, OpenClCodes.DeviceParameterBytes, 8)),
            groupSize,
            units * GroupsPerUnit * groupSize,
            units,
            Number(api, device, OpenClCodes.DeviceDoubleConfig, 8) != 0,
            (Number(api, device, OpenClCodes.DeviceType, 8) & OpenClCodes.DeviceTypeCpu) != 0,
            Number(api, device, OpenClCodes.DeviceSharesMemory, 4) != 0);
    }

    private static bool RoundsDivision(IOpenClApi api, nint device) => (Number(api, device, OpenClCodes.DeviceSingleConfig, 8) & OpenClCodes.RoundsDivideAndSqrt) != 0;

    private static ulong Number(IOpenClApi api, nint device, uint name, int bytes)
    {
        ulong value = 0;
        OpenClCodes.Check(api.GetDeviceInfo(device, name, (nuint)bytes, &value, null), "opencl", $"clGetDeviceInfo(0x{name:x})");
        return value;
    }

    private static string Text(IOpenClApi api, nint device, uint name) => Text((what, size, value, actual) => api.GetDeviceInfo(device, what, size, value, actual), name);

    private delegate int Query(uint name, nuint size, void* value, nuint* actual);

    private static string Text(Query query, uint name)
    {
        var bytes = stackalloc byte[MostText];
        nuint length = 0;
        return query(name, MostText, bytes, &length) == OpenClCodes.Success
            ? Encoding.UTF8.GetString(bytes, (int)Math.Min(length, MostText)).TrimEnd('\0', ' ')
            : "unknown";
    }
}
