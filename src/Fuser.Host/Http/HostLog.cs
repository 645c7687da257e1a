using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fuser.Host.Http;

/// <summary>Log events of the host node; ids 300 to 399. No event has a key, a header or a body in it.</summary>
internal static partial class HostLog
{
    [LoggerMessage(300, LogLevel.Information, "Node {Name} {Version} listens on {Addresses}: {Concurrent} requests at a time and {Queue} more, {Memory} bytes of memory for arrays")]
    public static partial void Started(ILogger logger, string name, string version, string addresses, int concurrent, int queue, long memory);

    [LoggerMessage(301, LogLevel.Warning, "Node {Name} can be reached from other machines and nobody has to say who they are")]
    public static partial void Open(ILogger logger, string name);

    [LoggerMessage(302, LogLevel.Warning, "API keys come over {Url} without encryption; put TLS in front of it, or set fuser.http.tls")]
    public static partial void KeysInTheClear(ILogger logger, string url);

    [LoggerMessage(303, LogLevel.Information, "Node {Name} takes no new work; {Open} requests are in hand, and have {Seconds} s")]
    public static partial void Draining(ILogger logger, string name, int open, double seconds);

    [LoggerMessage(304, LogLevel.Information, "Node {Name} has finished all requests")]
    public static partial void Drained(ILogger logger, string name);

    [LoggerMessage(305, LogLevel.Error, "{Method} {Path} failed with {Code}")]
    public static partial void RequestFailed(ILogger logger, string method, PathString path, string code, Exception cause);

    [LoggerMessage(306, LogLevel.Debug, "The caller of {Path} is gone ({Error})")]
    public static partial void CallerGone(ILogger logger, PathString path, string error);

    [LoggerMessage(307, LogLevel.Warning, "{Method} {Path} was refused: {Reason}")]
    public static partial void Refused(ILogger logger, string method, PathString path, string reason);

    [LoggerMessage(308, LogLevel.Error, "The certificate files have changed and cannot be used; the old ones stay in use")]
    public static partial void CertificateKept(ILogger logger, Exception cause);

    [LoggerMessage(309, LogLevel.Information, "{Caller} removed {What}")]
    public static partial void Removed(ILogger logger, string caller, string what);

    [LoggerMessage(310, LogLevel.Critical, "The actor system ended by itself; the node ends with it")]
    public static partial void ActorsEnded(ILogger logger, Exception? cause);

    [LoggerMessage(311, LogLevel.Error, "Node {Name} drops {Open} requests that were not finished in {Seconds} s")]
    public static partial void NotDrained(ILogger logger, string name, int open, double seconds);
}
