using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// Finds the libraries of drivers when they are first asked for, under all the names they have. Nothing native is needed to build or to start: a missing
/// library is an answer, with what every name that was tried said.
/// </summary>
internal static class NativeDriver
{
    /// <summary>Names that the imports of this assembly use.</summary>
    public const string OpenCl = "fuser-opencl";

    public const string Cuda = "fuser-cuda";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, (nint Handle, ImmutableArray<string> Tried)> Known = [];
    private static bool _resolves;

    /// <summary>Whether the library is there; if not, what each name answered.</summary>
    public static bool TryLoad(string library, out ImmutableArray<string> tried)
    {
        lock (Gate)
        {
            if (!Known.TryGetValue(library, out var known))
            {
                known = Load(NamesOf(library));
                Known.Add(library, known);
                if (!_resolves)
                {
                    NativeLibrary.SetDllImportResolver(typeof(NativeDriver).Assembly, Resolve);
                    _resolves = true;
                }
            }

            tried = known.Tried;
            return known.Handle != 0;
        }
    }

    private static (nint, ImmutableArray<string>) Load(ImmutableArray<string> names)
    {
        var tried = ImmutableArray.CreateBuilder<string>();
        foreach (var name in names)
        {
            try
            {
                return (NativeLibrary.Load(name), []);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                tried.Add($"{name}: {FirstLine(error.Message)}");
            }
        }

        return (0, tried.ToImmutable());
    }

    private static string FirstLine(string text)
    {
        // The loader lists every folder it looked in; its own reason stands on the second line.
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length > 1 ? lines[1] : lines[0];
    }

    private static ImmutableArray<string> NamesOf(string library) => library == OpenCl
        ? OperatingSystem.IsWindows() ? ["OpenCL.dll"] : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"] : ["libOpenCL.so.1", "libOpenCL.so"]
        : OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so", "/usr/lib/wsl/lib/libcuda.so.1"];

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        lock (Gate)
        {
            return Known.TryGetValue(name, out var known) ? known.Handle : 0; // 0: the runtime looks for it as for any other
        }
    }
}
