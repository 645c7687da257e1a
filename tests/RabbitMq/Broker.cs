using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fuser.Testing;

namespace Fuser.RabbitMqTesting;

/// <summary>A RabbitMQ of one's own on loopback, in directories of its own; nothing of it is left when it is disposed.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly string _directory = Directory.CreateTempSubdirectory("fuser-broker-").FullName;
    private readonly int _port = FreePort();
    private readonly int _distribution = FreePort();
    private readonly int _names = FreePort();
    private readonly string _plugins;
    private readonly Func<Broker, string> _configuration;
    private Process? _process;

    /// <param name="plugins">Plugins to enable, such as <c>rabbitmq_auth_mechanism_ssl</c>.</param>
    /// <param name="configuration">Lines of its file of settings.</param>
    public Broker(string plugins = "", Func<Broker, string>? configuration = null)
    {
        _plugins = plugins;
        _configuration = configuration ?? (static _ => "");
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Missing => OperatingSystem.IsWindows() ? "the tests start RabbitMQ on Unix only"
        : File.Exists(Program) ? null
        : $"RabbitMQ is not installed ({TestServices.Advice})";

    /// <summary>Where it listens.</summary>
    public int Port => _port;

    /// <summary>Its address.</summary>
    public string Uri => $"amqp://127.0.0.1:{_port}";

    /// <summary>Starts it, over what it kept when it ran before, and waits until it takes connections.</summary>
    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(Of("environment"), "");
        await File.WriteAllTextAsync(Of("plugins"), $"[{_plugins}].\n");
        await File.WriteAllTextAsync(Of("rabbitmq.conf"), _configuration(this));
        var start = new ProcessStartInfo(Program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Settings())
        {
            start.Environment[name] = value;
        }

        var output = new List<string>();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"the broker ended:\n{string.Join('\n', output)}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(Hang.Limit);

        void Read(string? line)
        {
            lock (output)
            {
                output.Add(line ?? "");
            }

            if (line?.Contains("completed with", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Missing is null)
        {
            // The name server that Erlang starts beside it stays otherwise.
            var stop = new ProcessStartInfo("epmd", ["-kill"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (name, value) in Settings())
            {
                stop.Environment[name] = value;
            }

            using var process = Process.Start(stop)!;
            await process.WaitForExitAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private IEnumerable<(string Name, string Value)> Settings() =>
    [
        ("HOME", _directory),
        ("RABBITMQ_NODENAME", $"fuser{_port}@localhost"),
        ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_NODE_PORT", $"{_port}"),
        ("RABBITMQ_DIST_PORT", $"{_distribution}"),
        ("RABBITMQ_MNESIA_BASE", Of("mnesia")),
        ("RABBITMQ_LOG_BASE", Of("log")),
        ("RABBITMQ_CONFIG_FILE", Of("rabbitmq.conf")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", Of("plugins")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", Of("config")),
        ("RABBITMQ_CONF_ENV_FILE", Of("environment")),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ("ERL_EPMD_PORT", $"{_names}"),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
    ];

    private string Of(string name) => Path.Combine(_directory, name);

    /// <summary>
    /// Below the ports that systems give to outgoing connections: a broker takes half a minute to come up on a busy machine, and what is free now would be taken by then.
    /// </summary>
    private static int FreePort()
    {
        const int Lowest = 10_000, Highest = 32_000;
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(Lowest, Highest);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
    }
}
