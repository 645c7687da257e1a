using System.Diagnostics;
using Fuser.Kernels.Targets.Simd;

namespace Fuser.Kernels.Tests.Targets;

/// <summary>What depends on how the runtime was started, so a child process is asked.</summary>
public class SimdIsaTests
{
    [Fact]
    public void Results_do_not_depend_on_the_instruction_sets_of_the_processor()
    {
        var all = Run(60, 30, []);
        foreach (var switchedOff in new[] { "DOTNET_EnableAVX512", "DOTNET_EnableAVX2", "DOTNET_EnableHWIntrinsic" })
        {
            var fewer = Run(60, 30, new() { [switchedOff] = "0" });
            fewer.Digest.ShouldBe(all.Digest, switchedOff);
            if (SimdWidths.Best == SimdWidth.V512)
            {
                fewer.Fingerprint.ShouldNotBe(all.Fingerprint);
            }
        }
    }

    [Fact]
    public void Generated_code_is_always_fully_optimised()
    {
        var summary = Path.GetTempFileName();
        try
        {
            Run(6, 1500, new() { ["DOTNET_JitStdOutFile"] = summary, ["DOTNET_JitDisasmSummary"] = "1" });
            var kernels = File.ReadAllLines(summary).Where(line => line.Contains("(dynamicClass):random", StringComparison.Ordinal)).ToList();
            kernels.Count.ShouldBeGreaterThan(20);
            kernels.ShouldAllBe(line => line.Contains("[FullOpts", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(summary);
        }
    }

    private static (string Fingerprint, string Digest) Run(int kernels, int operations, Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Fuser.Kernels.IsaCheck.dll"), $"{kernels}", $"{operations}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{output}\n{errors.GetAwaiter().GetResult()}");
        var words = output.Split(' ');
        return (words[0], words[1]);
    }
}
