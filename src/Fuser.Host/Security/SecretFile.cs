using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Security;

/// <summary>Small files that hold secrets.</summary>
internal static class SecretFile
{
    private const int MaxBytes = 1 << 16;

    /// <summary>The text of a file.</summary>
    /// <param name="what">What it holds, for errors, which never show any of it.</param>
    /// <exception cref="HostException">It cannot be read, or is no small file.</exception>
    public static string Read(string path, string what)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            var bytes = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MaxBytes
                ? System.Text.Encoding.UTF8.GetString(bytes, 0, length)
                : throw new HostException(ErrorCodes.FileTooLarge, $"{what}: the file '{path}' is larger than {MaxBytes} bytes. Check that it is the right one.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new HostException(ErrorCodes.FileUnreadable, $"{what}: the file '{path}' cannot be read: {error.Message} Check the path and that the node may read it.", error);
        }
    }
}
