namespace Fuser.Host.Tests;

/// <summary>Where things lie in a clone, found from the test assembly upwards.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string CorpusRoot { get; } = Path.Combine(Root, "tests", "corpus", "torchscript");

    /// <summary>Folders of cases; the name of a case is found in one of them.</summary>
    public static string[] CorpusRoots { get; } = [.. Directory.GetDirectories(Path.Combine(Root, "tests", "corpus")).Order()];

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Fuser.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no directory above {AppContext.BaseDirectory} holds Fuser.sln");
    }
}
