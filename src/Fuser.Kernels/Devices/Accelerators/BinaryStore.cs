using System.Security.Cryptography;
using System.Text;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// Compiled code on disk, so that a second process does not compile. Addressed by content: source, options, device and driver version are hashed into the
/// name. Published by a rename, so that nobody reads half a file; checked by a hash when read. Nothing here is needed: whatever fails is a
/// warning, and a compile.
/// </summary>
/// <param name="folder">Null keeps nothing.</param>
/// <param name="warn">Told, once per problem, what did not work.</param>
/// <param name="limit">Bytes kept at most; the oldest files go first.</param>
internal sealed class BinaryStore(string? folder, Action<string>? warn = null, long limit = BinaryStore.DefaultLimit)
{
    public const long DefaultLimit = 512L << 20;

    /// <summary>No code of a kernel is near this; a larger file is none of ours.</summary>
    private const int LargestFile = 64 << 20;

    private const int HashBytes = 32;

    private static readonly byte[] Header = "FUSERBIN1\n"u8.ToArray();

    /// <summary>Keeps nothing.</summary>
    public static BinaryStore None { get; } = new(null);

    /// <summary>Whether anything is kept. A driver may have to compile once more to say what its binary is.</summary>
    public bool Keeps => folder is not null;

    /// <summary>The bytes of these parts, or null when there are none that can be trusted.</summary>
    public byte[]? Read(params ReadOnlySpan<string> key)
    {
        if (folder is null)
        {
            return null;
        }

        var file = PathOf(key);
        try
        {
            if (!File.Exists(file))
            {
                return null;
            }

            if (new FileInfo(file).Length is var length && (length > LargestFile || length < Header.Length + HashBytes))
            {
                return Distrust(file, "has a size that no such file has");
            }

            var bytes = File.ReadAllBytes(file);
            var content = bytes.AsSpan(Math.Min(bytes.Length, Header.Length + HashBytes));
            return bytes.AsSpan().StartsWith(Header) && SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(Header.Length, HashBytes))
                ? content.ToArray()
                : Distrust(file, "is damaged");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"{file} cannot be read: {error.Message}");
            return null;
        }
    }

    /// <summary>Keeps bytes for these parts.</summary>
    public void Write(ReadOnlySpan<byte> content, params ReadOnlySpan<string> key)
    {
        if (folder is null)
        {
            return;
        }

        var file = PathOf(key);
        var temporary = $"{file}.{Guid.NewGuid():n}.tmp";
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                stream.Write(Header);
                stream.Write(SHA256.HashData(content));
                stream.Write(content);
            }

            File.Move(temporary, file, overwrite: true);
            Limit();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            warn?.Invoke($"{file} cannot be written: {error.Message}");
            Delete(temporary);
        }
    }

    /// <summary>Writes happen after compiles, which take far longer than looking at the folder.</summary>
    private void Limit()
    {
        var files = new DirectoryInfo(folder!).EnumerateFiles("*.bin").OrderBy(file => file.LastWriteTimeUtc).ToList();
        var total = files.Sum(file => file.Length);
        foreach (var file in files.TakeWhile(_ => total > limit))
        {
            total -= file.Length;
            Delete(file.FullName);
        }
    }

    private byte[]? Distrust(string file, string why)
    {
        warn?.Invoke($"{file} {why}; it is removed and compiled again");
        Delete(file);
        return null;
    }

    private void Delete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"{file} cannot be removed: {error.Message}");
        }
    }

    private string PathOf(ReadOnlySpan<string> key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in key)
        {
            // Lengths keep the parts apart: "ab", "c" is not "a", "bc".
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        return Path.Combine(folder!, Convert.ToHexStringLower(hash.GetHashAndReset()) + ".bin");
    }
}
