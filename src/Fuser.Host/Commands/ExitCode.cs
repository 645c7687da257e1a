namespace Fuser.Host.Commands;

/// <summary>What a process ends with. Scripts rely on these three.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It ran and failed.</summary>
    public const int Failed = 1;

    /// <summary>The input or the usage is wrong.</summary>
    public const int BadInput = 2;
}
