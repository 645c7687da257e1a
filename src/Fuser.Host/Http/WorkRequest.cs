using Fuser.Host.Node;
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
        using var ticket = node.Admit();
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
}
