using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Operations;

namespace Fuser.Kernels.Tests.Routines;

/// <summary>A graph and what eager PyTorch answered; see <c>Vectors/generate_routines.py</c>.</summary>
/// <param name="Outputs">Empty where eager refuses.</param>
/// <param name="References">The float64 evaluation of each output, null where only equality counts.</param>
internal sealed record RecordedRoutine(string Operation, string Graph, FuserValue[] Inputs, ImmutableArray<NdArray> Outputs, ImmutableArray<double[]?> References)
{
    private static readonly Lazy<ILookup<string, RecordedRoutine>> All = new(Read);

    public static IEnumerable<string> Operations => All.Value.Select(group => group.Key).Order(StringComparer.Ordinal);

    public static IEnumerable<RecordedRoutine> Of(string operation) => All.Value[operation];

    private static ILookup<string, RecordedRoutine> Read()
    {
        var path = Path.Combine(Repository.Folder, "tests", "Fuser.Kernels.Tests", "Vectors", "routines.jsonl.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var cases = new List<RecordedRoutine>();
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var entry = document.RootElement;
            cases.Add(new RecordedRoutine(
                entry.GetProperty("op").GetString()!,
                entry.GetProperty("graph").GetString()!,
                [.. entry.GetProperty("in").EnumerateArray().Select(tensor => (FuserValue)Array(tensor))],
                entry.TryGetProperty("out", out var outputs) ? [.. outputs.EnumerateArray().Select(Array)] : [],
                entry.TryGetProperty("ref", out var references) ? [.. references.EnumerateArray().Select(Reference)] : []));
        }

        return cases.ToLookup(entry => entry.Operation);
    }

    private static NdArray Array(JsonElement tensor)
    {
        var dtype = EagerCases.Named(tensor.GetProperty("dtype").GetString()!);
        return TestArrays.FromBytes(dtype, tensor.GetProperty("data").GetBytesFromBase64())
            .WithLayout(TensorLayout.Contiguous([.. tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())]));
    }

    private static double[]? Reference(JsonElement data) => data.ValueKind == JsonValueKind.Null ? null : TestArrays.FromBytes(DType.Float64, data.GetBytesFromBase64()).ToArray<double>();
}
