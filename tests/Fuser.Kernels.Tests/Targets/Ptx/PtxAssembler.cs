using System.Diagnostics;
using System.Text.RegularExpressions;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Tests.Targets.Ptx;

/// <summary>
/// NVIDIA's assembler and disassembler, where they are: named by <c>FUSER_PTXAS</c> (a path of ptxas), on the path, or where a toolkit puts them. They are never part of
/// the product; <c>eng/ptxas.sh</c> unpacks them into a folder.
/// </summary>
internal static partial class PtxAssembler
{
    private static readonly Lazy<string?> Found = new(Find);

    public static string? Missing => Found.Value is null ? "ptxas is not here: set FUSER_PTXAS to its path (eng/ptxas.sh FOLDER fetches it on Debian), or install a CUDA toolkit" : null;

    /// <summary>Assembles many kernels at once, each under its name.</summary>
    public static Dictionary<string, Assembled> Assemble(IReadOnlyCollection<DeviceCode> kernels)
    {
        kernels.Select(kernel => kernel.Entry).ShouldBeUnique();
        var folder = Directory.CreateTempSubdirectory("fuser-ptx-").FullName;
        try
        {
            var (text, cubin) = (Path.Combine(folder, "kernels.ptx"), Path.Combine(folder, "kernels.cubin"));
            var header = kernels.First().Text[..kernels.First().Text.IndexOf("\n\n", StringComparison.Ordinal)];
            File.WriteAllText(text, header + "\n\n" + string.Join("\n", kernels.Select(kernel => kernel.Text[header.Length..])));
            var report = Run(Found.Value!, "-v", "-arch=sm_90", text, "-o", cubin);
            var disassembler = Path.Combine(Path.GetDirectoryName(Found.Value!)!, "nvdisasm");
            var code = File.Exists(disassembler) ? Run(disassembler, "-c", cubin) : "";
            return kernels.ToDictionary(kernel => kernel.Entry, kernel => Read(report, code, kernel.Entry));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Assembled Read(string report, string code, string entry)
    {
        var of = report[report.IndexOf($"Function properties for {entry}\n", StringComparison.Ordinal)..];
        var spill = Spills().Match(of);
        var section = code.IndexOf($".text.{entry}:", StringComparison.Ordinal);
        var end = section < 0 ? -1 : code.IndexOf(".section", section, StringComparison.Ordinal);
        return new Assembled(
            int.Parse(Registers().Match(of).Groups["count"].Value),
            int.Parse(spill.Groups["stores"].Value) + int.Parse(spill.Groups["loads"].Value),
            section < 0 ? null : end < 0 ? code[section..] : code[section..end]);
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, error.GetAwaiter().GetResult() + output);
        return output + error.GetAwaiter().GetResult();
    }

    private static string? Find() => new[] { Environment.GetEnvironmentVariable("FUSER_PTXAS") }
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/local/cuda/bin").Select(folder => Path.Combine(folder, "ptxas")))
        .FirstOrDefault(File.Exists);

    [GeneratedRegex(@"(?<stores>\d+) bytes spill stores, (?<loads>\d+) bytes spill loads", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Spills();

    [GeneratedRegex(@"Used (?<count>\d+) registers", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Registers();
}

/// <summary>What the assembler made of a kernel.</summary>
/// <param name="SpillBytes">Bytes of registers kept in memory.</param>
/// <param name="Code">The machine's instructions; null without a disassembler.</param>
internal sealed record Assembled(int Registers, int SpillBytes, string? Code);

/// <summary>A test that needs ptxas, and is skipped with the reason where there is none.</summary>
internal sealed class PtxasFactAttribute : FactAttribute
{
    public PtxasFactAttribute() => Skip = PtxAssembler.Missing;
}
