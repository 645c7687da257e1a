using System.Globalization;
using Fuser.Compare.Workloads;

namespace Fuser.Compare;

/// <summary>What to measure, from the command line.</summary>
internal sealed record ComparisonOptions
{
    public const string Usage =
        """
        usage: benchmarks/compare/run [OPTION]...

          --quick              small sizes and few rounds; results go to out/compare unless --output says otherwise
          --workload ID[,ID]   W1 to W12; W6 stands for all of its parts. Default: all
          --size N[,N]         elements, in multiples of 1000; 2e7 is a number. Default: 1e4,1e6,2e7
          --threads N[,N]      threads; all = the number of processors. Default: 1,all
          --peer NAME[,NAME]   only these beside this runtime and the memory limit (hand, numba, numexpr, tensor-primitives, torch-eager, torch-original)
          --rounds N           measurements of each peer, taken in turns. Default: 9
          --milliseconds N     time of one measurement. Default: 40
          --output DIR         where compare.md, compare.svg and compare.json go. Default: benchmarks/results
          --no-install         never install a peer
        """;

    public const int MaxRounds = 1000;
    public const long MaxSize = 500_000_000;

    public bool Quick { get; init; }

    public IReadOnlyList<Workload> Workloads { get; init; } = WorkloadCatalogue.All;

    public IReadOnlyList<long> Sizes { get; init; } = [10_000, 1_000_000, 20_000_000];

    public IReadOnlyList<int> Threads { get; init; } = AllThreads(1);

    /// <summary>Null for all.</summary>
    public IReadOnlyList<string>? Peers { get; init; }

    public int Rounds { get; init; } = 9;

    public double Milliseconds { get; init; } = 40;

    /// <summary>Null for the default.</summary>
    public string? Output { get; init; }

    public bool Install { get; init; } = true;

    /// <exception cref="FormatException">The arguments make no sense; the message says which.</exception>
    public static ComparisonOptions Parse(IReadOnlyList<string> arguments)
    {
        // Named options win over what --quick stands for, wherever they stand.
        var options = arguments.Contains("--quick")
            ? new ComparisonOptions { Quick = true, Sizes = [10_000, 200_000], Rounds = 3, Milliseconds = 8 }
            : new ComparisonOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--quick" => options,
                "--no-install" => options with { Install = false },
                "--workload" => options with { Workloads = [.. List(i++).SelectMany(FindWorkloads).Distinct()] },
                "--size" => options with { Sizes = [.. List(i++).Select(Size).Distinct().Order()] },
                "--threads" => options with { Threads = [.. List(i++).Select(ThreadCount).Distinct().Order()] },
                "--peer" => options with { Peers = List(i++) },
                "--rounds" => options with { Rounds = Whole("--rounds", Value(i++), 1, MaxRounds) },
                "--milliseconds" => options with { Milliseconds = Whole("--milliseconds", Value(i++), 1, 10_000) },
                "--output" => options with { Output = Value(i++) },
                var other => throw new FormatException($"unknown option '{other}'"),
            };
        }

        return options;

        string Value(int option) => option + 1 < arguments.Count ? arguments[option + 1] : throw new FormatException($"{arguments[option]} needs a value");

        string[] List(int option) => Value(option).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static IEnumerable<Workload> FindWorkloads(string name) =>
        WorkloadCatalogue.Find(name) is var found && found.Any() ? found : throw new FormatException($"there is no workload '{name}'; there are {string.Join(", ", WorkloadCatalogue.All.Select(workload => workload.Id))}");

    private static long Size(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var size) && size is >= Workload.SizeStep and <= MaxSize && size % Workload.SizeStep == 0
            ? (long)size
            : throw new FormatException($"--size takes multiples of {Workload.SizeStep} up to {MaxSize}, not '{text}'");

    private static int ThreadCount(string text) => text == "all" ? Environment.ProcessorCount : Whole("--threads", text, 1, 1024);

    private static int Whole(string option, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{option} takes whole numbers from {least} to {most}, not '{text}'");

    private static int[] AllThreads(int least) => [.. new[] { least, Environment.ProcessorCount }.Distinct()];
}
