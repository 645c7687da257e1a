namespace Fuser.Host.Commands;

/// <summary>A command cannot go on for a reason of its own, not of the runtime's: its usage, or the files it writes.</summary>
internal sealed class CommandException : Exception
{
    /// <summary>The command line is wrong.</summary>
    public const string Usage = "FUS8001";

    /// <summary>The user interrupted it.</summary>
    public const string Interrupted = "FUS8002";

    public CommandException(string code, int exitCode, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Exit = exitCode;
    }

    /// <summary>Stable code.</summary>
    public string Code { get; }

    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Exit { get; }
}
