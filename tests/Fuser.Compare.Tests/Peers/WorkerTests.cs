using Fuser.Compare.Peers;
using Fuser.Compare.Protocol;
using Fuser.Compare.References;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Tests.Peers;

/// <summary>The two workers that need nothing but .NET compute what the references say: the formulas are written down more than once, and agree.</summary>
public sealed class WorkerTests
{
    private const long Size = 12_000;

    public static TheoryData<string> Workloads { get; } = [.. WorkloadCatalogue.All.Select(workload => workload.Id)];

    [Theory]
    [MemberData(nameof(Workloads))]
    public async Task The_runtime_computes_the_workload(string workload)
    {
        using var worker = await FuserWorker.StartAsync();
        foreach (var threads in new[] { 1, 2 })
        {
            // Errors are those of float32 evaluation; gelu and Black-Scholes cancel.
            ErrorOf(worker, workload, threads)?.ShouldBeLessThan(16);
        }
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void TensorPrimitives_compute_the_workload(string workload)
    {
        using var worker = new TensorPrimitivesWorker();
        foreach (var threads in new[] { 1, 2 })
        {
            // Its error function is good to 3e-7, and sums are as long as a column.
            ErrorOf(worker, workload, threads)?.ShouldBeLessThan(64);
        }
    }

    [Fact]
    public async Task The_bare_loop_moves_every_byte_of_the_arrays()
    {
        using var worker = await FuserWorker.StartAsync();
        foreach (var workload in WorkloadCatalogue.All)
        {
            worker.Prepare(workload.Id, Texts(workload));
            worker.Check(PeerNames.Limit, 1, 1, "").ShouldContain("stores", customMessage: workload.Id);
            worker.Time(PeerNames.Limit, 1, 0.1).Nanoseconds.ShouldBeGreaterThan(0);
        }
    }

    /// <summary>Null where the worker refuses the workload, with a reason.</summary>
    private static double? ErrorOf(IWorker worker, string name, int threads)
    {
        var workload = WorkloadCatalogue.All.Single(known => known.Id == name);
        var path = Path.GetTempFileName();
        try
        {
            worker.Prepare(workload.Id, Texts(workload));
            worker.Check(PeerNames.Fuser, threads, 7, path);
            ArraySpec[] outputs = [.. workload.Arrays(Size).Where(array => array.Kind == ArrayKind.Output)];
            return ErrorMeasure.Of(Reference.Of(workload, workload.Arrays(Size), 7), outputs, File.ReadAllBytes(path));
        }
        catch (RefusedException refusal)
        {
            refusal.Message.ShouldNotBeEmpty();
            return null;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string[] Texts(Workload workload) => [.. workload.Arrays(Size).Select(array => array.ToString())];
}
