namespace Fuser.Kernels.Tests.Graphs;

/// <summary>The recorded PyTorch graphs under <c>tests/corpus</c>.</summary>
internal static class Corpus
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every graph that PyTorch printed, as paths relative to the corpus.</summary>
    public static IEnumerable<string> GraphFiles() => AllFiles().Where(file => !IsFinding(file));

    /// <summary>Graphs that failed once, as no graph should.</summary>
    public static IEnumerable<string> Findings() => AllFiles().Where(IsFinding);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static bool IsFinding(string file) => file.StartsWith("findings/", StringComparison.Ordinal);

    private static IEnumerable<string> AllFiles() => Directory.EnumerateFiles(Root, "*.ir", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

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
