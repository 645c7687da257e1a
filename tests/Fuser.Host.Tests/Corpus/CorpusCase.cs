using System.Text.Json;
using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Corpus;

/// <summary>One folder of the corpus: a graph that PyTorch printed, its inputs, and what PyTorch computed.</summary>
internal sealed class CorpusCase
{
    /// <summary>What the error of a graph that is not offered must say: its code, then a line for each operation.</summary>
    private const string RefusalFile = "refused.txt";

    private CorpusCase(string name)
    {
        Name = name;
        Folder = FolderOf(name);
        var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "case.json"))).RootElement;
        Values = [.. description.GetProperty("inputs").EnumerateArray().Select(Value)];
        Outputs = [.. description.GetProperty("outputs").EnumerateArray().Select(o => new ExpectedOutput(Load(o, "file"), Load(o, "ref64")))];
    }

    public string Name { get; }

    public string Folder { get; }

    /// <summary>The inputs as the command line takes them.</summary>
    public string[] Values { get; }

    public ExpectedOutput[] Outputs { get; }

    /// <summary>Cases with operations that are not offered.</summary>
    public static IEnumerable<string> Refused() =>
        Repository.CorpusRoots.SelectMany(Directory.GetDirectories).Where(folder => File.Exists(Path.Combine(folder, RefusalFile))).Select(folder => Path.GetFileName(folder)).Order();

    /// <summary>graph.ir as it was scripted, and fused.ir where the original fuser rewrote it.</summary>
    public static IEnumerable<(string Case, string File)> All() =>
        from root in Repository.CorpusRoots
        from folder in Directory.GetDirectories(root).Order()
        from file in new[] { "graph.ir", "fused.ir" }
        where File.Exists(Path.Combine(folder, "case.json")) && File.Exists(Path.Combine(folder, file)) && !File.Exists(Path.Combine(folder, RefusalFile))
        select (Path.GetFileName(folder), file);

    public static CorpusCase Load(string name) => new(name);

    /// <summary>The code of the error, then operations with their lines.</summary>
    public string[] Refusal => File.ReadAllLines(Path.Combine(Folder, RefusalFile));

    private static string FolderOf(string name) => Repository.CorpusRoots.Select(root => Path.Combine(root, name)).Single(Directory.Exists);

    private string Value(JsonElement input) => input.GetProperty("kind").GetString() switch
    {
        "tensor" => Path.Combine(Folder, input.GetProperty("file").GetString()!),
        "bool" => input.GetProperty("value").GetBoolean() ? "true" : "false",

        // A float that happens to be whole is written without a point in JSON, and would be an integer on the command line.
        "float" when input.GetProperty("value").GetRawText() is var text => text.AsSpan().ContainsAny(".e") ? text : $"{text}.0",
        _ => input.GetProperty("value").GetRawText(),
    };

    private NdArray Load(JsonElement output, string property) => NpyReader.Load(Path.Combine(Folder, output.GetProperty(property).GetString()!));
}
