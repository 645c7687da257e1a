using System.Diagnostics;
using Fuser.Testing;

namespace Fuser.Kernels.Tests.Targets.OpenCl;

/// <summary>
/// LLVM's compiler for NVIDIA devices, which comes with PoCL's clang: it shows what a GPU's driver makes of OpenCL C, without a GPU. Processors hide most of it, because their minimum
/// happens to do the right thing with most zeros.
/// </summary>
internal static class ClangForGpus
{
    private static readonly string[] Names = ["clang", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15", "clang-14"];

    private static readonly Lazy<string?> Found = new(() => Names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(path => File.Exists(path) && Compile(path, "__kernel void k(__global int* a) { a[0] = 1; }") is not null));

    public static string? Missing => Found.Value is null ? $"no clang with a back end for NVIDIA devices is on the path (it comes with PoCL; {TestServices.Advice})" : null;

    /// <summary>The text as PTX, by LLVM's optimiser.</summary>
    public static string ToPtx(string text) => Compile(Found.Value!, text).ShouldNotBeNull(text);

    private static string? Compile(string clang, string text)
    {
        var start = new ProcessStartInfo(clang, ["-x", "cl", "-cl-std=CL1.2", "-Xclang", "-finclude-default-header", "-target", "nvptx64-unknown-unknown", "-O2", "-S", "-o", "-", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Write(text);
        process.StandardInput.Close();
        process.WaitForExit();
        error.GetAwaiter().GetResult();
        var result = output.GetAwaiter().GetResult();
        return process.ExitCode == 0 ? result : null;
    }
}

/// <summary>A test that needs <see cref="ClangForGpus"/>, and is skipped with the reason where there is none.</summary>
internal sealed class ClangFactAttribute : FactAttribute
{
    public ClangFactAttribute() => Skip = ClangForGpus.Missing;
}
