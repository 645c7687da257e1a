using System.Collections.Immutable;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// A kernel's text, and its code in a session. The text stays; the code is loaded again when the session was lost, or when the code was given back and is
/// run after all.
/// </summary>
internal sealed class DeviceProgram
{
    private readonly Lock _gate = new();
    private LoadedCode? _loaded;
    private DeviceSession? _session;
    private int _users;
    private bool _retired;

    private DeviceProgram(DeviceCode code, DeviceSession session, LoadedCode loaded) => (Code, _session, _loaded) = (code, session, loaded);

    public DeviceCode Code { get; }

    public long Bytes => Code.Text.Length + (_loaded?.Bytes ?? 0);

    /// <summary>Compiles for the device.</summary>
    /// <exception cref="CompileException">The device's compiler refuses it, or it is too much for the device.</exception>
    public static DeviceProgram Compile(Accelerator accelerator, DeviceCode code) => Compile(accelerator, [code], (session, codes) => [session.Load(codes[0])])[0];

    /// <summary>Compiles kernels that are run once, at once.</summary>
    /// <exception cref="CompileException">The device's compiler refuses one, or it is too much for the device.</exception>
    public static ImmutableArray<DeviceProgram> CompileOnce(Accelerator accelerator, ImmutableArray<DeviceCode> codes) => Compile(accelerator, codes, (session, all) => session.LoadOnce(all));

    private static ImmutableArray<DeviceProgram> Compile(Accelerator accelerator, ImmutableArray<DeviceCode> codes, Func<DeviceSession, ImmutableArray<DeviceCode>, ImmutableArray<LoadedCode>> load)
    {
        var limits = accelerator.Limits;
        foreach (var code in codes)
        {
            if (code.Parameters.Bytes > limits.ParameterBytes)
            {
                throw new CompileException(ErrorCodes.TargetUnsupported, $"kernel {code.Entry} has {code.Parameters.All.Length} parameters in {code.Parameters.Bytes} bytes, device {accelerator.Name} takes {limits.ParameterBytes}; run it on cpu, or split the graph");
            }
        }

        var session = accelerator.Open();
        try
        {
            return ImmutableArray.CreateRange(load(session, codes).Zip(codes, (loaded, code) => new DeviceProgram(code, session, loaded)));
        }
        catch (LaunchException error) when (error.Code == ErrorCodes.DeviceLost)
        {
            accelerator.Close(); // whoever comes next finds a new session; the device's owner finds this one lost when it uses it
            throw;
        }
    }

    /// <summary>The code in a session, for a launch. Given back with <see cref="Release"/> when the launch is done.</summary>
    /// <exception cref="CompileException">The driver refused it.</exception>
    public LoadedCode Acquire(DeviceSession session)
    {
        lock (_gate)
        {
            if (_session != session || _loaded is null)
            {
                var loaded = session.Load(Code);
                if (_users == 0)
                {
                    _loaded?.Dispose(); // of a session that was lost
                }

                (_loaded, _session) = (loaded, session);
            }

            _users++;
            return _loaded;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _users--;
            UnloadIfUnused();
        }
    }

    /// <summary>Gives the code back to the driver, as soon as nothing runs it.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _retired = true;
            UnloadIfUnused();
        }
    }

    private void UnloadIfUnused()
    {
        if (_retired && _users == 0 && _loaded is { } unused)
        {
            _loaded = null;
            unused.Dispose();
        }
    }
}
