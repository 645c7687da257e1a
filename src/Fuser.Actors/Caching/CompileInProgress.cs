using Fuser.Actors.Core;

namespace Fuser.Actors.Caching;

/// <summary>
/// A running compile and its callers. It is cancelled when the last caller gave up; the caller that started it counts like the others. Belongs to the spec's actor.
/// </summary>
internal sealed class CompileInProgress : IDisposable
{
    private readonly CancellationTokenSource _unwanted = new();
    private readonly List<(ReplyTo Sender, CancellationTokenRegistration Registration)> _waiting = [];

    /// <summary>Cancelled when the last caller gave up.</summary>
    public CancellationToken Unwanted => _unwanted.Token;

    /// <param name="givenUp">Called on any thread when the caller gives up.</param>
    /// <param name="cancellation">The caller's.</param>
    public void Add(ReplyTo sender, Action givenUp, CancellationToken cancellation) =>
        _waiting.Add((sender, cancellation.UnsafeRegister(static state => ((Action)state!)(), givenUp)));

    /// <summary>Removes a caller that gave up.</summary>
    /// <returns>Whether no caller is left.</returns>
    public bool Remove(ReplyTo sender)
    {
        _waiting.RemoveAll(waiting => waiting.Sender == sender);
        return _waiting.Count == 0;
    }

    /// <summary>Ends the waiting, and the compile if it still goes on.</summary>
    /// <returns>The callers that still waited.</returns>
    public List<ReplyTo> End()
    {
        foreach (var (_, registration) in _waiting)
        {
            registration.Unregister();
        }

        _unwanted.Cancel();
        return _waiting.ConvertAll(waiting => waiting.Sender);
    }

    public void Dispose() => _unwanted.Dispose();
}
