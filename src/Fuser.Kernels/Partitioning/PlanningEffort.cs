namespace Fuser.Kernels.Partitioning;

/// <summary>
/// What one way of planning a graph may cost, counted in tensors looked at: plans are made in ways that take longer and longer kernels apart until one is cheap enough, so the cost of all of
/// them together grows as the graph does. Looks at the caller's token on the way.
/// </summary>
/// <param name="most">Looks at tensors.</param>
internal sealed class PlanningEffort(long most, CancellationToken cancellationToken)
{
    private const int LooksBetweenChecks = 1024;

    /// <summary>Looks taken.</summary>
    public long Looks { get; private set; }

    /// <summary>Whether this way of planning costs too much.</summary>
    public bool IsSpent => Looks > most;

    /// <summary>Counts a look at a tensor.</summary>
    /// <returns>False when there were too many.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public bool Look()
    {
        if (++Looks % LooksBetweenChecks == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Looks <= most;
    }
}
