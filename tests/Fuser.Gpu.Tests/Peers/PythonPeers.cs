using System.ComponentModel;
using System.Diagnostics;
using Fuser.Testing;

namespace Fuser.Gpu.Tests.Peers;

/// <summary>A Python of this machine that has NumPy, or why there is none.</summary>
internal static class PythonPeers
{
    private static readonly string[] s_programs = ["python3", "/usr/bin/python3"];
    private static readonly Lazy<string?> s_numpy = new(() => Array.Find(s_programs, program => Has(program, "numpy")));

    public static string Program => s_numpy.Value ?? throw new InvalidOperationException("there is no Python with NumPy");

    /// <summary>Why tests that need it are skipped; null when they run.</summary>
    public static string? Missing => s_numpy.Value is null ? $"python3 has no NumPy ({TestServices.Advice})" : null;

    private static bool Has(string program, string module)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["-c", $"import {module}"]) { RedirectStandardError = true, UseShellExecute = false })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that needs Python with NumPy, and is skipped where there is none.</summary>
internal sealed class NumpyFactAttribute : FactAttribute
{
    public NumpyFactAttribute() => Skip = PythonPeers.Missing;
}

/// <summary>As <see cref="NumpyFactAttribute"/>, with data.</summary>
internal sealed class NumpyTheoryAttribute : TheoryAttribute
{
    public NumpyTheoryAttribute() => Skip = PythonPeers.Missing;
}
