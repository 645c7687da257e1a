using Fuser.Kernels;

namespace Fuser.Host.Configuration;

/// <summary>The host node cannot start or go on for a reason outside it: its settings, its files, or what a caller asked of it.</summary>
internal class HostException : FuserException
{
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What, where, got, wanted, what to do.</param>
    /// <param name="innerException">The cause, if another error is.</param>
    public HostException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
