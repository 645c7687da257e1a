using Fuser.Kernels;

namespace Fuser.Host.Hocon;

/// <summary>A file of settings cannot be read: it breaks the grammar, needs a part of HOCON that is not supported, or goes beyond a limit.</summary>
internal sealed class HoconException : FuserException
{
    /// <param name="place">Where.</param>
    /// <param name="message">What is wrong and what to do, without a full stop.</param>
    /// <param name="innerException">The cause, if another error is.</param>
    public HoconException(HoconPlace place, string message, Exception? innerException = null)
        : base(ErrorCodes.ConfigurationSyntax, $"{place}: {message}.", innerException) => Place = place;

    /// <summary>Where.</summary>
    public HoconPlace Place { get; }
}
