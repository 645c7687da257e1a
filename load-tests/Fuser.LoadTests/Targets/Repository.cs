namespace Fuser.LoadTests.Targets;

/// <summary>The checkout that this program was built in: the settings of nodes are there.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Fuser.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("run this from a checkout: the nodes' settings are there");
    }
}
