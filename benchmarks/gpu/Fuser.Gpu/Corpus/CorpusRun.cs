using Fuser.Actors;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Measuring;
using Fuser.Gpu.Reports;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Gpu.Corpus;

/// <summary>Every graph of the corpus, and workloads at a small size, on the device and on the processor: the bits must be the same.</summary>
internal sealed class CorpusRun(FuserSystem fuser, string device)
{
    /// <summary>Random operations draw the same numbers everywhere from one seed.</summary>
    private const long Seed = 20;
    private const int WorkloadSize = 40_000;

    private readonly List<string> _differences = [];
    private readonly List<string> _onFallback = [];
    private int _cases;

    public async Task<CorpusResult> RunAsync(CorpusFiles files, IReadOnlyList<Workload> workloads, CancellationToken cancellationToken = default)
    {
        foreach (var (folder, graph) in files.Cases())
        {
            await CompareAsync(folder + graph, () => CorpusCase.Load(files, folder, graph), cancellationToken);
        }

        foreach (var workload in workloads)
        {
            await CompareAsync(workload.Id, () => OfWorkload(workload), cancellationToken);
        }

        return new CorpusResult(_cases, _differences, _onFallback);
    }

    private static CorpusCase OfWorkload(Workload workload) =>
        new(workload.Id, GraphText.Parse(Bundle.Text($"graphs/{workload.Id}.ir")), [.. HostArrays.Inputs(workload.Arrays(WorkloadSize)).Select(array => (FuserValue)array)]);

    private async Task CompareAsync(string name, Func<CorpusCase> load, CancellationToken cancellationToken)
    {
        _cases++;
        try
        {
            var @case = load();
            var function = await fuser.RegisterAsync(@case.Graph, cancellationToken);
            FuserValue[] inputs = [.. @case.Inputs];
            var wanted = await function.RunWithReportAsync(inputs, new RunOptions { Seed = Seed }, cancellationToken);
            var got = await function.RunWithReportAsync(inputs, new RunOptions { Seed = Seed, Device = device, AllowInexact = true }, cancellationToken);
            if (SameBits.Difference(wanted.Outputs, got.Outputs) is { } difference)
            {
                _differences.Add($"{name}: {difference}");
            }

            if (got.Fallbacks.Length > 0)
            {
                _onFallback.Add($"{name}: {got.Fallbacks[0].Reason}");
            }
        }
        catch (FuserException error)
        {
            _differences.Add($"{name}: {error.Code}: {error.Message}");
        }
    }
}
