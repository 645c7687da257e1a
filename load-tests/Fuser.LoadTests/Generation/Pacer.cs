using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fuser.LoadTests.Generation;

/// <summary>
/// Lets time go by on a thread of its own. Spinning would take a processor from the system that is measured, and the platform's sleep is a millisecond or more; Linux can sleep
/// to within some 50 microseconds. What it oversleeps is part of the latencies, and reported as the generator's lag.
/// </summary>
internal sealed partial class Pacer : IDisposable
{
    /// <summary>Shorter waits are spun away: falling asleep and waking up takes longer.</summary>
    private const double SpinMicroseconds = 20;

    /// <summary>At once, so that a cancellation is heard in time.</summary>
    private const double MostMicroseconds = 100_000;

    private const int SetTimerSlack = 29;

    /// <summary>Never set: waiting for it is how the thread lets a millisecond go by where the system has no better sleep.</summary>
    private readonly ManualResetEventSlim _never = new();
    private readonly bool _sleepsWell = OperatingSystem.IsLinux();

    public Pacer()
    {
        if (_sleepsWell)
        {
            // Of this thread only: otherwise the kernel may wake it another 50 microseconds late to save energy.
            _ = Control(SetTimerSlack, 1, 0, 0, 0);
        }
    }

    /// <summary>Returns at a time, or soon after it was cancelled.</summary>
    /// <param name="due">As <see cref="Stopwatch"/> has it.</param>
    public void WaitUntil(long due, CancellationToken cancellationToken)
    {
        while (due - Stopwatch.GetTimestamp() is > 0 and var left && !cancellationToken.IsCancellationRequested)
        {
            var microseconds = left * 1e6 / Stopwatch.Frequency;
            if (microseconds < SpinMicroseconds)
            {
                Thread.SpinWait(10);
            }
            else if (_sleepsWell)
            {
                Sleep(microseconds - (SpinMicroseconds / 2));
            }
            else if (microseconds > 2000)
            {
                _never.Wait(1, CancellationToken.None);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    public void Dispose() => _never.Dispose();

    private static void Sleep(double microseconds)
    {
        var nanoseconds = (long)(Math.Min(microseconds, MostMicroseconds) * 1000);
        var time = new Time { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        _ = SleepFor(ref time, 0); // woken early by a signal, it is asked again by the loop
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int SleepFor(ref Time time, nint left);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
