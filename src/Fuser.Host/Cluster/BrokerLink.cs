using Fuser.Actors.Core;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Fuser.Host.Cluster;

/// <summary>
/// Owns the connection to the broker. It connects, and connects again with growing pauses whenever the connection is gone; each time it has the topology declared and
/// the consumers started by <see cref="LinkUsers"/>. Messages to publish are confirmed by the broker; while there is none they are kept, up to a bound, or refused.
/// </summary>
internal sealed class BrokerLink : Actor
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(15);

    private readonly ConnectionFactory _factory;
    private readonly ClusterOptions _options;
    private readonly LinkStatus _status;
    private readonly LinkUsers _users;
    private readonly ILogger _logger;
    private readonly Queue<Publish> _kept = new();
    private LinkSession? _session;
    private TimeSpan _pause = FirstPause;

    public BrokerLink(ConnectionFactory factory, ClusterOptions options, LinkStatus status, LinkUsers users, ILogger logger)
    {
        _factory = factory;
        _options = options;
        _status = status;
        _users = users;
        _logger = logger;
    }

    protected override void PreStart() => Connect();

    protected override void PostStop()
    {
        _status.Set(LinkState.Closed, null);
        foreach (var message in _kept)
        {
            message.Done.TrySetException(Unavailable("the connection was closed"));
        }

        _kept.Clear();
        _ = _session?.CloseAsync();
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case Publish publish:
                Send(publish);
                break;
            case LinkSession session:
                Connected(session);
                break;
            case ConnectFailed failed:
                Retry(failed.Error);
                break;
            case Lost lost when ReferenceEquals(lost.Session, _session):
                _ = _session.CloseAsync();
                _session = null;
                _pause = FirstPause;
                ClusterLog.Lost(_logger, BrokerLogin.Shown(_options.Uri!), lost.Reason);
                Retry(null, lost.Reason);
                break;
            case Lost:
                break; // of a connection that was given up before
            case PublishFailed failed:
                Failed(failed);
                break;
            case Reconnect:
                Connect();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Connect()
    {
        Context.Status = $"connecting to {BrokerLogin.Shown(_options.Uri!)}";
        ReplyTo self = Self;
        OpenAsync(self).PipeTo(self, failure: error => new ConnectFailed(error));
    }

    private async Task<LinkSession> OpenAsync(ReplyTo self)
    {
        using var limit = new CancellationTokenSource(ConnectPatience);
        var connection = await _factory.CreateConnectionAsync(limit.Token).ConfigureAwait(false);
        try
        {
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), limit.Token).ConfigureAwait(false);
            var session = new LinkSession(connection, channel);
            connection.ConnectionShutdownAsync += (_, reason) =>
            {
                self.Tell(new Lost(session, reason.ReplyText));
                return Task.CompletedTask;
            };
            channel.ChannelShutdownAsync += (_, reason) =>
            {
                self.Tell(new Lost(session, reason.ReplyText));
                return Task.CompletedTask;
            };
            await _users.OpenAsync(connection, limit.Token).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Connected(LinkSession session)
    {
        _session = session;
        _pause = FirstPause;
        Context.Status = null;
        _status.Set(LinkState.Connected, null);
        ClusterLog.Connected(_logger, BrokerLogin.Shown(_options.Uri!));
        while (_kept.TryDequeue(out var message))
        {
            Send(message);
        }

        // Whoever waits for answers asks again: what was under way may be gone.
        _users.Reconnected();
        if (!session.Connection.IsOpen)
        {
            Self.Tell(new Lost(session, "closed while it was opened"));
        }
    }

    private void Retry(Exception? error, string? reason = null)
    {
        var text = reason ?? error?.Message ?? "";
        _status.Set(LinkState.Disconnected, text);
        if (error is not null)
        {
            ClusterLog.Unreachable(_logger, BrokerLogin.Shown(_options.Uri!), text, _pause.TotalSeconds);
        }

        Timers.StartSingleTimer(Reconnect.Instance, Reconnect.Instance, _pause);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, _options.MaxBackOff.Ticks));
    }

    private void Send(Publish publish)
    {
        if (_session is { Channel.IsOpen: true } session)
        {
            ReplyTo self = Self;
            _ = PublishAsync(session, publish, self);
        }
        else if (_options.WhenDisconnected == OutagePolicy.Keep && _kept.Count < _options.MaxKept)
        {
            _kept.Enqueue(publish);
            _status.Kept = _kept.Count;
        }
        else
        {
            _status.Refused();
            publish.Done.TrySetException(Unavailable(_options.WhenDisconnected == OutagePolicy.Keep ? $"{_options.MaxKept} messages wait for it already" : "messages are not kept meanwhile"));
        }

        _status.Kept = _kept.Count;
    }

    private static async Task PublishAsync(LinkSession session, Publish publish, ReplyTo self)
    {
        try
        {
            await session.Channel.BasicPublishAsync(publish.Exchange, publish.Key, publish.IsMandatory, publish.Properties, publish.Body).ConfigureAwait(false);
            publish.Done.TrySetResult();
        }
        catch (Exception error)
        {
            self.Tell(new PublishFailed(publish, error));
        }
    }

    /// <summary>What the broker did not take because it was gone is sent again; what it refuses is an error, and what it sends back has nobody to go to.</summary>
    private void Failed(PublishFailed failed)
    {
        switch (failed.Error)
        {
            case PublishException { IsReturn: true }:
                failed.Publish.Done.TrySetException(new HostException(ErrorCodes.ClusterTimeout, $"nobody listens at '{failed.Publish.Key}' of the cluster any more.", failed.Error));
                break;
            case PublishException when _session is { Channel.IsOpen: true }:
                failed.Publish.Done.TrySetException(new HostException(
                    ErrorCodes.BrokerUnavailable, $"the broker {BrokerLogin.Shown(_options.Uri!)} refused a message for '{failed.Publish.Key}': its queue is full, or the broker is. Come again later.", failed.Error));
                break;
            default:
                Send(failed.Publish);
                break;
        }
    }

    private HostException Unavailable(string detail) => new(
        ErrorCodes.BrokerUnavailable,
        $"the broker {BrokerLogin.Shown(_options.Uri!)} is not there, and {detail}. Start it, or check the address; see fuser.cluster.");

    private sealed record Lost(LinkSession Session, string Reason);

    private sealed record ConnectFailed(Exception Error);

    private sealed record PublishFailed(Publish Publish, Exception Error);

    private sealed class Reconnect
    {
        public static Reconnect Instance { get; } = new();
    }
}

/// <summary>A message for the link to publish.</summary>
/// <param name="IsMandatory">Whether it is an error when no queue takes it.</param>
internal sealed record Publish(string Exchange, string Key, BasicProperties Properties, ReadOnlyMemory<byte> Body, bool IsMandatory = false)
{
    /// <summary>Completes when the broker has it.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A connection with the channel that publishes.</summary>
internal sealed record LinkSession(IConnection Connection, IChannel Channel)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task CloseAsync()
    {
        try
        {
            await Connection.CloseAsync(Constants.ReplySuccess, "closed", Patience, abort: true).ConfigureAwait(false);
        }
        finally
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
