using System.IO.Compression;
using System.Text.Json;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>One call of an operation and what eager PyTorch answered; see <c>Vectors/generate_operations.py</c>.</summary>
/// <param name="Output">Null where eager refuses.</param>
/// <param name="Skipped">Elements where the recorded PyTorch is wrong.</param>
/// <param name="Reference">The same evaluated in float64; null where the output is not a float or already float64.</param>
internal sealed record EagerCase(string Operation, object?[] Arguments, NdArray? Output, double[]? Reference, int[] Skipped, string Text);

/// <summary>Result types of an operation over all dtypes of its first operand and, if the second is a tensor, of that.</summary>
internal sealed record EagerTypes(string Operation, string Second, double Number, object?[] After, string Codes);

internal static class EagerCases
{
    private static readonly Lazy<(ILookup<string, EagerCase> Cases, ILookup<string, EagerTypes> Types)> All = new(Read);

    public static IEnumerable<string> Operations => All.Value.Cases.Select(group => group.Key).Order(StringComparer.Ordinal);

    public static IEnumerable<string> TypedOperations => All.Value.Types.Select(group => group.Key).Order(StringComparer.Ordinal);

    public static IEnumerable<EagerCase> Of(string operation) => All.Value.Cases[operation];

    public static IEnumerable<EagerTypes> TypesOf(string operation) => All.Value.Types[operation];

    public static DType Named(string name) => Enum.GetValues<DType>().Single(dtype => dtype.DisplayName() == name);

    private static (ILookup<string, EagerCase>, ILookup<string, EagerTypes>) Read()
    {
        var path = Path.Combine(Graphs.Corpus.Root, "..", "Fuser.Kernels.Tests", "Vectors", "operations.jsonl.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        using var header = JsonDocument.Parse(reader.ReadLine()!);
        var vectors = header.RootElement.GetProperty("vectors").EnumerateObject().ToDictionary(
            entry => entry.Name,
            entry => FromBytes(Named(entry.Name[(entry.Name.LastIndexOf('.') + 1)..]), entry.Value.GetBytesFromBase64()));

        var cases = new List<EagerCase>();
        var types = new List<EagerTypes>();
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            var entry = document.RootElement;
            var operation = entry.GetProperty("op").GetString()!;
            if (entry.TryGetProperty("table", out var table))
            {
                var number = table.ValueKind is JsonValueKind.Number ? table.GetDouble() : table.ValueKind == JsonValueKind.True ? 1 : 0;
                var second = table.ValueKind switch
                {
                    JsonValueKind.String => table.GetString()!,
                    JsonValueKind.True => "bool",
                    _ => table.GetRawText().Contains('.') ? "float" : "int",
                };
                types.Add(new EagerTypes(operation, second, number, Arguments(entry.GetProperty("after"), vectors), entry.GetProperty("codes").GetString()!));
                continue;
            }

            var output = entry.TryGetProperty("out", out var bytes) ? FromBytes(Named(entry.GetProperty("dtype").GetString()!), bytes.GetBytesFromBase64()) : null;
            var reference = entry.TryGetProperty("ref", out var wide) ? FromBytes(DType.Float64, wide.GetBytesFromBase64()).ToArray<double>() : null;
            int[] skipped = entry.TryGetProperty("skip", out var skip) ? [.. skip.EnumerateArray().Select(item => item.GetInt32())] : [];
            cases.Add(new EagerCase(operation, Arguments(entry.GetProperty("args"), vectors), output, reference, skipped, $"{operation}{entry.GetProperty("args").GetRawText()}"));
        }

        return (cases.ToLookup(entry => entry.Operation), types.ToLookup(entry => entry.Operation));
    }

    private static object?[] Arguments(JsonElement list, Dictionary<string, NdArray> vectors) => [.. list.EnumerateArray().Select(item => Argument(item, vectors))];

    private static object? Argument(JsonElement item, Dictionary<string, NdArray> vectors)
    {
        switch (item.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.True or JsonValueKind.False:
                return item.GetBoolean();
            case JsonValueKind.Number:
                return item.GetRawText().AsSpan().ContainsAny('.', 'e') ? (object)item.GetDouble() : item.GetInt64();
            case JsonValueKind.String:
                var text = item.GetString()!;
                return text switch
                {
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    "NaN" => double.NaN,
                    _ => vectors.TryGetValue(text, out var vector) ? vector : text,
                };
            default:
                var whole = vectors[item.GetProperty("zero").GetString()!];
                var bytes = TestArrays.Bytes(whole);
                var size = whole.DType.ItemSize();
                return FromBytes(whole.DType, bytes.AsSpan(item.GetProperty("at").GetInt32() * size, size).ToArray()).WithLayout(TensorLayout.Contiguous([]));
        }
    }

    private static NdArray FromBytes(DType dtype, byte[] bytes) => TestArrays.FromBytes(dtype, bytes);
}
