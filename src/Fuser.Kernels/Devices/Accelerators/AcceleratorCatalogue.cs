using System.Collections.Immutable;
using Fuser.Kernels.Devices.Cuda;
using Fuser.Kernels.Devices.OpenCl;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>A kind of device that is not there, or one device that cannot be used.</summary>
/// <param name="Name">As <c>--device</c> would take it.</param>
/// <param name="Reason">What was tried and what each attempt answered.</param>
internal sealed record MissingDevice(string Name, string Reason);

/// <summary>The accelerators of this machine.</summary>
internal sealed record AcceleratorCatalogue(ImmutableArray<Accelerator> Devices, ImmutableArray<MissingDevice> Missing)
{
    /// <summary>Names that accelerators have, before any number.</summary>
    public static ImmutableArray<string> Kinds { get; } = ["opencl", "cuda"];

    /// <summary>None at all.</summary>
    public static AcceleratorCatalogue Empty { get; } = new([], []);

    /// <summary>Loads the drivers there are and asks them for their devices. Takes a tenth of a second where there is a driver.</summary>
    public static AcceleratorCatalogue Find(BinaryStore store)
    {
        var devices = ImmutableArray.CreateBuilder<Accelerator>();
        var missing = ImmutableArray.CreateBuilder<MissingDevice>();
        Add("opencl", NativeDriver.OpenCl, () => OpenClDevices.Find(new OpenClNative(), store) is var found ? (found.Devices.CastArray<Accelerator>(), found.Problems) : default);
        Add("cuda", NativeDriver.Cuda, () => CudaDevices.Find(new CudaNative(), store) is var found ? (found.Devices.CastArray<Accelerator>(), found.Problems) : default);
        return new AcceleratorCatalogue(devices.ToImmutable(), missing.ToImmutable());

        void Add(string kind, string library, Func<(ImmutableArray<Accelerator> Devices, ImmutableArray<string> Problems)> find)
        {
            if (!NativeDriver.TryLoad(library, out var tried))
            {
                missing.Add(new MissingDevice(kind, $"no driver: {string.Join("; ", tried)}"));
                return;
            }

            var (found, problems) = find();
            devices.AddRange(found);
            missing.AddRange(problems.Select(problem => new MissingDevice(kind, problem)));
        }
    }

    /// <summary>Whether a name has the form of an accelerator's: its kind, alone or with a number.</summary>
    public static bool IsName(string name) => Kinds.Any(kind =>
        name == kind || (name.StartsWith(kind + ":", StringComparison.Ordinal) && name.Length > kind.Length + 1 && name.AsSpan(kind.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0));
}
