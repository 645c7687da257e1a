using Fuser.Host.Configuration;
using RabbitMQ.Client;

namespace Fuser.Host.Cluster;

/// <summary>
/// The queues and exchanges of a cluster, by name. Everyone declares what it uses, in the same words, so it does not matter who comes first.
/// </summary>
internal sealed class Topology(ClusterOptions options)
{
    /// <summary>How long the answers to a caller that is gone are kept.</summary>
    private const int ReplyExpiry = 10 * 60 * 1000;

    /// <summary>Requests that killed nodes, kept for whoever wants to know why.</summary>
    private const int MostDead = 1000;

    private const int MostAnnouncements = 10_000;

    /// <summary>Classes that there may be devices of.</summary>
    public static readonly string[] Classes = ["cpu", "interpreter", "opencl", "cuda"];

    /// <summary>Type of the messages that answer who is there.</summary>
    public const string DirectoryType = "directory";

    private string Prefix => $"fuser.{options.Name}";

    /// <summary>Goes to all who want to know the nodes.</summary>
    public string Presence => $"{Prefix}.presence";

    /// <summary>Goes to all nodes.</summary>
    public string Control => $"{Prefix}.control";

    /// <summary>Where requests go that were handed out too often.</summary>
    public string DeadExchange => $"{Prefix}.dead";

    /// <summary>The same requests for the nodes, which tell the callers.</summary>
    public string DeadNotices => $"{Prefix}.dead.notices";

    /// <summary>Requests for a class of devices: cpu, opencl, cuda.</summary>
    public string Work(string deviceClass) => $"{Prefix}.work.{deviceClass}";

    /// <summary>Answers for one caller.</summary>
    public string Replies(string client) => $"{Prefix}.replies.{client}";

    /// <summary>The class of a device: its name without its number; null for what is none.</summary>
    public static string? ClassOf(string device) => Array.Find(Classes, known => device == known || device.StartsWith($"{known}:", StringComparison.Ordinal));

    public async Task DeclareWorkAsync(IChannel channel, string deviceClass, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(DeadExchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var dead in (string[])[DeadExchange, DeadNotices])
        {
            await channel.QueueDeclareAsync(dead, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = MostDead }, cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.QueueBindAsync(dead, DeadExchange, "", cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        var arguments = new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum",
            ["x-delivery-limit"] = options.DeliveryLimit,
            ["x-dead-letter-exchange"] = DeadExchange,
        };
        await channel.QueueDeclareAsync(Work(deviceClass), durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public Task DeclareRepliesAsync(IChannel channel, string client, CancellationToken cancellationToken) => channel.QueueDeclareAsync(
        Replies(client), durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-expires"] = ReplyExpiry }, cancellationToken: cancellationToken);

    public async Task DeclareExchangesAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Presence, ExchangeType.Fanout, durable: false, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(Control, ExchangeType.Fanout, durable: false, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A queue of this connection's own that hears what goes to an exchange.</summary>
    /// <returns>Its name.</returns>
    public static async Task<string> ListenAsync(IChannel channel, string exchange, CancellationToken cancellationToken)
    {
        var queue = await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, new Dictionary<string, object?> { ["x-max-length"] = MostAnnouncements }, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(queue.QueueName, exchange, "", cancellationToken: cancellationToken).ConfigureAwait(false);
        return queue.QueueName;
    }
}
