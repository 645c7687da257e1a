using System.Globalization;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Peers;

namespace Fuser.Gpu;

/// <summary>The parts of a run.</summary>
[Flags]
internal enum Parts
{
    None = 0,
    Probe = 1,
    Corpus = 2,
    Workloads = 4,
    Calls = 8,
    All = Probe | Corpus | Workloads | Calls,
}

/// <summary>What to run, from the command line.</summary>
internal sealed record GpuOptions
{
    public const string Usage =
        """
        usage: benchmarks/gpu/run [OPTION]...

          --device NAME        cuda, cuda:1, opencl, ... Default: cuda
          --elements N         elements of a workload: 2^28, 1e6, 65536. Default: 2^28
          --part NAME[,NAME]   probe, corpus, workloads, calls. Default: all
          --workload ID[,ID]   W1 to W12; W6 stands for all of its parts. Default: all
          --peer NAME[,NAME]   only these beside this runtime (torch-compile, torch-eager, jax, cupy), or none. Default: all
          --rounds N           measurements of each peer, taken in turns. Default: 9
          --milliseconds N     time of one measurement. Default: 100
          --corpus DIR         run this corpus instead of the one inside the program
          --python PROGRAM     Python of the peers. Default: python3
          --output DIR         where results go. Default: benchmarks/gpu/results of the checkout, else results

        exit code: 0 done, 1 something gave wrong results or failed, 2 the usage is wrong, 3 there is no such device
        """;

    public const int MaxRounds = 1000;
    public const long MaxElements = 1L << 31;

    public string Device { get; init; } = "cuda";

    public long Elements { get; init; } = 1L << 28;

    public Parts Parts { get; init; } = Parts.All;

    public IReadOnlyList<Workload> Workloads { get; init; } = WorkloadCatalogue.All;

    public IReadOnlyList<string> Peers { get; init; } = PeerNames.Peers;

    public int Rounds { get; init; } = 9;

    public double Milliseconds { get; init; } = 100;

    /// <summary>Null for the one inside the program.</summary>
    public string? Corpus { get; init; }

    public string Python { get; init; } = "python3";

    /// <summary>Null for the default.</summary>
    public string? Output { get; init; }

    /// <exception cref="FormatException">The arguments make no sense; the message says which.</exception>
    public static GpuOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new GpuOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--device" => options with { Device = Value(i++) },
                "--elements" => options with { Elements = ElementCount(Value(i++)) },
                "--part" => options with { Parts = List(i++).Select(Part).Aggregate(Parts.None, (all, part) => all | part) },
                "--workload" => options with { Workloads = [.. List(i++).SelectMany(FindWorkloads).Distinct()] },
                "--peer" => options with { Peers = Value(i) == "none" ? Nothing(i++) : [.. List(i++).Select(Peer)] },
                "--rounds" => options with { Rounds = Whole("--rounds", Value(i++), MaxRounds) },
                "--milliseconds" => options with { Milliseconds = Whole("--milliseconds", Value(i++), 10_000) },
                "--corpus" => options with { Corpus = Folder(Value(i++)) },
                "--python" => options with { Python = Value(i++) },
                "--output" => options with { Output = Value(i++) },
                var other => throw new FormatException($"unknown option '{other}'"),
            };
        }

        return options;

        string Value(int option) => option + 1 < arguments.Count ? arguments[option + 1] : throw new FormatException($"{arguments[option]} needs a value");

        string[] List(int option) => Value(option).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        static string[] Nothing(int option) => [];
    }

    private static Parts Part(string name) => Enum.TryParse<Parts>(name, ignoreCase: true, out var part) && Enum.IsDefined(part) && part != Parts.None && !char.IsDigit(name[0])
        ? part
        : throw new FormatException($"there is no part '{name}'; there are probe, corpus, workloads and calls");

    private static string Peer(string name) => PeerNames.Peers.Contains(name) ? name : throw new FormatException($"there is no peer '{name}'; there are {string.Join(", ", PeerNames.Peers)}");

    private static string Folder(string path) => Directory.Exists(path) ? path : throw new FormatException($"there is no folder '{path}'");

    private static IEnumerable<Workload> FindWorkloads(string name) =>
        WorkloadCatalogue.Find(name) is var found && found.Any() ? found : throw new FormatException($"there is no workload '{name}'; there are {string.Join(", ", WorkloadCatalogue.All.Select(workload => workload.Id))}");

    private static long ElementCount(string text)
    {
        var power = text.StartsWith("2^", StringComparison.Ordinal) && int.TryParse(text.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var exponent) && exponent < 63 ? Math.ScaleB(1, exponent) : double.NaN;
        return (!double.IsNaN(power) || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out power)) && power is >= Workload.SizeStep and <= MaxElements && power % 1 == 0
            ? (long)power
            : throw new FormatException($"--elements takes whole numbers from {Workload.SizeStep} to {MaxElements}, or powers such as 2^28, not '{text}'");
    }

    private static int Whole(string option, string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new FormatException($"{option} takes whole numbers from 1 to {most}, not '{text}'");
}
