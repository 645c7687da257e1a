namespace Fuser.Kernels;

/// <summary>
/// Base of everything the product throws on purpose. The message says what happened, where, what was got and wanted, and what to
/// do next; <see cref="Code"/> is stable across versions and documented in <c>docs/errors.md</c>.
/// </summary>
public abstract class FuserException : Exception
{
    private protected FuserException(string code, string message, Exception? innerException)
        : base(OutsideText.Clean(message), innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(code);
        Code = code;
    }

    /// <summary>Stable code, one of <see cref="ErrorCodes"/>.</summary>
    public string Code { get; }
}
