using System.Text;

namespace Fuser.Host.Hocon;

/// <summary>Reads a file and the files it includes.</summary>
internal sealed class HoconLoader(HoconLimits limits)
{
    private static readonly HoconPath NoPrefix = new([]);

    private readonly List<string> _open = [];
    private int _files;

    /// <summary>Reads a file. Included names are relative to the file that includes them.</summary>
    /// <exception cref="HoconException">A file is missing, cannot be read, or is wrong.</exception>
    public HoconObject Load(string path) =>
        Load(path, NoPrefix, new HoconInclude(new HoconPlace(path, 1, 1), path, IsRequired: true))!;

    /// <summary>Parses text as if it were a file of that name.</summary>
    public HoconObject Parse(string file, string text)
    {
        _open.Add(Path.GetFullPath(file));
        return Parse(file, text, NoPrefix);
    }

    private HoconObject Parse(string file, string text, HoconPath prefix) => new HoconParser(
        file,
        text,
        prefix,
        limits,
        (include, at) => Load(Path.Combine(Path.GetDirectoryName(file) ?? "", include.Name), at, include)).Parse();

    private HoconObject? Load(string path, HoconPath prefix, HoconInclude include)
    {
        var full = Path.GetFullPath(path);
        if (_open.Contains(full))
        {
            throw new HoconException(include.Place, $"'{include.Name}' includes itself, by way of {string.Join(" and ", _open.Select(Path.GetFileName))}; remove one of the includes");
        }

        if (_open.Count >= limits.MaxIncludeDepth || ++_files > limits.MaxFiles)
        {
            throw new HoconException(include.Place, $"'{include.Name}' is one file too many; at most {limits.MaxFiles} are read, and includes go {limits.MaxIncludeDepth} deep");
        }

        if (Read(path, include) is not { } text)
        {
            return null;
        }

        _open.Add(full);
        var result = Parse(path, text, prefix);
        _open.RemoveAt(_open.Count - 1);
        return result;
    }

    /// <summary>The text, or null when the file is missing and may be.</summary>
    private string? Read(string path, HoconInclude include)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);

            // One byte more than allowed tells whether there is more; a pipe has no length to ask for.
            var bytes = new byte[limits.MaxFileBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= limits.MaxFileBytes
                ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes, 0, length)
                : throw new HoconException(include.Place, $"'{path}' is larger than {limits.MaxFileBytes} bytes; check that it is a file of settings");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return include.IsRequired ? throw new HoconException(include.Place, $"the file '{path}' does not exist; relative paths start at '{Directory.GetCurrentDirectory()}'", error) : null;
        }
        catch (DecoderFallbackException error)
        {
            throw new HoconException(include.Place, $"'{path}' is not text in UTF-8 (byte {error.Index})", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new HoconException(include.Place, $"'{path}' cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}
