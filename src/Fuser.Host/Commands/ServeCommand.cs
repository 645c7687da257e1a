using System.CommandLine;
using System.CommandLine.Parsing;
using Fuser.Host.Configuration;
using Fuser.Host.Http;
using Fuser.Kernels;

namespace Fuser.Host.Commands;

/// <summary><c>serve</c>: a host node, until the process is told to stop.</summary>
internal sealed class ServeCommand
{
    private readonly Terminal _terminal;
    private readonly Option<string?> _config = new("--config") { Description = "Settings in HOCON; hocon/reference.conf lists them. Without it, the defaults.", HelpName = "FILE" };
    private readonly Option<string?> _http = new("--http") { Description = "Where to listen: http://127.0.0.1:5080 (the default), https://..., port 0 for any free one.", HelpName = "URL" };
    private readonly Option<string?> _cluster = new("--cluster") { Description = "Join a cluster: the address of its broker, amqp://HOST:PORT/VHOST.", HelpName = "URI" };
    private readonly Option<string[]> _set = new("--set") { Description = "One setting, over the file and the environment: fuser.limits.max-queue=16.", HelpName = "KEY=VALUE", CustomParser = Assignments };

    public ServeCommand(Terminal terminal)
    {
        _terminal = terminal;
        Command = new Command("serve", "Serves graphs over HTTP.") { _config, _http, _cluster, _set };
        Command.SetAction(RunAsync);
    }

    /// <summary>The verb.</summary>
    public Command Command { get; }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var environment = HostConfiguration.ProcessEnvironment();
        var options = HostConfiguration.Load(arguments.GetValue(_config), environment, Settings(arguments));
        var node = HttpNode.Create(options, environment);
        await using (node.ConfigureAwait(false))
        {
            await node.StartAsync(cancellationToken).ConfigureAwait(false);
            await _terminal.Out.WriteLineAsync($"{options.Node.Name} listens on {string.Join(", ", node.Addresses)}").ConfigureAwait(false);
            await _terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
            await node.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        }

        return node switch
        {
            { LostItsActors: true } => throw new HostException(ErrorCodes.Stopped, "the node's actor system ended by itself. The log says why; start the node again."),
            { Unfinished: > 0 } => throw new HostException(
                ErrorCodes.NodeDraining,
                $"{node.Unfinished} accepted requests were not finished in {options.Node.ShutdownTimeout.TotalSeconds:0.#} s and were dropped. Raise fuser.node.shutdown-timeout."),
            _ => ExitCode.Done,
        };
    }

    private IEnumerable<(string Key, string Value, string Place)> Settings(ParseResult arguments)
    {
        foreach (var assignment in arguments.GetValue(_set) ?? [])
        {
            var equals = assignment.IndexOf('=');
            yield return (assignment[..equals].Trim().Replace('.', ':'), assignment[(equals + 1)..], "--set");
        }

        if (arguments.GetValue(_http) is { } url)
        {
            yield return ($"{SettingName.Root}:http:url", url, "--http");
        }

        if (arguments.GetValue(_cluster) is { } cluster)
        {
            yield return ($"{SettingName.Root}:cluster:uri", cluster, "--cluster");
        }
    }

    private static string[] Assignments(ArgumentResult result)
    {
        var texts = result.Tokens.Select(token => token.Value).ToArray();
        if (Array.Find(texts, text => text.IndexOf('=') < 1) is { } wrong)
        {
            result.AddError($"--set got '{wrong}', wanted KEY=VALUE");
        }

        return texts;
    }
}
