using System.Diagnostics;
using System.Globalization;
using Fuser.Compare.Measuring;
using Fuser.Compare.Peers;
using Fuser.Compare.Protocol;
using Fuser.Compare.Reports;

namespace Fuser.Compare.Sessions;

/// <summary>Times to the first result: of computations that a warm process has not seen, in fresh processes, and from the shell.</summary>
internal sealed class ColdStarts(IReadOnlyList<Worker> workers, ComparisonOptions options, string root)
{
    private const int Operations = 30;

    /// <summary>The first computations of a process also load what compiles them; these come before the measured ones.</summary>
    private const int WarmUps = 3;

    private static readonly string[] s_compilers = [PeerNames.Fuser, PeerNames.Numba, PeerNames.Numexpr, PeerNames.TorchOriginal];

    private static Dictionary<string, string> NoEnvironment => [];

    private int _number;

    public async Task<List<ColdStart>> RunAsync(CancellationToken cancellationToken)
    {
        var results = new List<ColdStart>();
        foreach (var worker in workers)
        {
            if (worker.Skipped is null && s_compilers.Contains(worker.Subjects[0].Name))
            {
                await worker.StartAsync(cancellationToken);
                results.Add(await WarmProcessAsync(worker, cancellationToken));
            }
        }

        // Built, as `dotnet run` starts it; and published for this platform with the runtime and compiled ahead, as benchmarks/compare/run leaves it.
        results.Add(await FreshProcessAsync("built", PeerCatalogue.OwnProgram(Cold()), cancellationToken));
        results.Add(await FreshProcessAsync("published", new WorkerCommand(Published("program", "Fuser.Compare"), Cold(), root, NoEnvironment), cancellationToken));
        results.Add(await ShellAsync("built", Path.Combine(root, "src", "Fuser.Host", "bin", "Release", "net10.0", "dotnet-fuser"), cancellationToken));
        results.Add(await ShellAsync("published", Published("tool", "dotnet-fuser"), cancellationToken));
        return results;

        static string[] Cold() => ["cold", $"{Operations}"];

        string Published(string folder, string name) => Path.Combine(root, "out", "compare", folder, name);
    }

    private async Task<ColdStart> WarmProcessAsync(Worker worker, CancellationToken cancellationToken)
    {
        var what = $"{Operations} operations, text to first result, warm process";
        var times = new List<double>();
        for (var i = 0; i < WarmUps + (2 * options.Rounds); i++)
        {
            var answer = await worker.AskAsync(Message.Of("cold", $"{Operations}", $"{++_number}"), cancellationToken);
            if (!answer.IsOk)
            {
                return new ColdStart(what, worker.Subjects[0].Name, null, answer.Reason);
            }

            times.Add(double.Parse(answer.Fields[0], CultureInfo.InvariantCulture));
        }

        return new ColdStart(what, worker.Subjects[0].Name, Summary.Of(times.Skip(WarmUps)), null);
    }

    /// <summary>A new process that says how long it took from the start of its program.</summary>
    private async Task<ColdStart> FreshProcessAsync(string kind, WorkerCommand command, CancellationToken cancellationToken)
    {
        var what = $"{Operations} operations, text to first result, fresh process, from the program's start, {kind}";
        return await TimesAsync(what, command, run => double.Parse(run.Output.Trim(), CultureInfo.InvariantCulture), cancellationToken);
    }

    /// <summary>The command line from start to end, as a shell waits for it.</summary>
    private async Task<ColdStart> ShellAsync(string kind, string tool, CancellationToken cancellationToken)
    {
        string Example(string name) => Path.Combine(root, "examples", "black-scholes", name);

        var command = new WorkerCommand(
            tool,
            ["run", Example("graph.ir"), "-i", Example("spot.npy"), "-i", Example("strike.npy"), "-i", Example("years.npy"), "-i", "0.03", "-i", Example("volatility.npy")],
            root,
            NoEnvironment);
        return await TimesAsync($"run of examples/black-scholes from the shell, whole process, {kind}", command, run => run.Milliseconds, cancellationToken);
    }

    private async Task<ColdStart> TimesAsync(string what, WorkerCommand command, Func<(double Milliseconds, string Output), double> time, CancellationToken cancellationToken)
    {
        if (!File.Exists(command.Program))
        {
            return new ColdStart(what, PeerNames.Fuser, null, $"there is no {Path.GetRelativePath(root, command.Program)}; benchmarks/compare/run makes it");
        }

        var times = new List<double>();
        for (var round = 0; round < options.Rounds; round++)
        {
            times.Add(time(await RunAsync(command, cancellationToken)));
        }

        return new ColdStart(what, PeerNames.Fuser, Summary.Of(times), null);
    }

    private static async Task<(double Milliseconds, string Output)> RunAsync(WorkerCommand command, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(command.Program, command.Arguments) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = command.Folder })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? (Stopwatch.GetElapsedTime(start).TotalMilliseconds, output)
            : throw new InvalidOperationException($"{command.Program} {string.Join(' ', command.Arguments)} ended with {process.ExitCode}");
    }
}
