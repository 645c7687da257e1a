using System.Diagnostics;

namespace Fuser.Compare.Measuring;

/// <summary>Times a call that may take nanoseconds or seconds. Workers in other languages do the same.</summary>
internal static class Clock
{
    private const int MostCalls = 1 << 24;

    /// <summary>
    /// Nanoseconds a call, as the mean over as many calls as fill the time; others come before them, for about a quarter of it, because another
    /// peer had the caches.
    /// </summary>
    public static (double Nanoseconds, long Calls) Measure(Action call, double seconds)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            call();
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds / 4);

        for (long calls = 1; ;)
        {
            start = Stopwatch.GetTimestamp();
            for (long i = 0; i < calls; i++)
            {
                call();
            }

            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (elapsed >= seconds / 2 || calls >= MostCalls)
            {
                return (elapsed / calls * 1e9, calls);
            }

            calls = Math.Max(calls + 1, Math.Min(calls * 8, (long)(calls * seconds / Math.Max(elapsed, 1e-7)) + 1));
        }
    }
}
