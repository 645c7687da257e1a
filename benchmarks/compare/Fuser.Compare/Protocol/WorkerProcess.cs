using System.Diagnostics;

namespace Fuser.Compare.Protocol;

/// <summary>The driver's end of the pipe to a worker process. One request at a time.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int MaxErrorLines = 20;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    private readonly Queue<string> _errors = new();
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>Whether it can still be asked.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static WorkerProcess Start(WorkerCommand command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = command.Folder,
        };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var worker = new WorkerProcess(Process.Start(start)!);
        worker._process.ErrorDataReceived += (_, line) => worker.Remember(line.Data);
        worker._process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>The answer, or a failure when there is none in time: the process is ended then, because it may still be at work.</summary>
    public async Task<Message> AskAsync(Message request, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!IsAlive)
        {
            return Message.Of(Message.Failed, "the process has ended");
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            await _process.StandardInput.WriteLineAsync(request.ToLine().AsMemory(), timeout.Token);
            await _process.StandardInput.FlushAsync(timeout.Token);
            if (await _process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                return Message.Parse(line);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await EndAsync(kill: true);
            return Message.Of(Message.Failed, $"no answer to '{request.Word}' within {patience.TotalSeconds:0} s");
        }
        catch (IOException)
        {
            // The pipe is broken: what the process wrote before it ended says more.
        }

        await EndAsync(kill: true);
        return Message.Of(Message.Failed, $"the process ended during '{request.Word}': {string.Join(" / ", LastErrors())}");
    }

    /// <summary>Closes the pipe, which ends a worker that waits for a request.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(kill: false);
        _process.Dispose();
    }

    private async Task EndAsync(bool kill)
    {
        IsAlive = false;
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Nobody reads any more, which is what closing is for.
        }

        if (kill && !_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        using var grace = new CancellationTokenSource(s_grace);
        try
        {
            await _process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    private void Remember(string? line)
    {
        lock (_errors)
        {
            if (line is not null)
            {
                _errors.Enqueue(line);
            }

            if (_errors.Count > MaxErrorLines)
            {
                _errors.Dequeue();
            }
        }
    }

    private string[] LastErrors()
    {
        lock (_errors)
        {
            return [.. _errors.TakeLast(3)];
        }
    }
}

/// <summary>How a worker is started.</summary>
internal sealed record WorkerCommand(string Program, IReadOnlyList<string> Arguments, string Folder, IReadOnlyDictionary<string, string> Environment);
