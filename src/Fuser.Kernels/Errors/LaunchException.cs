namespace Fuser.Kernels;

/// <summary>A device refused or lost a launch, an allocation or a transfer.</summary>
public sealed class LaunchException : FuserException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What, where, got, wanted, what to do.</param>
    /// <param name="innerException">The cause, if another error is.</param>
    public LaunchException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}
