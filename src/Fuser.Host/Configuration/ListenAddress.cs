using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fuser.Kernels;

namespace Fuser.Host.Configuration;

/// <summary>Where a node listens.</summary>
/// <param name="IsSecure">Whether with TLS.</param>
/// <param name="Address">The address of an interface, or the one that stands for all.</param>
/// <param name="Port">0 for any free one.</param>
internal sealed record ListenAddress(bool IsSecure, IPAddress Address, int Port)
{
    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Where options that were checked say that a node listens.</summary>
    /// <exception cref="InternalFuserException">They were not checked.</exception>
    public static ListenAddress Of(HttpOptions options) =>
        TryParse(options.Url, out var address) ? address : throw new InternalFuserException(ErrorCodes.Internal, $"'{options.Url}' is no address, and was not refused");

    /// <summary>Reads <c>http://ADDRESS:PORT</c> or <c>https://ADDRESS:PORT</c>. Names other than localhost are not looked up: what they mean can change.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;

        // "*" and "+" are what the platform's own tools take for every interface.
        var normal = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(normal, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            return false;
        }

        var host = uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" : uri.Host.Trim('[', ']');
        if (!IPAddress.TryParse(host, out var ip))
        {
            return false;
        }

        address = new ListenAddress(uri.Scheme == "https", ip, uri.Port);
        return true;
    }
}
