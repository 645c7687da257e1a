namespace Fuser.Testing;

/// <summary>Tests wait for conditions. This ends those that wait for one that never comes.</summary>
internal static class Hang
{
    /// <summary>Reached only by what hangs, on a machine however busy.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(15);
}
