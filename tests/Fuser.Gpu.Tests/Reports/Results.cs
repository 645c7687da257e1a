using Fuser.Compare.Measuring;
using Fuser.Compare.Reports;
using Fuser.Gpu.Measuring;
using Fuser.Gpu.Peers;
using Fuser.Gpu.Reports;

namespace Fuser.Gpu.Tests.Reports;

/// <summary>A run that never was.</summary>
internal static class Results
{
    private const long Gigabyte = 1_000_000_000;

    public static RunResult Small { get; } = new(
        new MachineDescription("A <fast> processor", 16, [], "AVX-512", 8L << 30, "always", "A system", "a kernel", ".NET 10"),
        new DeviceResult("cuda", "NVIDIA H200 (test)", "CUDA 13.0", "sm_90", 141L << 30),
        new RunDescription(new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero), TimeSpan.FromMinutes(3), "0.1.0", "abcdef", 1 << 28, 9, 100, "events of the device", false),
        new ProbeResult(null, 1.5),
        new CorpusResult(200, [], ["reductions/x: no room"]),
        [
            new PeerDescription(PeerNames.Fuser, "this runtime", ["Fuser=0.1.0"], null),
            new PeerDescription(PeerNames.TorchCompile, "torch.compile", ["PyTorch=2.9"], null),
            new PeerDescription(PeerNames.Jax, "JAX", [], "jax is not installed"),
        ],
        [
            Timed("W1", PeerNames.Fuser, 1.0, 2),
            Timed("W1", PeerNames.TorchCompile, 1.25, 2),
            Timed("W1", PeerNames.Copy, 0.98, null),
            Timed("W9", PeerNames.Fuser, 2.0, 2),
            Timed("W9", PeerNames.TorchCompile, 1.6, 2),
            Timed("W9", PeerNames.TorchEager, 0.1, RunResult.WrongFrom),
            Timed("W9", PeerNames.Copy, 1.0, null),
            new Cell("W2", 1 << 28, Gigabyte, PeerNames.Fuser, Of(1e6), 1, "1 kernel", null),
            new Cell("W2", 1 << 28, Gigabyte, PeerNames.TorchCompile, null, null, "", "out of memory | sorry\nreally"),
        ],
        [
            new CallCost(CallCosts.ColdTitle, PeerNames.Fuser, "ms", Of(120), null),
            new CallCost(CallCosts.LatencyTitle, PeerNames.Fuser, "us", Of(30), null),
            new CallCost(CallCosts.BareLatencyTitle, PeerNames.Fuser, "us", Of(18), null),
            new CallCost(CallCosts.RateTitle + ": 16 callers", PeerNames.Fuser, "us", Of(8), null),
            new CallCost(CallCosts.ColdTitle, PeerNames.TorchEager, "ms", null, "nothing is compiled"),
        ]);

    private static Cell Timed(string workload, string subject, double milliseconds, double? error) => new(workload, 1 << 28, Gigabyte, subject, Of(milliseconds * 1e6), error, "note", null);

    private static Summary Of(double median) => new(median, median / 2, median * 2, 9);
}
