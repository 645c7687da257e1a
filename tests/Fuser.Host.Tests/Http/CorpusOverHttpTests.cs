using Fuser.Host.Npy;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Http;

/// <summary>Every graph of the corpus through a node gives the bits that <c>run</c> gives.</summary>
public sealed class CorpusOverHttpTests : IClassFixture<CorpusOverHttpTests.SharedNode>
{
    private readonly SharedNode _shared;

    public CorpusOverHttpTests(SharedNode shared) => _shared = shared;

    [Theory]
    [MemberData(nameof(CorpusTests.All), MemberType = typeof(CorpusTests))]
    public async Task It_is_the_same_as_run(string name, string file)
    {
        using var temporary = new TemporaryDirectory();
        var @case = CorpusCase.Load(name);
        var graph = Path.Combine(@case.Folder, file);
        (await ToolRun.InProcessAsync(["run", graph, .. @case.Values.SelectMany(v => new[] { "-i", v }), "-o", temporary.Of("out"), "--seed", "3"])).ShouldSucceed();

        var key = await _shared.Node.RegisterAsync(await File.ReadAllTextAsync(graph));
        var outputs = await _shared.Node.RunAsync(key, TestNode.Npz([.. @case.Values.Select((value, i) => ($"in_{i}", Array(value)))]), "?seed=3");
        outputs.Length.ShouldBe(@case.Outputs.Length);
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i].ShouldHaveTheBitsOf(NpyReader.Load(temporary.Of($"out/out_{i}.npy")), $"{name}/{file}, output {i}");
        }
    }

    private static NdArray Array(string value) => value switch
    {
        "true" or "false" => NdArray.Scalar(value == "true"),
        _ when long.TryParse(value, out var integer) => NdArray.Scalar(integer),
        _ when double.TryParse(value, out var number) => NdArray.Scalar(number),
        _ => Contiguous(NpyReader.Load(value)),
    };

    /// <summary>As numpy.savez would send it; only Fortran order is not row-major when it is read.</summary>
    private static NdArray Contiguous(NdArray array)
    {
        if (array.Layout.IsContiguous)
        {
            return array;
        }

        using var stream = new MemoryStream();
        NpyWriter.Write(stream, array);
        stream.Position = 0;
        return NpyReader.Read(stream, "array");
    }

    public sealed class SharedNode : IAsyncLifetime
    {
        internal TestNode Node { get; private set; } = null!;

        public async Task InitializeAsync() => Node = await TestNode.StartAsync();

        public async Task DisposeAsync() => await Node.DisposeAsync();
    }
}
