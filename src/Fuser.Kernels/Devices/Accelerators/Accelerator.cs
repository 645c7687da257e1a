using Fuser.Kernels.Devices.Accelerators.Routines;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// A device of a driver, opened when it is first needed and again after it was lost. What is on it belongs to its sessions; this is what lasts.
/// </summary>
internal abstract class Accelerator
{
    private readonly Lock _gate = new();
    private DeviceSession? _session;
    private long _progress;

    protected Accelerator(string name, DeviceLimits limits)
    {
        (Name, Limits) = (name, limits);
        Routines = new RoutinePrograms(this);
    }

    /// <summary>As <c>--device</c> takes it.</summary>
    public string Name { get; }

    public DeviceLimits Limits { get; }

    /// <summary>Code of routines.</summary>
    public RoutinePrograms Routines { get; }

    /// <summary>Whether kernels gain from accesses of 16 bytes.</summary>
    public abstract bool UsesVectors { get; }

    /// <summary>Name of the kind of code it takes.</summary>
    public abstract string TargetName { get; }

    /// <summary>How far its probe has come. A driver may take long to compile that on a busy machine: whoever waits for it looks whether this moves.</summary>
    public long Progress => Interlocked.Read(ref _progress);

    /// <summary>The probe got on by a step.</summary>
    public void GotOn() => Interlocked.Increment(ref _progress);

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

        Routines.Clear();
        ended?.Dispose();
    }

    /// <summary>Prints a kernel for this device.</summary>
    /// <exception cref="CompileException">The device's language cannot express it.</exception>
    public abstract ElementCode Print(KernelIr ir, LaunchForm form);

    /// <summary>Prints a pass of a kernel with reductions.</summary>
    public abstract RowCode Print(RowProgram program, RowPass pass);

    /// <summary>Writes a kernel that has loops of its own.</summary>
    public abstract WrittenCode Print(WrittenKernel kernel);

    /// <summary>How a group with reductions goes over its rows here.</summary>
    public RowForm RowFormOf(FusionGroup group, RowNest nest) => RowForm.Of(group, nest, Limits.Units, Limits.GroupSize);

    /// <summary>What the kernels of routines have to know.</summary>
    public RoutineDevice RoutineDevice => new(Limits.GroupSize, IsForProcessor: !UsesVectors);

    /// <summary>
    /// Whether products run on the device even where it is the host's processor, for which the code of the host is better by far; tests say so, and get the bits of
    /// kernels that run nowhere else.
    /// </summary>
    public bool TakesProducts { get; init; }

    /// <summary>Why a routine runs on the host between the device's kernels; null when it has one of its own.</summary>
    public string? ReasonAgainst(RoutineStep step) =>
        !Limits.HasDoubles && RoutineKernel.UsesDoubles(step) ? $"{step.Routine.Kind} computes with float64, and the device does not"
        : step.Routine is Contraction or Convolution && RoutineDevice.IsForProcessor && Limits.SharesMemory && !TakesProducts
            ? $"{step.Routine.Kind} runs on the same processor either way, and the code of the host for products is many times faster there than what a driver makes of a kernel"
        : null;

    protected abstract DeviceSession CreateSession();
}
