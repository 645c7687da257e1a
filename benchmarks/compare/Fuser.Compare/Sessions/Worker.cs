using System.Globalization;
using Fuser.Compare.Peers;
using Fuser.Compare.Protocol;

namespace Fuser.Compare.Sessions;

/// <summary>A peer's process as the sessions see it: started again when it has ended, and given up when it cannot be started.</summary>
internal sealed class Worker(PeerProcess peer, Installation installation) : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private WorkerProcess? _process;

    public IReadOnlyList<Subject> Subjects => peer.Subjects;

    /// <summary>Why it takes no part, or null.</summary>
    public string? Skipped { get; private set; } = installation.WhyNot(peer.Needs);

    /// <summary>What it said about itself.</summary>
    public IReadOnlyList<string> Versions { get; private set; } = [];

    /// <summary>Starts the process if none runs.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Skipped is not null || _process is { IsAlive: true })
        {
            return;
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _process = WorkerProcess.Start(peer.Command(installation));
        var hello = await AskAsync(Message.Of("hello"), cancellationToken);
        Versions = hello.IsOk ? hello.Fields : Versions;
        Skipped = hello.IsOk ? null : hello.Reason;
    }

    public Task<Message> AskAsync(Message request, CancellationToken cancellationToken) => _process!.AskAsync(request, s_patience, cancellationToken);

    /// <summary>One measurement, in nanoseconds a call.</summary>
    public async Task<double?> TimeAsync(string subject, int threads, double milliseconds, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(Message.Of("time", subject, $"{threads}", milliseconds.ToString("R", CultureInfo.InvariantCulture)), cancellationToken);
        return answer.IsOk ? double.Parse(answer.Fields[0], CultureInfo.InvariantCulture) : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
