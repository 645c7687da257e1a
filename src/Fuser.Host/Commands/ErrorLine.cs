using Fuser.Host.Configuration;
using Fuser.Host.Hocon;
using Fuser.Kernels;

namespace Fuser.Host.Commands;

/// <summary>Turns whatever went wrong into one line and an exit code.</summary>
internal static class ErrorLine
{
    /// <summary>Code, exit code and text of an error.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="graphFile">The graph file in hand, which is the place of graph errors; null before there is one.</param>
    public static (int Exit, string Line) Describe(Exception error, string? graphFile)
    {
        var (exit, code, message) = error switch
        {
            CommandException e => (e.Exit, e.Code, e.Message),
            GraphException e => (ExitCode.BadInput, e.Code, graphFile is null ? e.Message : $"{graphFile}: {e.Message}"),
            InputException e => (ExitCode.BadInput, e.Code, e.Message),

            // Asking for a device that is not there is a usage error; a device that breaks is a failure.
            LaunchException { Code: ErrorCodes.UnknownDevice or ErrorCodes.DeviceUnavailable or ErrorCodes.DeviceInexact } e => (ExitCode.BadInput, e.Code, e.Message),
            // What a node is told by its settings is input like any other.
            HoconException e => (ExitCode.BadInput, e.Code, e.Message),
            HostException { Code: ErrorCodes.ConfigurationKey or ErrorCodes.ConfigurationValue or ErrorCodes.FileUnreadable or ErrorCodes.FileTooLarge } e => (ExitCode.BadInput, e.Code, e.Message),
            FuserException e => (ExitCode.Failed, e.Code, e.Message),
            OperationCanceledException => (ExitCode.Failed, ErrorCodes.Interrupted, "interrupted; nothing was written. Run it again"),
            OutOfMemoryException => (ExitCode.Failed, ErrorCodes.SizeLimit, "the machine's memory does not hold the arrays of this run. Use smaller ones"),
            _ => (ExitCode.Failed, ErrorCodes.Internal, $"{error.GetType().Name}: {error.Message} This is a bug; run again with --verbose and report what it prints"),
        };
        return (exit, $"error {code}: {OneLine(message)}");
    }

    /// <summary>Names in graphs and files come from outside: they may neither break the line nor steer the terminal.</summary>
    private static string OneLine(string text) => OutsideText.Clean(text).ReplaceLineEndings(" ");
}
