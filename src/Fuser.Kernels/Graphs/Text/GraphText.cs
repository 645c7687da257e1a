using System.Text;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>
/// The exchange format: TorchScript IR text, as <c>str(fn.graph)</c>, <c>str(fn.inlined_graph)</c> and <c>graph_for(...)</c> print
/// it. <c>Parse(Print(g))</c> equals <c>g</c>, and what PyTorch printed is printed again character by character.
/// </summary>
public static class GraphText
{
    /// <summary>Reads and validates a graph.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limits">What the text may cost; the defaults when null.</param>
    /// <exception cref="GraphException">The text is no well-formed graph, or goes beyond a limit; says line and column.</exception>
    public static Graph Parse(string text, GraphTextLimits? limits = null) => Parse(text, limits, CancellationToken.None);

    /// <exception cref="OperationCanceledException">Whoever asked gave up.</exception>
    internal static Graph Parse(string text, GraphTextLimits? limits, CancellationToken cancellationToken)
    {
        var graph = new GraphTextParser(text, limits ?? GraphTextLimits.Default, cancellationToken).Parse();
        GraphValidator.Validate(graph);
        return graph;
    }

    /// <summary>Prints a graph; lines end with <c>\n</c>.</summary>
    public static string Print(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return GraphTextPrinter.Print(graph);
    }

    /// <summary>Reads and validates a graph from a file in UTF-8.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="limits">What the text may cost; the defaults when null. A larger file is refused without reading it.</param>
    /// <exception cref="InputException">The file is missing, unreadable, too large, or not UTF-8.</exception>
    /// <exception cref="GraphException">The text is no well-formed graph; says line and column.</exception>
    public static Graph Load(string path, GraphTextLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            return Load(stream, limits, $"'{path}'");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(ErrorCodes.FileUnreadable, $"the graph file '{path}' does not exist. Check the path; relative paths start at '{Directory.GetCurrentDirectory()}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException(ErrorCodes.FileUnreadable, $"the graph file '{path}' cannot be read: {e.Message} Check that it is a file and may be read.", e);
        }
    }

    /// <summary>Reads and validates a graph from a stream in UTF-8, which may have no length; it is left open.</summary>
    /// <param name="stream">The stream, read to its end or to one byte past the limit.</param>
    /// <param name="limits">What the text may cost; the defaults when null.</param>
    /// <exception cref="InputException">The content is too large or not UTF-8.</exception>
    /// <exception cref="GraphException">The text is no well-formed graph; says line and column.</exception>
    public static Graph Load(Stream stream, GraphTextLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Load(stream, limits, "the stream");
    }

    private static Graph Load(Stream stream, GraphTextLimits? limits, string name)
    {
        limits ??= GraphTextLimits.Default;
        var bytes = ReadBounded(stream, limits.MaxCharacters)
            ?? throw new InputException(
                ErrorCodes.FileTooLarge,
                $"{name} is larger than {limits.MaxCharacters} bytes, the limit for a graph. Check that it is a graph, or raise {nameof(GraphTextLimits.MaxCharacters)}.");
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException(ErrorCodes.FileFormat, $"{name} is not text in UTF-8 (byte {e.Index}). Give the text that str(fn.graph) prints.", e);
        }

        return Parse(text, limits);
    }

    /// <summary>The content, or null when there is more than the limit. A length that the stream states is trusted for refusing only.</summary>
    private static MemoryStream? ReadBounded(Stream stream, int limit)
    {
        if (stream.CanSeek && stream.Length - stream.Position > limit)
        {
            return null;
        }

        var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (content.Length + read > limit)
            {
                return null;
            }

            content.Write(buffer, 0, read);
        }

        return content;
    }
}
