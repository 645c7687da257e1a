using Fuser.Compare.Protocol;

namespace Fuser.Compare.Peers;

/// <summary>Something that is measured.</summary>
internal sealed record Subject(string Name, string Title);

/// <summary>A process of the comparison.</summary>
/// <param name="Subjects">What it measures; they share its arrays.</param>
/// <param name="Needs">Requirements, by name.</param>
internal sealed record PeerProcess(IReadOnlyList<Subject> Subjects, IReadOnlyList<string> Needs, Func<Installation, WorkerCommand> Command);

/// <summary>All peers and how they are started.</summary>
internal static class PeerCatalogue
{
    public static IReadOnlyList<PeerProcess> All { get; } =
    [
        new([new(PeerNames.Fuser, "this runtime"), new(PeerNames.Limit, "bare loop, C#, same process")], [], _ => Own(PeerNames.Fuser)),
        new([new(PeerNames.Memory, "bare loop, C++")], [Installation.Compiler], installation => Native(installation)),
        new([new(PeerNames.Hand, "hand-written C++")], [Installation.Compiler], installation => Native(installation)),
        new([new(PeerNames.Numba, "numba")], [Installation.Numba], installation => Python(installation, Installation.Numba, "peer_numba")),
        new([new(PeerNames.Numexpr, "numexpr")], [Installation.Numexpr], installation => Python(installation, Installation.Numexpr, "peer_numexpr")),
        new([new(PeerNames.TensorPrimitives, "TensorPrimitives")], [], _ => Own(PeerNames.TensorPrimitives, ("DOTNET_TieredCompilation", "0"), ("DOTNET_PreferredVectorBitWidth", "512"))),
        new([new(PeerNames.TorchEager, "PyTorch eager")], [Installation.Torch], installation => Python(installation, Installation.Torch, "peer_torch", "eager")),
        new([new(PeerNames.TorchOriginal, "PyTorch's original fuser")], [Installation.Torch, Installation.Compiler], installation => Python(installation, Installation.Torch, "peer_torch", "original")),
    ];

    /// <summary>This program as another process.</summary>
    public static WorkerCommand OwnProgram(IReadOnlyList<string> arguments, params IReadOnlyList<(string Name, string Value)> environment)
    {
        var program = Environment.ProcessPath!;
        var started = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "Fuser.Compare.dll"), .. arguments] : arguments;
        return new WorkerCommand(program, started, AppContext.BaseDirectory, environment.ToDictionary(pair => pair.Name, pair => pair.Value));
    }

    private static WorkerCommand Own(string worker, params IReadOnlyList<(string Name, string Value)> environment) => OwnProgram(["worker", worker], environment);

    private static WorkerCommand Native(Installation installation) => new(installation.NativeProgram, [], installation.Folder, new Dictionary<string, string>());

    private static WorkerCommand Python(Installation installation, string module, params IReadOnlyList<string> arguments) => new(
        installation.PythonWith(module),
        ["worker.py", .. arguments],
        Path.Combine(installation.Folder, "peers", "python"),
        new Dictionary<string, string>
        {
            // Memory that a library gives back is kept for its next call, and lies in huge pages like everybody's arrays: fresh pages cost more
            // than most kernels, and are no property of a peer.
            ["MALLOC_MMAP_MAX_"] = "0",
            ["MALLOC_TRIM_THRESHOLD_"] = "34359738368",
            ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1",
            ["OMP_NUM_THREADS"] = $"{Environment.ProcessorCount}",
            ["NUMBA_NUM_THREADS"] = $"{Environment.ProcessorCount}",
            ["NUMEXPR_MAX_THREADS"] = $"{Environment.ProcessorCount}",
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        });
}
