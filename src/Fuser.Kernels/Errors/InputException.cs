namespace Fuser.Kernels;

/// <summary>Something handed in from outside is wrong: a count, a shape, an element type, a number or a file.</summary>
public sealed class InputException : FuserException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What, where, got, wanted, what to do.</param>
    /// <param name="innerException">The cause, if another error is.</param>
    public InputException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
