using System.Collections.Concurrent;
using System.Collections.Immutable;
using Fuser.Actors;
using Fuser.Actors.Core;
using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Fuser.Host.Cluster;

/// <summary>
/// A cluster as its users see it: the same <see cref="IFuser"/> as the embedded system, whose functions are run by whichever node is free, with the same bits. A request
/// is sent again, under the same id, when its node or the broker is lost; its caller sees one answer.
/// </summary>
public sealed class FuserCluster : IFuser
{
    private readonly ClusterOptions _options;
    private readonly Topology _topology;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LinkStatus _status;
    private readonly NodeRoster _roster;
    private readonly HeldArrays _held;
    private readonly ArrayServer _server;
    private readonly HttpClient _http = TensorTransfer.CreateClient();
    private readonly FuserSystem _local;
    private readonly ConcurrentDictionary<Guid, PendingRequest> _pending = new();
    private readonly string _client = Guid.NewGuid().ToString("n");
    private readonly ActorRef _link;
    private TaskCompletionSource _directory = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FuserCluster(ClusterOptions options, IReadOnlyDictionary<string, string> environment, TimeProvider time, ILoggerFactory loggers)
    {
        var factory = BrokerLogin.Factory(options, environment, $"fuser caller {Environment.MachineName}");
        _options = options;
        _topology = new Topology(options);
        _time = time;
        _logger = loggers.CreateLogger("Fuser.Host.Cluster");
        _status = new LinkStatus(time);
        _roster = new NodeRoster(options.PresenceInterval, time);
        _held = new HeldArrays(options, time);
        _server = new ArrayServer(_held, options.ListenUrl, options.AdvertiseUrl);
        Transfer = new TensorTransfer(options, _held, _http, () => _server.Url);
        _local = new FuserSystem(new FuserOptions(), time, loggers);
        _link = _local.Actors.ActorOf(Props.Create(() => new BrokerLink(factory, options, _status, new LinkUsers(OpenAsync, Reconnected), _logger)), "broker-link");
    }

    internal TensorTransfer Transfer { get; }

    internal HeldArrays Held => _held;

    internal ClusterOptions Options => _options;

    /// <summary>When a request that is made now is given up.</summary>
    internal DateTimeOffset Deadline => _time.GetUtcNow() + _options.RequestTimeout;

