using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Fuser.Host.Http;

/// <summary>Writes answers as JSON.</summary>
internal static class Json
{
    /// <summary>As the defaults, but with quotes as quotes: answers are read by people, and are never part of a web page.</summary>
    public static Contracts Contracts { get; } = new(new JsonSerializerOptions(Contracts.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static async Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        context.Response.ContentType = contentType;
        await JsonSerializer.SerializeAsync(context.Response.BodyWriter, value, type, context.RequestAborted).ConfigureAwait(false);
    }
}
