using System.Diagnostics;
using Fuser.Compare.Peers;
using Fuser.Compare.Reports;
using Fuser.Compare.Sessions;

namespace Fuser.Compare;

/// <summary>A whole run: finds the peers, measures, writes the results.</summary>
internal static class Driver
{
    /// <returns>Where the results are.</returns>
    public static async Task<string> RunAsync(ComparisonOptions options, string root, TimeProvider clock, CancellationToken cancellationToken)
    {
        var output = options.Output ?? Path.Combine(root, options.Quick ? "out/compare" : "benchmarks/results");
        var (started, start, load, ticks) = (clock.GetUtcNow(), clock.GetTimestamp(), MachineLoad.LastMinute, MachineLoad.Now);
        var scratch = Directory.CreateTempSubdirectory("fuser-compare-").FullName;
        var installation = await Installation.FindAsync(Path.Combine(root, "benchmarks", "compare"), scratch, options.Install, cancellationToken);
        Worker[] workers = [.. PeerCatalogue.All.Where(peer => IsWanted(peer, options)).Select(peer => new Worker(peer, installation))];
        try
        {
            var cells = await new SteadyState(workers, options, scratch).RunAsync(cancellationToken);
            var own = workers[0];
            await own.StartAsync(cancellationToken);
            var session = new RuntimeSession(own, options);
            var calls = await session.CallsAsync(cancellationToken);
            var throughputs = await session.ThroughputsAsync(cancellationToken);
            var crossovers = await session.CrossoversAsync(cancellationToken);
            var colds = await new ColdStarts(workers, options, root).RunAsync(cancellationToken);
            var run = new RunDescription(started, clock.GetElapsedTime(start), await CommitAsync(root, cancellationToken), options.Quick, options.Rounds, options.Milliseconds, load, MachineLoad.StolenShare(ticks, MachineLoad.Now));
            var peers = workers.SelectMany(worker => worker.Subjects.Select(subject => new PeerDescription(
                subject.Name, subject.Title, PeerNames.IsLimit(subject.Name), subject.Name == PeerNames.Fuser, worker.Versions, worker.Skipped)));
            await ResultFiles.WriteAsync(new RunResult(MachineDescription.Read(), run, [.. peers], cells, colds, calls, crossovers, throughputs), output, cancellationToken);
        }
        finally
        {
            foreach (var worker in workers)
            {
                await worker.DisposeAsync();
            }

            Directory.Delete(scratch, recursive: true);
        }

        return output;
    }

    private static bool IsWanted(PeerProcess peer, ComparisonOptions options) =>
        options.Peers is null || peer.Subjects.Any(subject => PeerNames.IsLimit(subject.Name) || options.Peers.Contains(subject.Name));

    /// <summary>The commit the sources are at, and whether they differ from it.</summary>
    private static async Task<string> CommitAsync(string root, CancellationToken cancellationToken)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"]) { RedirectStandardOutput = true, UseShellExecute = false, RedirectStandardError = true, WorkingDirectory = root })!;
            var text = await git.StandardOutput.ReadToEndAsync(cancellationToken);
            await git.WaitForExitAsync(cancellationToken);
            return text.Trim() is { Length: > 0 } commit ? commit : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown"; // no git here
        }
    }
}
