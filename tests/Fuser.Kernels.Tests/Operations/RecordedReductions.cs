using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>One call of a reduction, or of what is made of some, and what eager PyTorch answered; see <c>Vectors/generate_reductions.py</c>.</summary>
/// <param name="Graph">The call as a graph of one node.</param>
/// <param name="Inputs">The tensors among its arguments.</param>
/// <param name="Outputs">Empty where eager refuses.</param>
/// <param name="Text">For the reader of a failure.</param>
internal sealed record RecordedReduction(string Operation, string Graph, FuserValue[] Inputs, ImmutableArray<ExpectedOutput> Outputs, string Text);

internal static class RecordedReductions
{
    private static readonly Lazy<ILookup<string, RecordedReduction>> All = new(Read);

    public static IEnumerable<string> Operations => All.Value.Select(group => group.Key).Order(StringComparer.Ordinal);

    public static IEnumerable<RecordedReduction> Of(string operation) => All.Value[operation];

    private static ILookup<string, RecordedReduction> Read()
    {
        var path = Path.Combine(Repository.Folder, "tests", "Fuser.Kernels.Tests", "Vectors", "reductions.jsonl.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        using var header = JsonDocument.Parse(reader.ReadLine()!);
        var tensors = header.RootElement.GetProperty("tensors").EnumerateObject().ToDictionary(entry => entry.Name, entry => Array(entry.Value));
        var cases = new List<RecordedReduction>();
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            cases.Add(Case(document.RootElement, tensors));
        }

        return cases.ToLookup(entry => entry.Operation);
    }

    private static RecordedReduction Case(JsonElement entry, Dictionary<string, NdArray> tensors)
    {
        var operation = entry.GetProperty("op").GetString()!;
        ImmutableArray<ExpectedOutput> outputs = entry.TryGetProperty("out", out var recorded) ? [.. recorded.EnumerateArray().Select(Output)] : [];
        var (declared, body, names, inputs) = (new List<string>(), new StringBuilder(), new List<string>(), new List<FuserValue>());
        foreach (var argument in entry.GetProperty("args").EnumerateArray())
        {
            var name = $"%a{names.Count}";
            if (argument.ValueKind == JsonValueKind.Object)
            {
                declared.Add($"{name} : Tensor");
                inputs.Add(tensors[argument.GetProperty("t").GetString()!]);
            }
            else
            {
                body.Append(Literal(name, argument));
            }

            names.Add(name);
        }

        var results = Enumerable.Range(0, outputs.Length is > 0 and var count ? count : IsPair(operation, names.Count) ? 2 : 1).Select(i => $"%r{i}").ToArray();
        var graph = $"graph({string.Join(", ", declared)}):\n{body}  {string.Join(", ", results.Select(result => $"{result} : Tensor"))} = {operation}({string.Join(", ", names)})\n  return ({string.Join(", ", results)})\n";
        return new RecordedReduction(operation, graph, [.. inputs], outputs, $"{operation}{entry.GetProperty("args").GetRawText()}");
    }

    /// <summary>Whether a call that eager refuses would have given two results, so that it is not refused here for their number.</summary>
    private static bool IsPair(string operation, int arguments) =>
        operation is "aten::aminmax" or "aten::var_mean" or "aten::std_mean" || (operation is "aten::max" or "aten::min" && arguments > 1);

    private static string Literal(string name, JsonElement argument)
    {
        switch (argument.ValueKind)
        {
            case JsonValueKind.Null:
                return $"  {name} : NoneType = prim::Constant()\n";
            case JsonValueKind.True or JsonValueKind.False:
                return $"  {name} : bool = prim::Constant[value={(argument.GetBoolean() ? 1 : 0)}]()\n";
            case JsonValueKind.String:
                return $"  {name} : float = prim::Constant[value={argument.GetString() switch { "Infinity" => "inf", "-Infinity" => "-inf", _ => "nan" }}]()\n";
            case JsonValueKind.Number:
                var text = argument.GetRawText();
                return $"  {name} : {(text.AsSpan().ContainsAny('.', 'e') ? "float" : "int")} = prim::Constant[value={text}]()\n";
            default:
                var items = argument.EnumerateArray().Select((item, i) => (Name: $"{name}_{i}", Value: item)).ToArray();
                return $"{string.Concat(items.Select(item => Literal(item.Name, item.Value)))}  {name} : int[] = prim::ListConstruct({string.Join(", ", items.Select(item => item.Name))})\n";
        }
    }

    private static NdArray Array(JsonElement tensor)
    {
        var dtype = EagerCases.Named(tensor.GetProperty("dtype").GetString()!);
        return TestArrays.FromBytes(dtype, tensor.GetProperty("data").GetBytesFromBase64())
            .WithLayout(TensorLayout.Contiguous([.. tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())]));
    }

    private static ExpectedOutput Output(JsonElement output)
    {
        var eager = Array(output);
        double[] reference = [.. TestArrays.Numbers(eager)];
        if (output.TryGetProperty("error", out var error))
        {
            var errors = TestArrays.FromBytes(DType.Float32, error.GetBytesFromBase64()).ToArray<float>();
            for (var i = 0; i < reference.Length; i++)
            {
                // Where eager has no finite answer, what is recorded is the reference itself, if that is one.
                reference[i] = double.IsFinite(reference[i]) || float.IsNaN(errors[i]) ? reference[i] + errors[i] : errors[i] != 0 ? errors[i] : reference[i];
            }
        }

        return new ExpectedOutput(eager, NdArray.From(reference));
    }
}
