using System.Diagnostics;

namespace Fuser.LoadTests.Targets;

/// <summary>A node in a process of its own, on loopback, with the settings of hocon/load-test.conf.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private NodeProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Memory, handles and threads of the process now.</summary>
    public (long Bytes, int Handles, int Threads) Resources
    {
        get
        {
            _process.Refresh();
            return (_process.WorkingSet64, Directory.Exists($"/proc/{_process.Id}/fd") ? Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length : _process.HandleCount, _process.Threads.Count);
        }
    }

    /// <param name="broker">Address of a broker; null for a node that is alone.</param>
    /// <param name="environment">Variables beside the process's own.</param>
    /// <param name="settings">As <c>--set</c> takes them.</param>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static async Task<NodeProcess> StartAsync(string name, string? broker = null, IReadOnlyDictionary<string, string>? environment = null, params string[] settings)
    {
        var start = Tool(
        [
            "serve", "--config", Path.Combine(Repository.Root, "hocon", "load-test.conf"), "--http", "http://127.0.0.1:0", "--set", $"fuser.node.name={name}",
            .. broker is null ? (string[])[] : ["--cluster", broker],
            .. settings.SelectMany(setting => (string[])["--set", setting]),
        ]);
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"node {name} could not be started");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartTimeout).ConfigureAwait(false);
            return line is null
                ? throw new InvalidOperationException($"node {name} ended before it listened; what it wrote on standard error says why")
                : new NodeProcess(process, new Uri(line.Split(' ')[^1]));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    /// <summary>The command line tool of this build, as a process.</summary>
    public static ProcessStartInfo Tool(IEnumerable<string> arguments) =>
        new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "dotnet-fuser.dll"), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true };

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync().ConfigureAwait(false);
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>Stops it for so long, as a machine that is out of breath would; it goes on even when the token ends the wait.</summary>
    public async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await SignalAsync("STOP").ConfigureAwait(false);
        try
        {
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false); // how long the fault lasts
        }
        finally
        {
            await SignalAsync("CONT").ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
