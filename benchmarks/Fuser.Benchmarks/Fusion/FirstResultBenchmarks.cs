using BenchmarkDotNet.Attributes;
using Fuser.Actors;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Benchmarks.Fusion;

/// <summary>From the text of a graph nobody has seen to its first result: parse, normalise, plan, compile, run. The process is warm, the graph is not.</summary>
[MemoryDiagnoser]
public class FirstResultBenchmarks
{
    private readonly FuserValue[] _inputs = [new float[16], new float[16]];
    private FuserSystem _fuser = null!;
    private int _number;

    [Params(5, 30, 150)]
    public int Operations { get; set; }

    [GlobalSetup]
    public async Task Setup() => _fuser = await FuserSystem.StartAsync();

    [GlobalCleanup]
    public async Task Cleanup() => await _fuser.DisposeAsync();

    [Benchmark]
    public async Task<NdArray> Text_to_first_result()
    {
        var function = await _fuser.RegisterAsync(GraphText.Parse(BenchmarkGraphs.Chain(Operations, ++_number)));
        return (await function.RunAsync(_inputs))[0];
    }
}
