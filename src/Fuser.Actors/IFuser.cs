using Fuser.Kernels.Graphs;

namespace Fuser.Actors;

/// <summary>
/// The runtime as its users see it: register a graph once, run it as often as you like. The embedded system
/// (<see cref="FuserSystem"/>) implements it, and so does a connection to a cluster.
/// </summary>
public interface IFuser : IAsyncDisposable
{
    /// <summary>
    /// Checks and normalises a graph and hands back a function to run it with. Graphs that differ in names, dead
    /// code or repeated subexpressions only share their kernels.
    /// </summary>
    /// <exception cref="Kernels.GraphException">The graph is malformed or has an operation that is not known.</exception>
    ValueTask<FusedFunction> RegisterAsync(Graph graph, CancellationToken cancellationToken = default);

    /// <summary>Counters of all caches since the start.</summary>
    ValueTask<FuserStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default);

    /// <summary>What can be run on here, the default first, and why others cannot.</summary>
    ValueTask<IReadOnlyList<DeviceDescription>> GetDevicesAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets every compiled kernel that is not running. Functions stay usable and compile again when run.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken = default);
}
