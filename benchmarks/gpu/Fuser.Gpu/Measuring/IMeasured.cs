namespace Fuser.Gpu.Measuring;

/// <summary>Something of this process that the device is timed at.</summary>
internal interface IMeasured : IDisposable
{
    /// <summary>The device's time for so many runs, one after the other without a pause.</summary>
    TimeSpan Time(int runs);
}

/// <summary>How many runs make a measurement.</summary>
internal static class Batches
{
    private const int MostRuns = 1 << 20;

    /// <summary>Nanoseconds a run, over as many runs as fill the time, and how many they were. Peers do the same.</summary>
    public static (double Nanoseconds, int Runs) Measure(this IMeasured measured, double milliseconds)
    {
        measured.Time(1);
        for (var runs = 1; ;)
        {
            var elapsed = measured.Time(runs).TotalMilliseconds;
            if (elapsed >= milliseconds / 2 || runs >= MostRuns)
            {
                return (elapsed / runs * 1e6, runs);
            }

            runs = (int)Math.Max(runs + 1, Math.Min(Math.Min(runs * 8L, MostRuns), (long)(runs * milliseconds / Math.Max(elapsed, 1e-4)) + 1));
        }
    }
}
