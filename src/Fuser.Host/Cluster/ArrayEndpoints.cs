using Fuser.Host.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fuser.Host.Cluster;

/// <summary>Arrays that are held for others. Knowing the hash is the permission: only who was sent it in a message, or has the array, knows it.</summary>
internal sealed class ArrayEndpoints(HeldArrays held)
{
    private const int HashDigits = 64;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet($"{TensorTransfer.Path}{{hash}}", SendAsync).OpenToAll();
        endpoints.MapDelete($"{TensorTransfer.Path}{{hash}}", ReleaseAsync).OpenToAll();
    }

    private async Task SendAsync(HttpContext context)
    {
        if (!held.TryFind(Hash(context), out var array, out var length))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = length;
        foreach (var piece in HeldArrays.Pieces(array, length))
        {
            await context.Response.Body.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private Task ReleaseAsync(HttpContext context)
    {
        if (Hash(context) is { Length: HashDigits } hash && hash.All(char.IsAsciiHexDigitLower))
        {
            held.Release(Convert.FromHexString(hash));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static string Hash(HttpContext context) => (string?)context.Request.RouteValues["hash"] ?? "";
}
