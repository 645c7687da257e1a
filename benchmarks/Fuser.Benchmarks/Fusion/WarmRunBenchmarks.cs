using BenchmarkDotNet.Attributes;
using Fuser.Actors;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Benchmarks.Fusion;

/// <summary>A warm run over 16 elements: what the runtime itself costs.</summary>
[MemoryDiagnoser]
public class WarmRunBenchmarks
{
    private readonly FuserValue[] _inputs = [new float[16], new float[16]];
    private readonly NdArray[] _outputs = [NdArray.From(new float[16])];
    private FuserSystem _fuser = null!;
    private FusedFunction _function = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        _fuser = await FuserSystem.StartAsync();
        _function = await _fuser.RegisterAsync(GraphText.Parse(BenchmarkGraphs.Chain(5, 0)));
        await _function.WarmUpAsync(_inputs);
    }

    [GlobalCleanup]
    public async Task Cleanup() => await _fuser.DisposeAsync();

    [Benchmark(Baseline = true)]
    public ValueTask RunAsync_into_given_arrays() => _function.RunAsync(_inputs, _outputs);

    [Benchmark]
    public bool TryRun() => _function.TryRun(_inputs, _outputs);

    [Benchmark]
    public ValueTask<System.Collections.Immutable.ImmutableArray<NdArray>> RunAsync_into_new_arrays() => _function.RunAsync(_inputs);
}
