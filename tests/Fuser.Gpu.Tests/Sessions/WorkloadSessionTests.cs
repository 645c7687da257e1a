using Fuser.Compare.Workloads;
using Fuser.CudaTesting;
using Fuser.Gpu.Peers;
using Fuser.Gpu.Reports;
using Fuser.Gpu.Sessions;

namespace Fuser.Gpu.Tests.Sessions;

/// <summary>The workloads on a CUDA device that is none: everything but the hardware.</summary>
public sealed class WorkloadSessionTests
{
    private const int Size = 2000;
    private static readonly string[] s_workloads = ["W1", "W3", "W5", "W7-f64", "W8", "W9", "W10", "W11", "W12"];

    public static TheoryData<string> Workloads { get; } = [.. s_workloads];

    [Theory]
    [MemberData(nameof(Workloads))]
    public async Task The_device_computes_the_workload_and_is_timed_by_its_events(string workload)
    {
        var driver = new CudaStandIn();
        await using var fuser = Systems.On(driver);
        var cells = await RunAsync(fuser, workload);
        cells.Select(cell => cell.Subject).ShouldBe([PeerNames.Fuser, PeerNames.Copy]);
        var (own, copy) = (cells[0], cells[1]);
        own.Refusal.ShouldBeNull();
        own.Error!.Value.ShouldBeLessThan(16);
        own.Bytes.ShouldBe(WorkloadCatalogue.Find(workload).Single().Bytes(Size));

        // The stand-in takes a millisecond for every kernel and every copy.
        (own.Note, own.Nanoseconds!.Median).ShouldBe(("1 kernel", 1e6));
        (copy.Nanoseconds!.Median, copy.Bytes, copy.Error).ShouldBe((1e6, 2L * 4 * Size, null));
        driver.Allocated.ShouldBe(0, "a workload leaves nothing behind");
    }

    [Fact]
    public async Task A_device_that_computes_something_else_has_an_error_that_fails_the_run()
    {
        await using var fuser = Systems.OnWrong("mul.rn.f32", "add.rn.f32");
        (await RunAsync(fuser, "W1"))[0].Error!.Value.ShouldBeGreaterThan(RunResult.WrongFrom);
    }

    [Fact]
    public async Task A_device_without_the_memory_is_a_reason_and_not_the_end()
    {
        var driver = new CudaStandIn { MemoryBytes = 5 * 4 * Size };
        await using var fuser = Systems.On(driver);
        var cells = await RunAsync(fuser, "W9");
        cells[0].Refusal.ShouldNotBeNull(string.Join(" ", cells)).ShouldStartWith("FUS5004");
        cells[0].Nanoseconds.ShouldBeNull();
        cells[1].Nanoseconds!.Median.ShouldBe(1e6);
        driver.Allocated.ShouldBe(0);
    }

    [Fact]
    public void Workloads_with_rows_have_whole_ones()
    {
        static long Elements(string workload) => WorkloadSession.ElementsOf(WorkloadCatalogue.Find(workload).Single(), 1L << 28);
        (Elements("W1"), Elements("W12"), Elements("W6-sum")).ShouldBe((1L << 28, 1L << 28, 1L << 28));
        (Elements("W3"), Elements("W5"), Elements("W6-softmax"), Elements("W6-colsum")).ShouldBe((268_435_000, 268_435_000, 268_435_000, 268_435_000));
    }

    [Theory]
    [InlineData(1_000_000, 1)]
    [InlineData(268_435_456, 2681)]
    public void Large_outputs_are_checked_in_every_column(long elements, long stride)
    {
        WorkloadSession.StrideOf(elements).ShouldBe(stride);
        Enumerable.Range(0, 1000).Select(i => i * stride % 1000).Distinct().Count().ShouldBe(1000);
    }

    private static async Task<List<Cell>> RunAsync(Fuser.Actors.FuserSystem fuser, string workload)
    {
        using var scratch = new TemporaryFolder();
        var options = GpuOptions.Parse(["--workload", workload, "--elements", $"{Size}", "--rounds", "2", "--milliseconds", "1", "--peer", "none"]);
        return await new WorkloadSession(fuser, [], options, scratch.Path).RunAsync(CancellationToken.None);
    }
}
