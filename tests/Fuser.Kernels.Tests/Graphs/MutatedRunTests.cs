using System.Text.Json;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Graphs;

/// <summary>
/// Graphs that read well and mean nothing: arguments left out, doubled, exchanged, other operations, other types, other literals. Whatever becomes of one, in
/// the parser, the planner or the run, is a result or an error that is the graph's and says where.
/// </summary>
public sealed class MutatedRunTests
{
    private const int MutantsPerFile = 12;

    /// <summary>Elements of the inputs of a graph; larger ones test nothing else and take longer.</summary>
    private const long MaxElements = 20_000;

    private static readonly TimeSpan LoopLimit = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string> Findings => [.. Corpus.Findings().Where(file => !file.Contains("red2000"))];

    [Theory]
    [MemberData(nameof(Findings))]
    public void What_failed_once_is_answered_or_refused(string file)
    {
        var inputs = GraphText.Parse(Corpus.Read(file)).Inputs.Select(_ => (FuserValue)Programs.Range(2, 3)).ToArray();
        Fault(Corpus.Read(file), inputs).ShouldBeNull();
    }

    [Fact]
    public void A_graph_of_mutated_nodes_runs_or_is_refused_with_an_error_of_its_own()
    {
        var faults = new List<string>();
        var (ran, refused) = (0, 0);
        foreach (var (file, seed) in Corpus.GraphFiles().SelectMany(file => Enumerable.Range(0, Mutants).Select(seed => (file, seed))))
        {
            var random = new Random(HashCode(file) + seed);
            if (InputsOf(file, random) is not { } inputs)
            {
                continue;
            }

            var text = GraphMutation.Mutate(Corpus.Read(file), random);
            if (Fault(text, inputs, ref ran, ref refused) is { } fault)
            {
                faults.Add($"{file}, seed {seed}: {fault}\n{text}");
            }
        }

        faults.ShouldBeEmpty(string.Join("\n\n", faults.Take(5)));

        // Both must happen often, or the mutations test nothing.
        ran.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(100);
    }

    /// <summary>More are tried by hand: FUSER_MUTANTS=300.</summary>
    private static int Mutants => int.TryParse(Environment.GetEnvironmentVariable("FUSER_MUTANTS"), out var count) ? count : MutantsPerFile;

    private static string? Fault(string text, FuserValue[] inputs)
    {
        var (ran, refused) = (0, 0);
        return Fault(text, inputs, ref ran, ref refused);
    }

    /// <summary>What went wrong as nothing may, or null.</summary>
    private static string? Fault(string text, FuserValue[] inputs, ref int ran, ref int refused)
    {
        foreach (var mode in new[] { FusionMode.Fused, FusionMode.Unfused })
        {
            try
            {
                using var limit = new CancellationTokenSource(LoopLimit);
                KernelCompiler.Compile(GraphText.Parse(text), inputs, InterpreterTarget.Instance, mode).Run(inputs, seed: 7, cancellationToken: limit.Token);
                ran++;
            }
            catch (OperationCanceledException)
            {
                ran++; // a loop without end
            }
            catch (FuserException error) when (error is not InternalFuserException && error.Code.Length > 0)
            {
                refused++;
            }
            catch (Exception error)
            {
                return error.ToString();
            }
        }

        return null;
    }

    private static int HashCode(string file) => file.Aggregate(17, (hash, character) => unchecked((hash * 31) + character));

    /// <summary>Values of the kinds and shapes that were recorded; null where they are many.</summary>
    private static FuserValue[]? InputsOf(string file, Random random)
    {
        var path = Path.Combine(Corpus.Root, Path.GetDirectoryName(file)!, "case.json");
        if (!File.Exists(path))
        {
            return null;
        }

        var inputs = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("inputs").EnumerateArray().ToArray();
        var total = inputs.Where(input => input.TryGetProperty("shape", out _)).Sum(input => input.GetProperty("shape").EnumerateArray().Aggregate(1L, (count, size) => count * size.GetInt64()));
        return total > MaxElements ? null : Array.ConvertAll(inputs, input => InputOf(input, random));
    }

    private static FuserValue InputOf(JsonElement input, Random random) => input.GetProperty("kind").GetString() switch
    {
        "tensor" => RandomArrays.Create(
            random,
            Enum.Parse<DType>(input.GetProperty("dtype").GetString()!.Replace("bfloat", "BFloat"), ignoreCase: true),
            [.. input.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())]),
        "bool" => input.GetProperty("value").GetBoolean(),
        "float" => input.GetProperty("value").GetDouble(),
        _ => input.GetProperty("value").GetInt64(),
    };
}
