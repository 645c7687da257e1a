using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Compare.Reports;

/// <summary>The machine that the figures are from.</summary>
internal sealed record MachineDescription(string Processor, int Processors, IReadOnlyList<string> Caches, string VectorInstructions, long MemoryBytes, string HugePages, string System, string Kernel, string DotNet)
{
    /// <summary>Reads what the system says about itself; what it does not say is empty.</summary>
    public static MachineDescription Read() => new(
        Field("/proc/cpuinfo", "model name") is { Length: > 0 } model ? $"{model} (family {Field("/proc/cpuinfo", "cpu family")}, model {Field("/proc/cpuinfo", "model")}, stepping {Field("/proc/cpuinfo", "stepping")})" : RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        ReadCaches("/sys/devices/system/cpu/cpu0/cache"),
        Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "SSE or NEON",
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Text("/sys/kernel/mm/transparent_hugepage/enabled"),
        Field("/etc/os-release", "PRETTY_NAME").Trim('"') is { Length: > 0 } name ? name : RuntimeInformation.OSDescription,
        Environment.OSVersion.VersionString,
        RuntimeInformation.FrameworkDescription);

    /// <summary>The value of the first line "name : value" or "name=value" of a text.</summary>
    internal static string FieldOf(string text, string name) =>
        text.Split('\n').Select(line => line.Split([':', '='], 2)).FirstOrDefault(pair => pair.Length == 2 && pair[0].Trim() == name)?[1].Trim() ?? "";

    private static string Field(string path, string name) => FieldOf(Text(path), name);

    private static string Text(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    private static string[] ReadCaches(string folder) => Directory.Exists(folder)
        ? [.. Directory.GetDirectories(folder, "index*").Order().Select(cache => $"L{Text(Path.Combine(cache, "level"))} {Text(Path.Combine(cache, "type")).ToLowerInvariant()} {Text(Path.Combine(cache, "size"))}")]
        : [];
}
