using Fuser.Actors;
using Fuser.Actors.Core;
using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using HostOptions = Fuser.Host.Configuration.HostOptions;

namespace Fuser.Host.Cluster;

/// <summary>
/// A node's part in its cluster: it takes requests from the queues of the devices it has, as many at a time as it can do, announces itself, and tells callers whose
/// request killed others. A request is answered, the answer confirmed by the broker, and only then acknowledged, so that one whose node dies goes to another.
/// </summary>
internal sealed class ClusterNode : IHostedLifecycleService, IAsyncDisposable
{
    private readonly FuserNode _node;
    private readonly HostOptions _options;
    private readonly Topology _topology;
    private readonly ClusterWorker _worker;
    private readonly LinkStatus _status;
    private readonly NodeRoster _roster;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly Func<IReadOnlyCollection<string>> _addresses;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IChannel> _consuming = [];
    private readonly Lock _lock = new();
    private string[] _devices = [];
    private volatile long[] _statistics = [];
    private ActorRef? _link;
    private ITimer? _announcing;

    public ClusterNode(
        FuserNode node,
        HostOptions options,
        TensorTransfer transfer,
        LinkStatus status,
        NodeRoster roster,
        IReadOnlyDictionary<string, string> environment,
        Func<IReadOnlyCollection<string>> addresses,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _node = node;
        _options = options;
        _status = status;
        _roster = roster;
        _environment = environment;
        _addresses = addresses;
        _time = time;
        _logger = loggers.CreateLogger("Fuser.Host.Cluster");
        _topology = new Topology(options.Cluster);
        _worker = new ClusterWorker(node, options.Cluster, transfer, time, _logger);
    }

