using Fuser.Kernels.Ir;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// A device of a driver, opened when it is first needed and again after it was lost. What is on it belongs to its sessions; this is what lasts.
/// </summary>
internal abstract class Accelerator(string name, DeviceLimits limits)
{
    private readonly Lock _gate = new();
    private DeviceSession? _session;

    /// <summary>As <c>--device</c> takes it.</summary>
    public string Name { get; } = name;

    public DeviceLimits Limits { get; } = limits;

    /// <summary>Whether kernels gain from accesses of 16 bytes.</summary>
    public abstract bool UsesVectors { get; }

    /// <summary>Name of the kind of code it takes.</summary>
    public abstract string TargetName { get; }

    /// <summary>The session, opened if there is none.</summary>
    /// <exception cref="LaunchException">The device cannot be opened.</exception>
    public DeviceSession Open()
    {
        lock (_gate)
        {
            return _session ??= CreateSession();
        }
    }

    /// <summary>Ends the session. What it held is gone; the next <see cref="Open"/> makes another.</summary>
    public void Close()
    {
        DeviceSession? ended;
        lock (_gate)
        {
            (ended, _session) = (_session, null);
        }

        ended?.Dispose();
    }

    /// <summary>Prints a kernel for this device.</summary>
    /// <exception cref="CompileException">The device's language cannot express it.</exception>
    public abstract ElementCode Print(KernelIr ir, LaunchForm form);

    /// <summary>Prints a pass of a kernel with reductions.</summary>
    public abstract RowCode Print(RowProgram program, RowPass pass);

    /// <summary>How a group with reductions goes over its rows here.</summary>
    public RowForm RowFormOf(FusionGroup group, RowNest nest) => RowForm.Of(group, nest, Limits.Units, Limits.GroupSize);

    protected abstract DeviceSession CreateSession();
}
