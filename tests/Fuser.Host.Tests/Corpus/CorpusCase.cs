using System.Text.Json;
using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Corpus;

/// <summary>One folder of the corpus: a graph that PyTorch printed, its inputs, and what PyTorch computed.</summary>
internal sealed class CorpusCase
{
    private CorpusCase(string name)
    {
        Name = name;
        Folder = Repository.CorpusRoots.Select(root => Path.Combine(root, name)).Single(Directory.Exists);
        var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "case.json"))).RootElement;
        Values = [.. description.GetProperty("inputs").EnumerateArray().Select(Value)];
        Outputs = [.. description.GetProperty("outputs").EnumerateArray().Select(o => new ExpectedOutput(Load(o, "file"), Load(o, "ref64")))];
    }

    public string Name { get; }

    public string Folder { get; }

    /// <summary>The inputs as the command line takes them.</summary>
    public string[] Values { get; }

    public ExpectedOutput[] Outputs { get; }

    /// <summary>graph.ir as it was scripted, and fused.ir where the original fuser rewrote it.</summary>
    public static IEnumerable<(string Case, string File)> All() =>
        from root in Repository.CorpusRoots
        from folder in Directory.GetDirectories(root).Order()
        from file in new[] { "graph.ir", "fused.ir" }
        where File.Exists(Path.Combine(folder, "case.json")) && File.Exists(Path.Combine(folder, file))
        select (Path.GetFileName(folder), file);

    public static CorpusCase Load(string name) => new(name);

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
