namespace Fuser.Actors;

/// <summary>How one run is done. The results do not depend on any of it except <see cref="Seed"/>.</summary>
public sealed record RunOptions
{
    /// <summary>The defaults: the default device, all threads, a fresh seed.</summary>
    public static RunOptions Default { get; } = new();

    /// <summary>
    /// The name that leaves the device open: each is tried a few times with inputs of a signature, copies and all, then the one that took least runs all that follow. The bits are the
    /// same anywhere. Inputs on a device run there.
    /// </summary>
    public const string CheapestDevice = "auto";

    /// <summary>Device name, or <see cref="CheapestDevice"/>; null for where the inputs are, which is the system's default device unless some are tensors of an accelerator.</summary>
    public string? Device { get; init; }

    /// <summary>Runs every operation by itself on the fallback instead of fused kernels.</summary>
    public bool Unfused { get; init; }

    /// <summary>Threads at most; null for the system's setting.</summary>
    public int? Threads { get; init; }

    /// <summary>Uses the device even if it computes other bits than the contract says.</summary>
    public bool AllowInexact { get; init; }

    /// <summary>Seed of the graph's random operations; null draws a fresh one for each run.</summary>
    public long? Seed { get; init; }

    /// <summary>
    /// Told, before a region of a graph with control flow runs, how many bytes the run then holds; throws when that is too much. What loops grow cannot be known before.
    /// </summary>
    internal Action<long>? Expect { get; init; }
}
