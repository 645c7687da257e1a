using System.Diagnostics;

namespace Fuser.Compare.Peers;

/// <summary>
/// What of the peers is on this machine. As root, what is missing is installed from the distribution; otherwise it is said what to
/// install, and the run goes on without.
/// </summary>
internal sealed class Installation
{
    public const string Compiler = "g++";
    public const string Torch = "torch";
    public const string Numba = "numba";
    public const string Numexpr = "numexpr";

    private static readonly string[] s_modules = [Torch, Numba, Numexpr];

    /// <summary>The first that has a module is used: the distribution's modules are in the distribution's Python.</summary>
    private static readonly string[] s_pythons = ["python3", "/usr/bin/python3"];

    private readonly Dictionary<string, string> _pythons = [];
    private readonly Dictionary<string, string> _missing = [];

    private Installation(string folder, string nativeProgram) => (Folder, NativeProgram) = (folder, nativeProgram);

    /// <summary>Where the peers' sources are.</summary>
    public string Folder { get; }

    /// <summary>The compiled loops.</summary>
    public string NativeProgram { get; }

    /// <summary>Finds the peers, and installs what is missing where that is allowed.</summary>
    /// <param name="folder">Where the peers' sources are.</param>
    /// <param name="build">Where to put what is compiled.</param>
    public static async Task<Installation> FindAsync(string folder, string build, bool install, CancellationToken cancellationToken)
    {
        var found = new Installation(folder, Path.Combine(build, "hand"));
        var missing = await found.LookAsync(cancellationToken);
        if (missing.Count > 0 && install && Environment.UserName == "root" && File.Exists("/usr/bin/apt-get"))
        {
            string[] packages = [.. missing.Select(Package)];
            Console.Error.WriteLine($"installing {string.Join(", ", packages)}");
            await RunAsync("apt-get", ["update", "-qq"], folder, cancellationToken);
            await RunAsync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", .. packages], folder, cancellationToken);
            missing = await found.LookAsync(cancellationToken);
        }

        foreach (var name in missing)
        {
            found._missing[name] = $"{name} is not installed; run as root, or: apt-get install --no-install-recommends {Package(name)}";
        }

        if (!missing.Contains(Compiler))
        {
            await found.CompileAsync(build, cancellationToken);
        }

        return found;
    }

    /// <summary>Why a peer with such needs cannot be started, or null.</summary>
    public string? WhyNot(IEnumerable<string> needs) => needs.Select(need => _missing.GetValueOrDefault(need)).FirstOrDefault(reason => reason is not null);

    public string PythonWith(string module) => _pythons[module];

    private static string Package(string name) => name == Compiler ? Compiler : $"python3-{name}";

    private async Task<List<string>> LookAsync(CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var module in s_modules)
        {
            foreach (var python in s_pythons)
            {
                if (!_pythons.ContainsKey(module) && (await RunAsync(python, ["-c", $"import numpy, {module}"], Folder, cancellationToken)).IsDone)
                {
                    _pythons[module] = python;
                }
            }

            if (!_pythons.ContainsKey(module))
            {
                missing.Add(module);
            }
        }

        if (!(await RunAsync(Compiler, ["--version"], Folder, cancellationToken)).IsDone)
        {
            missing.Add(Compiler);
        }

        return missing;
    }

    private async Task CompileAsync(string build, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(build);
        var (isDone, text) = await RunAsync(
            Compiler,
            ["-O3", "-march=native", "-fopenmp", "-std=c++17", Path.Combine(Folder, "peers", "cpp", "worker.cpp"), "-o", NativeProgram, "-lmvec", "-lm"],
            Folder,
            cancellationToken);
        if (!isDone)
        {
            _missing[Compiler] = $"the hand-written loops do not compile here: {text.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal), "g++ failed")}";
        }
    }

    private static async Task<(bool IsDone, string Text)> RunAsync(string program, string[] arguments, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = await process.StandardError.ReadToEndAsync(cancellationToken);
            await output;
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode == 0, error);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (false, missing.Message);
        }
    }
}
