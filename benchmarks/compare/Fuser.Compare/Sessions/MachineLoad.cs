using System.Globalization;

namespace Fuser.Compare.Sessions;

/// <summary>How quiet the machine is, as far as it says so itself.</summary>
internal static class MachineLoad
{
    private const string Average = "/proc/loadavg";
    private const string Ticks = "/proc/stat";
    private const int StolenColumn = 7;

    /// <summary>Threads that ran or waited to run, mean of the last minute; NaN where the system does not say.</summary>
    public static double LastMinute => File.Exists(Average) ? double.Parse(File.ReadAllText(Average).Split(' ')[0], CultureInfo.InvariantCulture) : double.NaN;

    /// <summary>Processor time since the start of the machine, and how much of it other machines of the same host took.</summary>
    public static (long Stolen, long Total) Now => File.Exists(Ticks) ? Of(File.ReadLines(Ticks).First()) : (0, 0);

    /// <summary>The share that was stolen between two readings.</summary>
    public static double StolenShare((long Stolen, long Total) from, (long Stolen, long Total) to) => (to.Stolen - from.Stolen) / (double)Math.Max(1, to.Total - from.Total);

    /// <summary>From "cpu  user nice system idle iowait irq softirq steal ...".</summary>
    internal static (long Stolen, long Total) Of(string line)
    {
        var ticks = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(StolenColumn + 1).Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (ticks[StolenColumn], ticks.Sum());
    }
}
