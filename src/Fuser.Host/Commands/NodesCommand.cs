using System.CommandLine;
using System.Globalization;
using Fuser.Host.Cluster.Wire;

namespace Fuser.Host.Commands;

/// <summary><c>nodes</c>: who is in a cluster, and who was until a while ago.</summary>
internal sealed class NodesCommand
{
    private readonly Terminal _terminal;
    private readonly Option<string> _cluster = new("--cluster") { Description = "The address of the cluster's broker, amqp://HOST:PORT/VHOST.", HelpName = "URI", Required = true };
    private readonly Option<bool> _json = CommonOptions.Json();

    public NodesCommand(Terminal terminal)
    {
        _terminal = terminal;
        Command = new Command("nodes", "Lists the nodes of a cluster, those that stopped or fell silent in the last ten minutes included.") { _cluster, _json };
        Command.SetAction(RunAsync);
    }

    /// <summary>The verb.</summary>
    public Command Command { get; }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var cluster = await FuserSource.ConnectAsync(arguments.GetRequiredValue(_cluster), cancellationToken).ConfigureAwait(false);
        var nodes = await cluster.NodesAsync(cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_json))
        {
            WriteJson(nodes);
            return ExitCode.Done;
        }

        var table = new TextTable("node", "state", "heard", "running", "open", "devices", "address", "version", "id");
        foreach (var node in nodes)
        {
            table.Add(
                node.Name,
                State(node),
                string.Create(CultureInfo.InvariantCulture, $"{node.Age / 1000.0:0.0} s ago"),
                node.Running.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"{node.Open} of {node.Capacity}"),
                string.Join(", ", node.Devices),
                string.Join(", ", node.Addresses),
                node.Product,
                node.Id);
        }

        table.Write(_terminal);
        await _terminal.Out.WriteLineAsync(nodes.Length == 1 ? "1 node" : $"{nodes.Length} nodes").ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static string State(Announcement node) => node.State.ToString().ToLowerInvariant();

    private void WriteJson(IReadOnlyList<Announcement> nodes) => JsonLine.Write(_terminal.Out, json =>
    {
        json.WriteStartArray("nodes");
        foreach (var node in nodes)
        {
            json.WriteStartObject();
            json.WriteString("id", node.Id);
            json.WriteString("name", node.Name);
            json.WriteString("version", node.Product);
            json.WriteString("state", State(node));
            json.WriteNumber("heard_ms", node.Age);
            json.WriteNumber("running", node.Running);
            json.WriteNumber("open", node.Open);
            json.WriteNumber("capacity", node.Capacity);
            json.WriteStartArray("devices");
            foreach (var device in node.Devices)
            {
                json.WriteStringValue(device);
            }

            json.WriteEndArray();
            json.WriteStartArray("addresses");
            foreach (var address in node.Addresses)
            {
                json.WriteStringValue(address);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
