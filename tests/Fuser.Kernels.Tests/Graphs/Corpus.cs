namespace Fuser.Kernels.Tests.Graphs;

/// <summary>The recorded PyTorch graphs under <c>tests/corpus</c>.</summary>
internal static class Corpus
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every graph text of the corpus, as paths relative to it.</summary>
    public static IEnumerable<string> GraphFiles()
        => Directory.EnumerateFiles(Root, "*.ir", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "corpus");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/corpus is in none of the folders above the test assembly.");
    }
}
