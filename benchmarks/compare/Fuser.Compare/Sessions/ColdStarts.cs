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

        results.Add(await FreshProcessAsync(cancellationToken));
        results.Add(await ShellAsync(cancellationToken));
        return results;
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
    private async Task<ColdStart> FreshProcessAsync(CancellationToken cancellationToken)
    {
        var what = $"{Operations} operations, text to first result, fresh process, from the program's start";
        var times = new List<double>();
        for (var round = 0; round < options.Rounds; round++)
        {
            var (_, output) = await RunAsync(PeerCatalogue.OwnProgram(["cold", $"{Operations}"]), cancellationToken);
            times.Add(double.Parse(output.Trim(), CultureInfo.InvariantCulture));
        }

        return new ColdStart(what, PeerNames.Fuser, Summary.Of(times), null);
    }

    /// <summary>The command line from start to end, as a shell waits for it.</summary>
    private async Task<ColdStart> ShellAsync(CancellationToken cancellationToken)
    {
        const string What = "run of examples/black-scholes from the shell, whole process";
        var tool = Path.Combine(root, "src", "Fuser.Host", "bin", "Release", "net10.0", "dotnet-fuser");
        if (!File.Exists(tool))
        {
            return new ColdStart(What, PeerNames.Fuser, null, "src/Fuser.Host is not built");
        }

        string Example(string name) => Path.Combine(root, "examples", "black-scholes", name);

        var command = new WorkerCommand(
            tool,
            ["run", Example("graph.ir"), "-i", Example("spot.npy"), "-i", Example("strike.npy"), "-i", Example("years.npy"), "-i", "0.03", "-i", Example("volatility.npy")],
            root,
            new Dictionary<string, string>());
        var times = new List<double>();
        for (var round = 0; round < options.Rounds; round++)
        {
            times.Add((await RunAsync(command, cancellationToken)).Milliseconds);
        }

        return new ColdStart(What, PeerNames.Fuser, Summary.Of(times), null);
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