    private ActorRef Link => _link ?? throw new InvalidOperationException("The node is not part of its cluster yet.");

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Joins once the node listens, as it says where.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var devices = await _node.Fuser.GetDevicesAsync(cancellationToken).ConfigureAwait(false);
        _devices = [.. devices.Where(device => device.IsAvailable).Select(device => device.Name)];
        var factory = BrokerLogin.Factory(_options.Cluster, _environment, $"fuser node {_node.Name}");
        var users = new LinkUsers(OpenAsync, () => _ = AnnounceAsync());
        _link = ((FuserSystem)_node.Fuser).Actors.ActorOf(Props.Create(() => new BrokerLink(factory, _options.Cluster, _status, users, _logger)), "broker-link");
        _announcing = _time.CreateTimer(_ => _ = AnnounceAsync(), null, _options.Cluster.PresenceInterval, _options.Cluster.PresenceInterval);
    }

    /// <summary>Takes nothing more from the broker; what was taken is finished while the node drains.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        IChannel[] channels;
        lock (_lock)
        {
            channels = [.. _consuming];
        }

        foreach (var channel in channels.Where(channel => channel.IsOpen))
        {
            foreach (var queue in WorkQueues())
            {
                try
                {
                    await channel.BasicCancelAsync(Tag(queue), noWait: false, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception error) when (error is AlreadyClosedException or OperationInterruptedException)
                {
                    ClusterLog.NotAcknowledged(_logger, error.Message); // the connection went first, and with it the consumer
                }
            }
        }

        await AnnounceAsync().ConfigureAwait(false);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_announcing is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_link is not null && _status.Now.State == LinkState.Connected)
        {
            var goodbye = Announcement();
            goodbye.State = NodeState.Stopped;
            try
            {
                await PublishAsync(_topology.Presence, "", new BasicProperties(), goodbye).WaitAsync(TimeSpan.FromSeconds(2), _time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is FuserException or TimeoutException or OperationCanceledException)
            {
                ClusterLog.NotAcknowledged(_logger, error.Message); // the others will see that it is silent
            }
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_announcing is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private IEnumerable<string> WorkQueues() => _devices.Select(Topology.ClassOf).OfType<string>().Distinct().Select(_topology.Work);

    private static string Tag(string queue) => $"work {queue}";

    /// <summary>Everything a new connection needs.</summary>
    private async Task OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var setUp = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await _topology.DeclareExchangesAsync(setUp, cancellationToken).ConfigureAwait(false);
        foreach (var deviceClass in Topology.Classes)
        {
            await _topology.DeclareWorkAsync(setUp, deviceClass, cancellationToken).ConfigureAwait(false);
        }

        await ConsumeAsync(setUp, await Topology.ListenAsync(setUp, _topology.Presence, cancellationToken).ConfigureAwait(false), autoAck: true, "presence", HeardAsync, cancellationToken).ConfigureAwait(false);
        await ConsumeAsync(setUp, await Topology.ListenAsync(setUp, _topology.Control, cancellationToken).ConfigureAwait(false), autoAck: true, "control", AskedAsync, cancellationToken).ConfigureAwait(false);
        await ConsumeAsync(setUp, _topology.DeadNotices, autoAck: false, "dead", PoisonAsync, cancellationToken).ConfigureAwait(false);

        if (_node.Gate.IsDraining)
        {
            return;
        }

        // As many as the node can do at once, and no more: the others are for other nodes.
        var concurrency = (ushort)Math.Min(ushort.MaxValue, _options.Limits.MaxConcurrent);
        var work = await connection.CreateChannelAsync(new CreateChannelOptions(false, false, consumerDispatchConcurrency: concurrency), cancellationToken).ConfigureAwait(false);
        await work.BasicQosAsync(0, concurrency, global: false, cancellationToken).ConfigureAwait(false);
        foreach (var queue in WorkQueues())
        {
            await ConsumeAsync(work, queue, autoAck: false, Tag(queue), WorkAsync, cancellationToken).ConfigureAwait(false);
        }

        lock (_lock)
        {
            _consuming.RemoveAll(channel => !channel.IsOpen);
            _consuming.Add(work);
        }
    }

    private static Task ConsumeAsync(IChannel channel, string queue, bool autoAck, string tag, Func<IChannel, BasicDeliverEventArgs, Task> receive, CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => receive(channel, delivery);
        return channel.BasicConsumeAsync(queue, autoAck, tag, consumer, cancellationToken);
    }

    private async Task WorkAsync(IChannel channel, BasicDeliverEventArgs delivery)
    {
        RunReply reply;
        try
        {
            reply = await _worker.AnswerAsync(WireFormat.Parse(RunRequest.Parser, delivery.Body), _stopping.Token).ConfigureAwait(false);
        }
        catch (HostException error)
        {
            // No request, or one of another version: whoever sent it may still be able to read why.
            ClusterLog.Dropped(_logger, delivery.RoutingKey, error.Message);
            reply = new RunReply { Version = WireFormat.Version, Id = WireFormat.Bytes(IdOf(delivery)), Node = _node.Name, Error = WireFormat.Describe(error) };
        }
        catch (OperationCanceledException)
        {
            return; // the node ends; another gets the request
        }

        await ReplyAsync(delivery, reply).ConfigureAwait(false);
        await AcknowledgeAsync(channel, delivery).ConfigureAwait(false);
    }

    /// <summary>A request that was handed out too often: its caller is told, and its message, which may be what kills nodes, is not looked at.</summary>
    private async Task PoisonAsync(IChannel channel, BasicDeliverEventArgs delivery)
    {
        var id = IdOf(delivery);
        ClusterLog.Poison(_logger, id);
        var error = new HostException(
            ErrorCodes.PoisonRequest,
            $"request {id} was handed out {_options.Cluster.DeliveryLimit + 1} times and never answered: it ended every node that took it, or nodes were restarted as often. It is kept in the queue {_topology.DeadExchange}.");
        await ReplyAsync(delivery, new RunReply { Version = WireFormat.Version, Id = WireFormat.Bytes(id), Node = _node.Name, Error = WireFormat.Describe(error) }).ConfigureAwait(false);
        await AcknowledgeAsync(channel, delivery).ConfigureAwait(false);
    }

    private Task HeardAsync(IChannel channel, BasicDeliverEventArgs delivery)
    {
        try
        {
            _roster.Heard(WireFormat.Parse(Wire.Announcement.Parser, delivery.Body));
        }
        catch (HostException error)
        {
            ClusterLog.Dropped(_logger, _topology.Presence, error.Message);
        }

        return Task.CompletedTask;
    }

    private async Task AskedAsync(IChannel channel, BasicDeliverEventArgs delivery)
    {
        try
        {
            var control = WireFormat.Parse(Control.Parser, delivery.Body);
            WireFormat.RequireVersion(control.Version);
            if (control.QuestionCase == Control.QuestionOneofCase.ClearKernels)
            {
                await _node.Fuser.ClearAsync(_stopping.Token).ConfigureAwait(false);
            }
            else if (control.QuestionCase == Control.QuestionOneofCase.NodesWanted && delivery.BasicProperties.ReplyTo is { } asker)
            {
                var directory = new Wire.Directory { Version = WireFormat.Version };
                directory.Nodes.AddRange(_roster.All.Where(node => node.Id != _node.Id).Append(Announcement()));
                await PublishAsync("", asker, new BasicProperties { Type = Topology.DirectoryType }, directory).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is FuserException or OperationCanceledException)
        {
            ClusterLog.Dropped(_logger, _topology.Control, error.Message);
        }
    }

    /// <summary>The request's id as its message says it outside, without looking in; empty when it says none.</summary>
    private static Guid IdOf(BasicDeliverEventArgs delivery) => Guid.TryParse(delivery.BasicProperties.CorrelationId, out var id) ? id : Guid.Empty;

    private async Task ReplyAsync(BasicDeliverEventArgs delivery, RunReply reply)
    {
        if (delivery.BasicProperties.ReplyTo is not { Length: > 0 } caller)
        {
            ClusterLog.Dropped(_logger, delivery.RoutingKey, "it does not say where the answer shall go");
            return;
        }

        try
        {
            await PublishAsync("", caller, new BasicProperties { CorrelationId = delivery.BasicProperties.CorrelationId, Persistent = true }, reply, isMandatory: true).ConfigureAwait(false);
        }
        catch (HostException error)
        {
            ClusterLog.Dropped(_logger, caller, error.Message); // the caller is gone, and its queue with it
        }
    }

    private async Task AcknowledgeAsync(IChannel channel, BasicDeliverEventArgs delivery)
    {
        try
        {
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false).ConfigureAwait(false);
        }
        catch (Exception error) when (error is AlreadyClosedException or OperationInterruptedException)
        {
            ClusterLog.NotAcknowledged(_logger, error.Message);
        }
    }

    private async Task PublishAsync(string exchange, string key, BasicProperties properties, IMessage message, bool isMandatory = false)
    {
        var publish = new Publish(exchange, key, properties, message.ToByteArray(), isMandatory);
        Link.Tell(publish);
        await publish.Done.Task.ConfigureAwait(false);
    }

    private async Task AnnounceAsync()
    {
        if (_status.Now.State != LinkState.Connected)
        {
            return;
        }

        try
        {
            _statistics = NodeStatistics.Describe(await _node.Fuser.GetStatisticsAsync(_stopping.Token).ConfigureAwait(false));
            var announcement = Announcement();
            _roster.Heard(announcement);
            await PublishAsync(_topology.Presence, "", new BasicProperties(), announcement).ConfigureAwait(false);
        }
        catch (Exception error) when (error is FuserException or OperationCanceledException or ObjectDisposedException)
        {
            ClusterLog.Dropped(_logger, _topology.Presence, error.Message); // the next one may go through
        }
    }

    private Announcement Announcement()
    {
        var announcement = new Announcement
        {
            Version = WireFormat.Version,
            Id = _node.Id,
            Name = _node.Name,
            Product = FuserNode.Version,
            State = _node.Gate.IsDraining ? NodeState.Draining : NodeState.Ready,
            Started = _node.Started.ToUnixTimeMilliseconds(),
            Open = _node.Gate.Open,
            Running = _node.Gate.Running,
            Waiting = _node.Gate.Waiting,
            Capacity = _options.Limits.MaxConcurrent + _options.Limits.MaxQueue,
            MemoryUsed = _node.Gate.Memory.Used,
            MemoryLimit = _node.Gate.Memory.Limit,
        };
        announcement.Addresses.AddRange(_addresses());
        announcement.Devices.AddRange(_devices);
        announcement.Statistics.AddRange(_statistics);
        return announcement;
    }
}
