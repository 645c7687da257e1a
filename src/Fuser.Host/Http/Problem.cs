using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;

namespace Fuser.Host.Http;

/// <summary>Turns an error into an answer by RFC 9457.</summary>
internal static class Problem
{
    private static readonly Dictionary<string, string> Names = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(field => (string)field.GetRawConstantValue()!, field => field.Name);

    /// <summary>HTTP status, code and text of an error.</summary>
    public static (int Status, string Code, string Detail) Describe(Exception error) => error switch
    {
        FuserException e => (StatusOf(e), e.Code, e.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } e => (e.StatusCode, ErrorCodes.RequestTooLarge, $"{OutsideText.Clean(e.Message)} Split the work, or raise fuser.limits.max-body-bytes."),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } e => (e.StatusCode, ErrorCodes.RequestTimeout, OutsideText.Clean(e.Message)),
        BadHttpRequestException e => (e.StatusCode, ErrorCodes.BadRequest, OutsideText.Clean(e.Message)),
        OutOfMemoryException => (StatusCodes.Status503ServiceUnavailable, ErrorCodes.SizeLimit, "the machine's memory does not hold the arrays of this request now. Come again later, or send smaller ones."),

        // Whatever it says may be about the inside of the node; the log has it.
        _ => (StatusCodes.Status500InternalServerError, ErrorCodes.Internal, "this is a bug in the node; its log has the details under the trace id."),
    };

    /// <summary>Writes the answer.</summary>
    /// <param name="retryAfter">What the caller is told to wait; null when coming again is of no use.</param>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail, TimeSpan? retryAfter = null, Exception? error = null)
    {
        var response = context.Response;
        response.StatusCode = status;
        if (retryAfter is { } time)
        {
            response.Headers.RetryAfter = ((long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        var graph = error as GraphException;
        var problem = new ProblemContract(
            $"urn:fuser:error:{code.ToLowerInvariant()}",
            Names.GetValueOrDefault(code, code),
            status,
            detail,
            context.Request.Path,
            code,
            graph is { Line: > 0 } ? graph.Line : null,
            graph is { Line: > 0 } ? graph.Column : null,
            Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier);
        return Json.WriteAsync(context, problem, Json.Contracts.ProblemContract, "application/problem+json");
    }

    private static int StatusOf(FuserException error) => error.Code switch
    {
        ErrorCodes.GraphTextTooLong or ErrorCodes.GraphLimit or ErrorCodes.FileTooLarge or ErrorCodes.SizeLimit or ErrorCodes.RequestTooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCodes.NodeBusy or ErrorCodes.Overloaded => StatusCodes.Status429TooManyRequests,
        ErrorCodes.NodeDraining or ErrorCodes.Stopped or ErrorCodes.AskTimeout or ErrorCodes.OutOfDeviceMemory or ErrorCodes.BufferLost or ErrorCodes.DeviceLost => StatusCodes.Status503ServiceUnavailable,
        ErrorCodes.UnknownGraph => StatusCodes.Status404NotFound,
        ErrorCodes.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCodes.Forbidden => StatusCodes.Status403Forbidden,
        ErrorCodes.RequestTimeout => StatusCodes.Status408RequestTimeout,
        ErrorCodes.FileFormat or ErrorCodes.BadRequest or ErrorCodes.UnknownDevice or ErrorCodes.DeviceUnavailable or ErrorCodes.DeviceInexact => StatusCodes.Status400BadRequest,

        // The graph's own check of what it was given.
        ErrorCodes.GraphRaised => StatusCodes.Status422UnprocessableEntity,
        _ => error switch
        {
            // The text is no graph: malformed. It is one that cannot be run, or not with these arrays: unprocessable.
            GraphException when error.Code.StartsWith("FUS1", StringComparison.Ordinal) => StatusCodes.Status400BadRequest,
            GraphException or InputException => StatusCodes.Status422UnprocessableEntity,
            HostException { Code: ErrorCodes.RunTimeout } => StatusCodes.Status422UnprocessableEntity,
            HostException => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError,
        },
    };
}
