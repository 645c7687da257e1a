namespace Fuser.Gpu;

/// <summary>The files this program carries inside it: graphs of the workloads, the corpus, the peers' sources.</summary>
internal static class Bundle
{
    private static readonly string[] s_names = typeof(Bundle).Assembly.GetManifestResourceNames();

    /// <summary>Names that start so, in order.</summary>
    public static IEnumerable<string> Names(string prefix) => s_names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public static Stream Open(string name) => typeof(Bundle).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException($"this program does not carry '{name}'");

    public static string Text(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    /// <summary>Writes what starts so into a folder, without folders of its own.</summary>
    public static void Extract(string prefix, string folder)
    {
        foreach (var name in Names(prefix))
        {
            using var source = Open(name);
            using var target = File.Create(Path.Combine(folder, name[prefix.Length..]));
            source.CopyTo(target);
        }
    }
}
