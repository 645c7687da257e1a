namespace Fuser.Kernels;

/// <summary>A kernel could not be compiled. The fallback still runs the graph, so callers see this only when they asked for a compile.</summary>
public sealed class CompileException : FuserException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What, where, got, wanted, what to do.</param>
    /// <param name="innerException">The cause, if another error is.</param>
    public CompileException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
