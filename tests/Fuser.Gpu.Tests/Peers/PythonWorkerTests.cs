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

    /// <summary>The last two on stand-ins: their library is not here, and their own code is tested.</summary>
    [NumpyTheory]
    [InlineData("peer_cupy", false, "device=processor")]
    [InlineData("peer_cupy", true, "device=a device")]
    [InlineData("peer_jax", false, "device=cpu")]
    public async Task A_peer_computes_the_workloads(string module, bool isOnDevice, string version)
    {
        LibraryStandIns.WriteTo(_folder.Path);
        await using var peer = await StartAsync(module, isOnDevice);
        peer.Skipped.ShouldBeNull();
        peer.Versions.ShouldContain(version);
        var path = Path.Combine(_folder.Path, "outputs.bin");
        foreach (var workload in WorkloadCatalogue.All)
        {
            var arrays = workload.Arrays(Size);
            (await peer.AskAsync(Message.Of("prepare", arrays.Select(array => array.ToString()).Prepend(workload.Id)), CancellationToken.None)).IsOk.ShouldBeTrue(workload.Id);
            var answer = await peer.AskAsync(Message.Of("check", "cupy", $"{Stride}", path), CancellationToken.None);
            answer.IsOk.ShouldBeTrue($"{workload.Id}: {answer.Reason}");
            answer.Fields[0].ShouldBe(NoteOf(module, isOnDevice, workload.Id));
            ErrorMeasure.Of(Reference.Of(workload, arrays, Stride), [.. arrays.Where(array => array.Kind == ArrayKind.Output)], await File.ReadAllBytesAsync(path)).ShouldBeLessThan(32, workload.Id);
            (await peer.NumberAsync(Message.Of("time", "cupy", "0.1"), CancellationToken.None)).Number!.Value.ShouldBeGreaterThan(0);
            (await peer.NumberAsync(Message.Of("latency", "cupy", "0.1"), CancellationToken.None)).Number!.Value.ShouldBeGreaterThan(0);
        }

        var (cold, refusal) = await peer.NumberAsync(Message.Of("cold", "cupy", "3", "1"), CancellationToken.None);
        (cold > 0 || refusal == "nothing is compiled").ShouldBeTrue(refusal);
        (await peer.AskAsync(Message.Of("nonsense"), CancellationToken.None)).Word.ShouldBe(Message.Failed);
        (await peer.AskAsync(Message.Of("release"), CancellationToken.None)).IsOk.ShouldBeTrue();
    }

    private static string NoteOf(string module, bool isOnDevice, string workload) => module == "peer_jax" ? "by the clock, around calls that do not wait for each other"
        : workload.StartsWith("W6", StringComparison.Ordinal) ? "not fused: a reduction"
        : !isOnDevice ? "no cupy.fuse"
        : workload == "W7-f64" ? "cupy.fuse failed with TypeError: no fusion of that here"
        : "one kernel by cupy.fuse";

    [NumpyFact]
    public async Task A_library_that_is_not_there_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "peer_some.py"), "import some_library_that_nobody_has\n");
        await using var peer = await StartAsync("peer_some");
        peer.Skipped!.ShouldStartWith("some_library_that_nobody_has is not installed for ");
    }

    [NumpyFact]
    public async Task A_device_that_a_library_does_not_find_is_a_reason()
    {
        LibraryStandIns.WriteTo(_folder.Path);
        await using var peer = await StartAsync("peer_jax", isOnDevice: true);
        peer.Skipped.ShouldBe("JAX 0.0 finds no cuda device: unknown backend cuda");
    }

    private async Task<PeerProcess> StartAsync(string module, bool isOnDevice = false)
    {
        var peer = new PeerProcess(module, ["cupy"]);
        await peer.StartAsync(PythonPeers.Program, _folder.Path, _folder.Path, isOnDevice ? 0 : null, CancellationToken.None);
        return peer;
    }
}
