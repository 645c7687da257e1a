using Fuser.Compare.Protocol;
using Fuser.Compare.References;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Peers;

namespace Fuser.Gpu.Tests.Peers;

/// <summary>The peers' own programs. NumPy computes the workloads in CuPy's place: the formulas are those of JAX and CuPy.</summary>
public sealed class PythonWorkerTests : IDisposable
{
    private const int Size = 3000;
    private const int Stride = 7;
    private readonly TemporaryFolder _folder = new();

    public PythonWorkerTests() => Bundle.Extract("peers/", _folder.Path);

    public void Dispose() => _folder.Dispose();

    [NumpyFact]
    public async Task The_formulas_of_array_libraries_compute_the_workloads()
    {
        await using var peer = await StartAsync("peer_cupy");
        peer.Skipped.ShouldBeNull();
        var path = Path.Combine(_folder.Path, "outputs.bin");
        foreach (var workload in WorkloadCatalogue.All)
        {
            var arrays = workload.Arrays(Size);
            (await peer.AskAsync(Message.Of("prepare", arrays.Select(array => array.ToString()).Prepend(workload.Id)), CancellationToken.None)).IsOk.ShouldBeTrue(workload.Id);
            var answer = await peer.AskAsync(Message.Of("check", "cupy", $"{Stride}", path), CancellationToken.None);
            answer.IsOk.ShouldBeTrue($"{workload.Id}: {answer.Reason}");
            ErrorMeasure.Of(Reference.Of(workload, arrays, Stride), [.. arrays.Where(array => array.Kind == ArrayKind.Output)], await File.ReadAllBytesAsync(path)).ShouldBeLessThan(32, workload.Id);
            (await peer.NumberAsync(Message.Of("time", "cupy", "0.1"), CancellationToken.None)).Number!.Value.ShouldBeGreaterThan(0);
            (await peer.NumberAsync(Message.Of("latency", "cupy", "0.1"), CancellationToken.None)).Number!.Value.ShouldBeGreaterThan(0);
        }

        (await peer.AskAsync(Message.Of("cold", "cupy", "3", "1"), CancellationToken.None)).Word.ShouldBe(Message.Refused);
        (await peer.AskAsync(Message.Of("nonsense"), CancellationToken.None)).Word.ShouldBe(Message.Failed);
        (await peer.AskAsync(Message.Of("release"), CancellationToken.None)).IsOk.ShouldBeTrue();
    }

    [NumpyFact]
    public async Task A_library_that_is_not_there_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "peer_some.py"), "import some_library_that_nobody_has\n");
        await using var peer = await StartAsync("peer_some");
        peer.Skipped!.ShouldStartWith("some_library_that_nobody_has is not installed for ");
    }

    private async Task<PeerProcess> StartAsync(string module)
    {
        var peer = new PeerProcess(module, ["cupy"]);
        await peer.StartAsync(PythonPeers.Program, _folder.Path, _folder.Path, null, CancellationToken.None);
        return peer;
    }
}
