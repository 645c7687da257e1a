namespace Fuser.Kernels;

/// <summary>A bug in the product: an invariant did not hold. Please report it with the message.</summary>
public sealed class InternalFuserException : FuserException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What, where, got, wanted, what to do.</param>
    /// <param name="innerException">The cause, if another error is.</param>
    public InternalFuserException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
