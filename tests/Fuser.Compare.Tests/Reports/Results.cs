using Fuser.Compare.Measuring;
using Fuser.Compare.Reports;

namespace Fuser.Compare.Tests.Reports;

/// <summary>A run that never was.</summary>
internal static class Results
{
    public static RunResult Small { get; } = new(
        new MachineDescription("A <fast> & small processor", 2, ["L1 data 32K"], "AVX2", 8L << 30, "always", "A system", "a kernel", ".NET"),
        new RunDescription(new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero), TimeSpan.FromMinutes(3), "abcdef", false, 3, 40, 0.5, 0.01),
        [
            new PeerDescription("fuser", "this runtime", false, true, ["Fuser=1"], null),
            new PeerDescription("limit", "bare loop", true, false, [".NET=10"], null),
            new PeerDescription("memory", "other bare loop", true, false, ["g++=12"], null),
            new PeerDescription("hand", "hand-written | C++", false, false, ["g++=12"], null),
            new PeerDescription("numba", "numba", false, false, [], "numba is not installed"),
        ],
        [
            Timed("W1", 2, "fuser", 2.0),
            Timed("W1", 2, "limit", 1.0),
            Timed("W1", 2, "memory", 0.5),
            Timed("W1", 2, "hand", 4.0),
            Timed("W1", 1, "fuser", 3.0),
            Timed("W1", 1, "limit", 2.0),
            new Cell("W2", 1000, 2, "fuser", null, null, "", "FUS2005: not offered"),
            Timed("W2", 2, "hand", 8.0),
            Timed("W2", 2, "limit", 1.0),
        ],
        [new ColdStart("text to first result", "fuser", new Summary(1.25, 1, 2, 3), null), new ColdStart("text to first result", "hand", null, "compiled beforehand")],
        [new CallCost("TryRun", new Summary(200, 190, 220, 3), 0)],
        [new Crossover("W1", 1024, 2, new Summary(100, 90, 110, 3), new Summary(50, 40, 60, 3))],
        [new Throughput(1, false, new Summary(5, 4, 6, 3)), new Throughput(1, true, new Summary(6, 5, 7, 3))]);

    private static Cell Timed(string workload, int threads, string peer, double time) => new(workload, 1000, threads, peer, new Summary(time, time / 2, time * 2, 3), peer == "limit" ? null : 1.5, "note", null);
}
