using System.CommandLine;
using Fuser.Actors;

namespace Fuser.Host.Commands;

/// <summary><c>devices</c>: what can be run on here, and why other devices cannot.</summary>
internal sealed class DevicesCommand
{
    private readonly Terminal _terminal;
    private readonly Option<bool> _json = CommonOptions.Json();

    public DevicesCommand(Terminal terminal)
    {
        _terminal = terminal;
        Command = new Command("devices", "Lists the devices that --device takes, the default first.") { _json };
        Command.SetAction(RunAsync);
    }

    /// <summary>The verb.</summary>
    public Command Command { get; }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var devices = await fuser.GetDevicesAsync(cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_json))
        {
            WriteJson(devices);
            return ExitCode.Done;
        }

        var table = new TextTable("device", "available", "description");
        foreach (var device in devices)
        {
            table.Add(device.Name, device.IsAvailable ? "yes" : "no", device.Description);
        }

        table.Write(_terminal);
        return ExitCode.Done;
    }

    private void WriteJson(IReadOnlyList<DeviceDescription> devices) => JsonLine.Write(_terminal.Out, json =>
    {
        json.WriteStartArray("devices");
        foreach (var device in devices)
        {
            json.WriteStartObject();
            json.WriteString("name", device.Name);
            json.WriteBoolean("available", device.IsAvailable);
            json.WriteString("description", device.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
