using Fuser.Kernels;

namespace Fuser.Host.Npz;

/// <summary>What is wrong with an .npz stream.</summary>
internal static class NpzError
{
    public static InputException At(long position, string message, Exception? innerException = null) =>
        new(ErrorCodes.FileFormat, $"byte {position}: the body cannot be read as .npz: {message}. Send what numpy.savez or numpy.savez_compressed writes.", innerException);
}
