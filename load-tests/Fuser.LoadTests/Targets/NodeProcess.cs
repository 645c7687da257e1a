using System.Diagnostics;

namespace Fuser.LoadTests.Targets;

/// <summary>A node in a process of its own.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
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
            return (_process.WorkingSet64, Directory.Exists($"/proc/{_process.Id}/fd") ? Directory.GetFiles($"/proc/{_process.Id}/fd").Length : _process.HandleCount, _process.Threads.Count);
        }
    }

    /// <param name="broker">Address of a broker; null for a node that is alone.</param>
    public static async Task<NodeProcess> StartAsync(string name, string? broker, params string[] settings)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        string[] all =
        [
            Path.Combine(AppContext.BaseDirectory, "dotnet-fuser.dll"), "serve", "--http", "http://127.0.0.1:0", "--set", $"fuser.node.name={name}", "--set", "fuser.telemetry.log-level=none",
            .. broker is null ? (string[])[] : ["--cluster", broker],
            .. settings.SelectMany(setting => (string[])["--set", setting]),
        ];
        Array.ForEach(all, start.ArgumentList.Add);
        var process = Process.Start(start) ?? throw new InvalidOperationException("a node could not be started");
        var line = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) ?? throw new InvalidOperationException($"node {name} ended before it listened");
        return new NodeProcess(process, new Uri(line.Split(' ')[^1]));
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>Sends a signal, such as STOP.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
