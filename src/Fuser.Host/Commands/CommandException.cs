namespace Fuser.Host.Commands;

/// <summary>A command cannot go on for a reason of its own, not of the runtime's: its usage, or the files it writes.</summary>
internal sealed class CommandException : Exception
{
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
