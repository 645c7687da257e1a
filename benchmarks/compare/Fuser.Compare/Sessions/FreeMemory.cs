using System.Globalization;
using Fuser.Compare.Reports;

namespace Fuser.Compare.Sessions;

/// <summary>Memory that processes can take without anything being swapped out.</summary>
internal static class FreeMemory
{
    private const string Path = "/proc/meminfo";

    public static long Bytes => File.Exists(Path) ? Of(File.ReadAllText(Path)) : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>From the text of <c>/proc/meminfo</c>: "MemAvailable:   24043012 kB".</summary>
    internal static long Of(string text) => long.Parse(MachineDescription.FieldOf(text, "MemAvailable").Split(' ')[0], CultureInfo.InvariantCulture) << 10;
}
