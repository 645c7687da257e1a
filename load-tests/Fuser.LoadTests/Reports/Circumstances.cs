using System.Diagnostics;
using Fuser.Compare.Reports;
using Fuser.Compare.Sessions;

namespace Fuser.LoadTests.Reports;

/// <summary>Where, when and from what a scenario was run.</summary>
/// <param name="LoadBefore">Threads that ran or waited in the minute before; NaN where the system does not say.</param>
/// <param name="StolenTime">Share of the processors' time that other machines of the host took meanwhile.</param>
internal sealed record Circumstances(MachineDescription Machine, string Commit, DateTimeOffset Started, TimeSpan Duration, bool Quick, double LoadBefore, double StolenTime);

/// <summary>Looks at the circumstances before and after a scenario.</summary>
internal sealed class CircumstancesReader
{
    private readonly TimeProvider _clock;
    private readonly bool _isQuick;
    private readonly DateTimeOffset _started;
    private readonly long _start;
    private readonly double _load;
    private readonly (long Stolen, long Total) _ticks;
    private readonly string _commit;

    private CircumstancesReader(string commit, bool isQuick, TimeProvider clock)
    {
        (_clock, _isQuick, _commit) = (clock, isQuick, commit);
        (_started, _start, _load, _ticks) = (clock.GetUtcNow(), clock.GetTimestamp(), MachineLoad.LastMinute, MachineLoad.Now);
    }

    public static async Task<CircumstancesReader> StartAsync(string repository, bool isQuick, TimeProvider clock, CancellationToken cancellationToken) =>
        new(await CommitAsync(repository, cancellationToken).ConfigureAwait(false), isQuick, clock);

    public Circumstances End() => new(
        MachineDescription.Read(),
        _commit,
        _started,
        _clock.GetElapsedTime(_start),
        _isQuick,
        _load,
        MachineLoad.StolenShare(_ticks, MachineLoad.Now));

    /// <summary>The commit the sources are at, and whether they differ from it.</summary>
    private static async Task<string> CommitAsync(string repository, CancellationToken cancellationToken)
    {
        try
        {
            var start = new ProcessStartInfo("git", ["describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = repository };
            using var git = Process.Start(start)!;
            var text = await git.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await git.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return text.Trim() is { Length: > 0 } commit ? commit : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown"; // no git here
        }
    }
}
