using System.Diagnostics;

namespace Fuser.Gpu.Tests;

public sealed class ProgramTests
{
    [Fact]
    public async Task Without_the_device_it_says_so_and_exits_with_3()
    {
        var (code, error) = await RunAsync("--device", "cuda:63");
        code.ShouldBe(3, error);
        error.ShouldContain("cuda:63");
    }

    [Fact]
    public async Task The_processor_is_not_measured_here()
    {
        var (code, error) = await RunAsync("--device", "cpu");
        code.ShouldBe(2, error);
        error.ShouldContain("benchmarks/compare");
    }

    [Fact]
    public async Task What_makes_no_sense_is_a_line_and_the_usage()
    {
        var (code, error) = await RunAsync("--elements", "few");
        code.ShouldBe(2);
        error.ShouldStartWith("error: --elements");
        error.ShouldContain("usage:");
    }

    private static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using var program = Process.Start(new ProcessStartInfo("dotnet", [typeof(GpuRun).Assembly.Location, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = program.StandardOutput.ReadToEndAsync();
        var error = await program.StandardError.ReadToEndAsync();
        await output;
        await program.WaitForExitAsync();
        return (program.ExitCode, error);
    }
}
