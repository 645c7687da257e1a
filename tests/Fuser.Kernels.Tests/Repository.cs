namespace Fuser.Kernels.Tests;

/// <summary>The folder of the repository, found from the test assembly upward.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find();

    public static bool IsSource(string file) => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}") && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fuser.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Fuser.sln is in none of the folders above the test assembly.");
    }
}
