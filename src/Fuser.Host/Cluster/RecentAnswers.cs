using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;

namespace Fuser.Host.Cluster;

/// <summary>
/// Requests that are being done, and the answers to those that were, so that one that comes again is not done again. The oldest answers make room.
/// </summary>
internal sealed class RecentAnswers(ClusterOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Task<RunReply>> _tasks = [];
    private readonly Queue<(Guid Id, long Bytes)> _done = new();
    private long _bytes;

    /// <summary>The answer to a request: one that is known, or is being made, or what <paramref name="make"/> comes to.</summary>
    /// <param name="isKept">Whether an answer is worth to be remembered.</param>
    /// <returns>The answer, and whether it was there before.</returns>
    public (Task<RunReply> Answer, bool IsRepeated) Get(Guid id, Func<Task<RunReply>> make, Func<RunReply, bool> isKept)
    {
        lock (_lock)
        {
            if (_tasks.TryGetValue(id, out var known))
            {
                return (known, true);
            }

            var task = Task.Run(make);
            _tasks.Add(id, task);
            _ = KeepAsync(id, task, isKept);
            return (task, false);
        }
    }

    private async Task KeepAsync(Guid id, Task<RunReply> task, Func<RunReply, bool> isKept)
    {
        RunReply? reply = null;
        try
        {
            reply = await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The node ends; whoever waits for the task sees it too.
        }

        lock (_lock)
        {
            if (reply is null || options.RecentAnswers == 0 || !isKept(reply))
            {
                _tasks.Remove(id);
                return;
            }

            long bytes = reply.CalculateSize();
            _done.Enqueue((id, bytes));
            _bytes += bytes;
            while (_done.Count > options.RecentAnswers || (_bytes > options.MaxRecentBytes && _done.Count > 0))
            {
                var (oldest, size) = _done.Dequeue();
                _tasks.Remove(oldest);
                _bytes -= size;
            }
        }
    }
}
