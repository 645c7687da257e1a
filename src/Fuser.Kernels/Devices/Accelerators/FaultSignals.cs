using System.Runtime.InteropServices;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// Keeps the process's handlers of hardware faults while a driver starts. The runtime makes exceptions of them: a division by zero, a null reference. PoCL puts a handler of
/// its own in place that lets integer divisions by zero go on with 0, in every thread, so that <see cref="DivideByZeroException"/> would never be thrown again.
/// Kernels do not need it: they divide by no zero.
/// </summary>
internal readonly unsafe partial struct FaultSignals : IDisposable
{
    /// <summary>More than any system's struct sigaction.</summary>
    private const int ActionBytes = 256;

    /// <summary>SIGILL, SIGTRAP, SIGBUS (Linux), SIGFPE, SIGBUS (macOS), SIGSEGV.</summary>
    private static readonly int[] Signals = [4, 5, 7, 8, 10, 11];

    private readonly byte[] _actions;

    private FaultSignals(byte[] actions) => _actions = actions;

    /// <summary>Remembers the handlers until disposed, which puts them back.</summary>
    public static FaultSignals Keep()
    {
        if (OperatingSystem.IsWindows())
        {
            return default; // there are no signals
        }

        var actions = new byte[Signals.Length * ActionBytes];
        fixed (byte* first = actions)
        {
            for (var i = 0; i < Signals.Length; i++)
            {
                _ = sigaction(Signals[i], null, first + (i * ActionBytes));
            }
        }

        return new FaultSignals(actions);
    }

    public void Dispose()
    {
        if (_actions is null)
        {
            return;
        }

        fixed (byte* first = _actions)
        {
            for (var i = 0; i < Signals.Length; i++)
            {
                _ = sigaction(Signals[i], first + (i * ActionBytes), null);
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, void* action, void* old);
}
