namespace Fuser.Host.Commands;

/// <summary>What a command is working on, so that an error which knows only a line and a column can name the file.</summary>
internal sealed class ErrorPlace
{
    /// <summary>The graph file, once a command has one.</summary>
    public string? GraphFile { get; set; }
}
