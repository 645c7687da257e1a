namespace Fuser.Gpu.Corpus;

/// <summary>The files of a corpus, by paths with slashes: those that this program carries, or those of a folder.</summary>
internal abstract class CorpusFiles
{
    private const string Prefix = "corpus/";
    private const string Description = "case.json";
    private const string Refusal = "refused.txt";
    private static readonly string[] s_graphs = ["graph.ir", "fused.ir"];

    /// <summary>Inside the program.</summary>
    public static CorpusFiles Bundled { get; } = new OfBundle();

    public abstract IEnumerable<string> Paths { get; }

    public abstract Stream Open(string path);

    public static CorpusFiles In(string folder) => new OfFolder(folder);

    public string Text(string path)
    {
        using var reader = new StreamReader(Open(path));
        return reader.ReadToEnd();
    }

    /// <summary>Every graph with a description beside it, but for those that are not offered: its folder, and its file in it.</summary>
    public IEnumerable<(string Folder, string Graph)> Cases()
    {
        var paths = Paths.ToHashSet(StringComparer.Ordinal);
        return from path in paths.Order(StringComparer.Ordinal)
               let slash = path.LastIndexOf('/')
               let folder = path[..(slash + 1)]
               where s_graphs.Contains(path[(slash + 1)..]) && paths.Contains(folder + Description) && !paths.Contains(folder + Refusal)
               select (folder, path[(slash + 1)..]);
    }

    private sealed class OfBundle : CorpusFiles
    {
        public override IEnumerable<string> Paths => Bundle.Names(Prefix).Select(name => name[Prefix.Length..]);

        public override Stream Open(string path) => Bundle.Open(Prefix + path);
    }

    private sealed class OfFolder(string folder) : CorpusFiles
    {
        public override IEnumerable<string> Paths =>
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'));

        public override Stream Open(string path) => File.OpenRead(Path.Combine(folder, path));
    }
}
