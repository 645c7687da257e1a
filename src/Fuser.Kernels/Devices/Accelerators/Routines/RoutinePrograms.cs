using System.Collections.Immutable;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>
/// The compiled routines of a device, by form. There are few forms, for shapes are none of them, so they are kept as long as the device is open, up to a number that only
/// a hostile mixture of graphs reaches.
/// </summary>
internal sealed class RoutinePrograms(Accelerator accelerator)
{
    private const int Most = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lazy<ImmutableArray<DeviceProgram>>> _programs = [];

    /// <summary>One program per pass, compiled at the first time. Whoever asks for the same form meanwhile waits; a refusal is remembered.</summary>
    /// <exception cref="CompileException">The driver refuses it, or it is too much for the device.</exception>
    public ImmutableArray<DeviceProgram> Find(RoutineKernel kernel)
    {
        Lazy<ImmutableArray<DeviceProgram>>? found;
        lock (_gate)
        {
            if (!_programs.TryGetValue(kernel.Form, out found))
            {
                if (_programs.Count == Most)
                {
                    RetireAll();
                }

                found = new(() => Compile(kernel));
                _programs.Add(kernel.Form, found);
            }
        }

        try
        {
            return found.Value;
        }
        catch (LaunchException)
        {
            Forget(kernel.Form, found); // the device's fault, not the kernel's: another session may do it
            throw;
        }
    }

    /// <summary>Gives all code back to the driver.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            RetireAll();
        }
    }

    private ImmutableArray<DeviceProgram> Compile(RoutineKernel kernel)
    {
        var programs = ImmutableArray.CreateBuilder<DeviceProgram>(kernel.Passes.Length);
        try
        {
            foreach (var pass in kernel.Passes)
            {
                programs.Add(DeviceProgram.Compile(accelerator, accelerator.Print(pass.Kernel)));
            }
        }
        catch
        {
            foreach (var program in programs)
            {
                program.Retire();
            }

            throw;
        }

        return programs.MoveToImmutable();
    }

    private void Forget(string form, Lazy<ImmutableArray<DeviceProgram>> failed)
    {
        lock (_gate)
        {
            if (_programs.TryGetValue(form, out var found) && found == failed)
            {
                _programs.Remove(form);
            }
        }
    }

    private void RetireAll()
    {
        foreach (var compiled in _programs.Values.Where(compiled => compiled.IsValueCreated))
        {
            foreach (var program in compiled.Value)
            {
                program.Retire();
            }
        }

        _programs.Clear();
    }
}
