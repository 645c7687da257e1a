using System.Globalization;
using System.Text.Json;
using Fuser.Host.Npy;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Gpu.Corpus;

/// <summary>A graph of the corpus and its inputs.</summary>
internal sealed record CorpusCase(string Name, Graph Graph, IReadOnlyList<FuserValue> Inputs)
{
    public static CorpusCase Load(CorpusFiles files, string folder, string graph)
    {
        using var description = JsonDocument.Parse(files.Text($"{folder}case.json"));
        FuserValue[] inputs = [.. description.RootElement.GetProperty("inputs").EnumerateArray().Select(input => Value(files, folder, input))];
        return new CorpusCase(folder + graph, GraphText.Parse(files.Text(folder + graph)), inputs);
    }

    private static FuserValue Value(CorpusFiles files, string folder, JsonElement input) => input.GetProperty("kind").GetString() switch
    {
        "tensor" => Tensor(files, folder + input.GetProperty("file").GetString()),
        "bool" => input.GetProperty("value").GetBoolean(),
        "float" => double.Parse(input.GetProperty("value").GetRawText().Trim('"'), CultureInfo.InvariantCulture),
        _ => input.GetProperty("value").GetInt64(),
    };

    private static NdArray Tensor(CorpusFiles files, string path)
    {
        using var stream = files.Open(path);
        return NpyReader.Read(stream, path);
    }
}
