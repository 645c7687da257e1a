using System.Runtime.InteropServices;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.OpenCl;
using Fuser.Testing;

namespace Fuser.OpenClTesting;

/// <summary>The OpenCL devices there are, or why there are none. PoCL keeps its own cache: here in a folder that goes with the process.</summary>
internal static partial class OpenClOnThisMachine
{
    private static readonly Lazy<(OpenClAccelerator? Device, string? Problem)> Found = new(Find);

    /// <summary>Why tests that need OpenCL are skipped; null when they run.</summary>
    public static string? Missing => Found.Value.Problem;

    public static OpenClAccelerator Device => Found.Value.Device ?? throw new InvalidOperationException(Missing);

    /// <summary>The device's driver, walked as a GPU's is: the same bits, and far slower.</summary>
    public static OpenClAccelerator DeviceLikeGpu(BinaryStore? store = null) =>
        new("opencl", new OpenClNative(), Handle, Device.Limits with { GridSize = 512 }, roundsDivision: true, store ?? BinaryStore.None) { Form = Kernels.Targets.OpenCl.OpenClForm.GridStride };

    /// <summary>The device with products among its kernels, which it would leave to the host.</summary>
    public static OpenClAccelerator DeviceWithProducts() => new("opencl", new OpenClNative(), Handle, Device.Limits, roundsDivision: true, BinaryStore.None) { TakesProducts = true };

    /// <summary>The device with a store of its own.</summary>
    public static OpenClAccelerator DeviceWith(BinaryStore store, IOpenClApi? api = null) =>
        new("opencl", api ?? new OpenClNative(), Handle, Device.Limits, roundsDivision: true, store);

    /// <summary>The device as if it were a GPU that does not compute with float64.</summary>
    public static OpenClAccelerator DeviceWithoutDoubles() =>
        new("opencl", new OpenClNative(), Handle, Device.Limits with { HasDoubles = false, GridSize = 512 }, roundsDivision: true, BinaryStore.None) { Form = Kernels.Targets.OpenCl.OpenClForm.GridStride };

    private static nint Handle => Device.Handle;

    private static (OpenClAccelerator?, string?) Find()
    {
        PrepareCache();
        if (!NativeDriver.TryLoad(NativeDriver.OpenCl, out var tried))
        {
            return (null, $"OpenCL is not installed ({TestServices.Advice}): {string.Join("; ", tried)}");
        }

        var (devices, problems) = OpenClDevices.Find(new OpenClNative(), BinaryStore.None);
        return devices.IsEmpty ? (null, $"OpenCL has no device (PoCL is one; {TestServices.Advice}): {string.Join("; ", problems)}") : (devices[0], null);
    }

    /// <summary>The driver reads the environment of C, which .NET only copies; children get theirs from .NET.</summary>
    private static void PrepareCache()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("POCL_CACHE_DIR") is not null)
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("fuser-pocl-").FullName;
        SetEnvironment("POCL_CACHE_DIR", folder, 1);
        Environment.SetEnvironmentVariable("POCL_CACHE_DIR", folder);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder); // where systems keep what they compiled, unless told otherwise
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

/// <summary>A test that needs an OpenCL device, and is skipped with the reason where there is none.</summary>
internal sealed class OpenClFactAttribute : FactAttribute
{
    public OpenClFactAttribute() => Skip = OpenClOnThisMachine.Missing;
}

/// <summary>As <see cref="OpenClFactAttribute"/>, with data.</summary>
internal sealed class OpenClTheoryAttribute : TheoryAttribute
{
    public OpenClTheoryAttribute() => Skip = OpenClOnThisMachine.Missing;
}