    /// <summary>Connects to a broker.</summary>
    /// <param name="uri">amqp://HOST:PORT/VHOST, or amqps://... Without a user, <see cref="FuserClusterOptions.User"/> logs in.</param>
    /// <exception cref="FuserException">The broker cannot be reached in time, or refuses the login.</exception>
    public static async ValueTask<FuserCluster> ConnectAsync(string uri, FuserClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        options ??= new FuserClusterOptions();
        return await ConnectAsync(options.Settings(uri), HostConfiguration.ProcessEnvironment(), options.ConnectTimeout, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="environment">Where the password may be.</param>
    /// <param name="patience">How long it may take.</param>
    /// <exception cref="HostException">The broker cannot be reached in time, or refuses the login; a setting is wrong.</exception>
    internal static async ValueTask<FuserCluster> ConnectAsync(ClusterOptions options, IReadOnlyDictionary<string, string> environment, TimeSpan patience, CancellationToken cancellationToken)
    {
        var cluster = new FuserCluster(options, environment, TimeProvider.System, NullLoggerFactory.Instance);
        try
        {
            await cluster.WaitForBrokerAsync(patience, cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<FusedFunction> RegisterAsync(Graph graph, CancellationToken cancellationToken = default)
    {
        // The graph is checked here: what no node could run is refused before anything is sent.
        var local = await _local.RegisterAsync(graph, cancellationToken).ConfigureAwait(false);
        return new ClusterFunction(this, local);
    }

    /// <summary>A function of this process, for work that is too small to send.</summary>
    internal FusedFunction Local(Graph graph) => _local.Register(graph);

    /// <summary>Counters of all nodes that are known, as of their last announcements.</summary>
    public async ValueTask<FuserStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default)
    {
        var nodes = await NodesAsync(cancellationToken).ConfigureAwait(false);
        return NodeStatistics.Sum(nodes.Where(IsThere).Select(node => node.Statistics));
    }

    /// <summary>The devices of all nodes; each by the name that a node runs it by, however many nodes have one.</summary>
    public async ValueTask<IReadOnlyList<DeviceDescription>> GetDevicesAsync(CancellationToken cancellationToken = default)
    {
        var nodes = await NodesAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. nodes.Where(IsThere).SelectMany(node => node.Devices.Select(device => (Device: device, node.Name))).GroupBy(pair => pair.Device, StringComparer.Ordinal)
                .Select(device => new DeviceDescription(device.Key, true, $"on {string.Join(", ", device.Select(pair => pair.Name))}")),
        ];
    }

    /// <summary>Has every node forget its compiled kernels.</summary>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        await PublishAsync(_topology.Control, "", new BasicProperties(), new Control { Version = WireFormat.Version, ClearKernels = new ClearKernels() }).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _local.DisposeAsync().ConfigureAwait(false);
        foreach (var pending in _pending.Values)
        {
            pending.Answer.TrySetException(new HostException(ErrorCodes.Stopped, "the connection to the cluster was closed before the answer was there."));
        }

        await _server.DisposeAsync().ConfigureAwait(false);
        _http.Dispose();
        _status.Dispose();
    }

    /// <summary>The nodes, asked now, those that stopped or fell silent included.</summary>
    internal async Task<ImmutableArray<Announcement>> NodesAsync(CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _directory, answered);
        await PublishAsync(_topology.Control, "", new BasicProperties { ReplyTo = _topology.Replies(_client) }, new Control { Version = WireFormat.Version, NodesWanted = new NodesWanted() }).WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Every node answers, and the first knows of all that have announced themselves.
            await answered.Task.WaitAsync(_options.PresenceInterval, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nobody is there, or was heard of earlier.
        }

        return _roster.All;
    }

    private async Task WaitForBrokerAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await _status.FirstConnection.WaitAsync(patience, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new HostException(
                ErrorCodes.BrokerUnavailable,
                $"the broker {BrokerLogin.Shown(_options.Uri!)} was not reached in {patience.TotalSeconds:0.#} s: {_status.Now.Problem ?? "it does not answer"} Start it, or check the address, the user and the password.",
                error);
        }
    }

    internal Task ListenAsync(CancellationToken cancellationToken) => _server.EnsureListeningAsync(cancellationToken);

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="graphText">Sent when a node asks for it.</param>
    /// <exception cref="FuserException">The node's error, or that there was no answer in time.</exception>
    internal async Task<RunReply> AskAsync(RunRequest request, Guid id, string deviceClass, Func<string> graphText, CancellationToken cancellationToken)
    {
        var pending = new PendingRequest(request, _topology.Work(deviceClass), graphText);
        _pending[id] = pending;
        try
        {
            // Sent again after half the time, in case the first was lost.
            var half = _options.RequestTimeout / 2;
            return await SendAndWaitAsync(id, pending, half, cancellationToken).ConfigureAwait(false)
                ?? await SendAndWaitAsync(id, pending, half, cancellationToken).ConfigureAwait(false)
                ?? throw Unanswered();
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }

        HostException Unanswered()
        {
            var nodes = _roster.All.Count(IsThere);
            return new HostException(
                ErrorCodes.ClusterTimeout,
                $"request {id} for {deviceClass} was not answered in {_options.RequestTimeout.TotalSeconds:0.#} s; {nodes} nodes of cluster '{_options.Name}' are known. Start nodes with that device, or give it more time.");
        }
    }

