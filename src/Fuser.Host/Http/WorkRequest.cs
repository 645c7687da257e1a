using System.Net.Sockets;
using Fuser.Host.Node;
using Fuser.Host.Security;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;

namespace Fuser.Host.Http;

/// <summary>One request for work: taken on or turned away, done, and counted by how it ended.</summary>
internal static class WorkRequest
{
    /// <param name="work">Everything from the first byte of the body to the last byte of the answer; the node waits for it when it shuts down.</param>
    /// <exception cref="NodeBusyException">The node has enough to do, or shuts down.</exception>
    public static async Task DoAsync(HttpContext context, FuserNode node, Func<WorkTicket, Task> work)
    {
        using var ticket = node.Receive(CallerOf(context));
        try
        {
            await work(ticket).ConfigureAwait(false);
            node.Telemetry.Done();
        }
        catch (NodeBusyException busy)
        {
            node.Telemetry.Refused(busy.Code);
            throw;
        }
        catch (Exception error)
        {
            node.Telemetry.Failed(context.RequestAborted.IsCancellationRequested ? ErrorCodes.Interrupted : Problem.Describe(error).Code);
            throw;
        }
    }

    /// <summary>Whose share of the bodies it counts to: the name of the key or certificate, else the address, of IPv6 the network.</summary>
    private static string CallerOf(HttpContext context)
    {
        const int NetworkBytes = 8;
        return context.Features.Get<Caller>() is { } caller && caller != Caller.Anyone ? caller.Name
            : context.Connection.RemoteIpAddress is not { } address ? ""
            : address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, NetworkBytes))
            : address.MapToIPv4().ToString();
    }
}
