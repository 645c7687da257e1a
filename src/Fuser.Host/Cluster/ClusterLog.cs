using Microsoft.Extensions.Logging;

namespace Fuser.Host.Cluster;

/// <summary>Log events of the cluster; ids 400 to 499. No event has a password or an element of an array in it.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(400, LogLevel.Information, "Connected to the broker {Broker}")]
    public static partial void Connected(ILogger logger, string broker);

    [LoggerMessage(401, LogLevel.Warning, "The connection to the broker {Broker} was lost: {Reason}")]
    public static partial void Lost(ILogger logger, string broker, string reason);

    [LoggerMessage(402, LogLevel.Warning, "The broker {Broker} cannot be reached: {Problem} Next try in {Seconds} s")]
    public static partial void Unreachable(ILogger logger, string broker, string problem, double seconds);

    [LoggerMessage(403, LogLevel.Warning, "A message of {Queue} was dropped: {Reason}")]
    public static partial void Dropped(ILogger logger, string queue, string reason);

    [LoggerMessage(404, LogLevel.Warning, "Request {Id} was handed out too often and is in the dead-letter queue; its caller was told")]
    public static partial void Poison(ILogger logger, Guid id);

    [LoggerMessage(405, LogLevel.Debug, "Request {Id} came again and was answered from memory")]
    public static partial void Repeated(ILogger logger, Guid id);

    [LoggerMessage(406, LogLevel.Error, "Request {Id} failed")]
    public static partial void RequestFailed(ILogger logger, Guid id, Exception cause);

    [LoggerMessage(407, LogLevel.Debug, "An acknowledgement was not taken: {Reason} The request comes again")]
    public static partial void NotAcknowledged(ILogger logger, string reason);
}