    /// <summary>The answer, or null when there is none in time.</summary>
    private async Task<RunReply?> SendAndWaitAsync(Guid id, PendingRequest pending, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var start = _time.GetTimestamp();
            await SendAsync(id, pending).WaitAsync(patience, _time, cancellationToken).ConfigureAwait(false);
            var left = patience - _time.GetElapsedTime(start);
            return await pending.Answer.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static bool IsThere(Announcement node) => node.State is NodeState.Ready or NodeState.Draining;

    private async Task OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await _topology.DeclareExchangesAsync(channel, cancellationToken).ConfigureAwait(false);
        foreach (var deviceClass in Topology.Classes)
        {
            await _topology.DeclareWorkAsync(channel, deviceClass, cancellationToken).ConfigureAwait(false);
        }

        await _topology.DeclareRepliesAsync(channel, _client, cancellationToken).ConfigureAwait(false);
        var replies = new AsyncEventingBasicConsumer(channel);
        replies.ReceivedAsync += (_, delivery) => AnsweredAsync(channel, delivery);
        await channel.BasicConsumeAsync(_topology.Replies(_client), autoAck: false, replies, cancellationToken).ConfigureAwait(false);
        var presence = new AsyncEventingBasicConsumer(channel);
        presence.ReceivedAsync += (_, delivery) =>
        {
            Hear(() => [WireFormat.Parse(Announcement.Parser, delivery.Body)]);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(await Topology.ListenAsync(channel, _topology.Presence, cancellationToken).ConfigureAwait(false), autoAck: true, presence, cancellationToken).ConfigureAwait(false);
    }

    private void Hear(Func<IEnumerable<Announcement>> announcements)
    {
        try
        {
            foreach (var announcement in announcements())
            {
                _roster.Heard(announcement);
            }
        }
        catch (HostException error)
        {
            ClusterLog.Dropped(_logger, _topology.Presence, error.Message);
        }
    }

    /// <summary>What was under way may be lost with the connection: it is asked for again, and what was answered meanwhile comes from the nodes' memory.</summary>
    private void Reconnected()
    {
        foreach (var (id, pending) in _pending)
        {
            _ = ObserveAsync(SendAsync(id, pending));
        }
    }

    private async Task AnsweredAsync(IChannel channel, BasicDeliverEventArgs delivery)
    {
        if (delivery.BasicProperties.Type == Topology.DirectoryType)
        {
            Hear(() => WireFormat.Parse(Wire.Directory.Parser, delivery.Body).Nodes);
            Volatile.Read(ref _directory).TrySetResult();
        }
        else
        {
            Answered(delivery.Body);
        }

        try
        {
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false).ConfigureAwait(false);
        }
        catch (Exception error) when (error is AlreadyClosedException or OperationInterruptedException)
        {
            ClusterLog.NotAcknowledged(_logger, error.Message);
        }
    }

    private void Answered(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reply = WireFormat.Parse(RunReply.Parser, body);
            WireFormat.RequireVersion(reply.Version);
            var id = WireFormat.Id(reply.Id);
            if (!_pending.TryGetValue(id, out var pending))
            {
                return; // answered before, by the node that had it first, or given up
            }

            if (reply.OutcomeCase == RunReply.OutcomeOneofCase.GraphWanted)
            {
                _ = ObserveAsync(SendAsync(id, pending.WithGraph()));
            }
            else
            {
                pending.Answer.TrySetResult(reply);
            }
        }
        catch (HostException error)
        {
            ClusterLog.Dropped(_logger, _topology.Replies(_client), error.Message);
        }
    }

    private Task SendAsync(Guid id, PendingRequest pending) => PublishAsync(
        "",
        pending.Queue,
        new BasicProperties { CorrelationId = id.ToString(), ReplyTo = _topology.Replies(_client), Persistent = true },
        pending.Request,
        isMandatory: true);

    private async Task PublishAsync(string exchange, string key, BasicProperties properties, IMessage message, bool isMandatory = false)
    {
        var publish = new Publish(exchange, key, properties, message.ToByteArray(), isMandatory);
        _link.Tell(publish);
        await publish.Done.Task.ConfigureAwait(false);
    }

    private async Task ObserveAsync(Task sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (FuserException error)
        {
            ClusterLog.Dropped(_logger, "a request that was sent again", error.Message); // its caller's time runs on
        }
    }

    private sealed class PendingRequest(RunRequest request, string queue, Func<string> graphText)
    {
        public TaskCompletionSource<RunReply> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RunRequest Request { get; private set; } = request;

        public string Queue => queue;

        /// <summary>With the graph's text from now on, as other nodes may not have it either.</summary>
        public PendingRequest WithGraph()
        {
            if (Request.GraphText.Length == 0)
            {
                var complete = Request.Clone();
                complete.GraphText = graphText();
                Request = complete;
            }

            return this;
        }
    }
}
