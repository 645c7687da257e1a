using System.Diagnostics;

namespace Fuser.Host.Tests.Cluster;

/// <summary>A node as its users start it: a process of its own, in a cluster.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _log = [];

    private NodeProcess(Process process, string address)
    {
        _process = process;
        Address = address;
    }

    public string Address { get; }

    public int Id => _process.Id;

    /// <summary>What it logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    public static async Task<NodeProcess> StartAsync(string broker, string cluster, string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        string[] all =
        [
            Path.Combine(AppContext.BaseDirectory, "dotnet-fuser.dll"), "serve", "--http", "http://127.0.0.1:0", "--cluster", broker,
            "--set", $"fuser.node.name={name}", "--set", $"fuser.cluster.name={cluster}", .. arguments,
        ];
        Array.ForEach(all, start.ArgumentList.Add);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync();
        var node = new NodeProcess(process, line is null ? "" : line.Split(' ')[^1]);
        process.ErrorDataReceived += (_, error) =>
        {
            lock (node._log)
            {
                node._log.Add(error.Data ?? "");
            }
        };
        process.BeginErrorReadLine();
        if (line is null)
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"node {name} did not start:\n{node.Log}");
        }

        return node;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
