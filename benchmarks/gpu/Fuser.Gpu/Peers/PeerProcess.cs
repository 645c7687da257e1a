using System.ComponentModel;
using System.Globalization;
using Fuser.Compare.Protocol;

namespace Fuser.Gpu.Peers;

/// <summary>
/// A Python process that measures one or two peers on the device. Requests are those of the comparison on processors, a line each; README.md lists them. A peer that cannot be started, or
/// has no device, says why and takes no further part.
/// </summary>
/// <param name="module">The module of the peer among the sources.</param>
/// <param name="subjects">What it measures; they share its arrays.</param>
internal sealed class PeerProcess(string module, IReadOnlyList<string> subjects) : IAsyncDisposable
{
    /// <summary>Compilers of peers take seconds, and a first import on a cold disk a minute.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private const string Visible = "CUDA_VISIBLE_DEVICES";

    private WorkerProcess? _process;

    /// <summary>Every peer there is.</summary>
    public static IReadOnlyList<PeerProcess> All() =>
    [
        new("peer_torch", [PeerNames.TorchCompile, PeerNames.TorchEager]),
        new("peer_jax", [PeerNames.Jax]),
        new("peer_cupy", [PeerNames.Cupy]),
    ];

    public IReadOnlyList<string> Subjects => subjects;

    /// <summary>Why it takes no part, or null.</summary>
    public string? Skipped { get; private set; }

    /// <summary>What it said about itself.</summary>
    public IReadOnlyList<string> Versions { get; private set; } = [];

    /// <param name="python">The program.</param>
    /// <param name="sources">Folder of the peers' sources.</param>
    /// <param name="scratch">Where peers keep what they compile.</param>
    /// <param name="ordinal">Position of the CUDA device among those of the driver; null where there is none and only the way is to be tried, on the processor.</param>
    public async Task StartAsync(string python, string sources, string scratch, int? ordinal, CancellationToken cancellationToken)
    {
        var device = ordinal is null ? "cpu" : "cuda";
        try
        {
            _process = WorkerProcess.Start(new WorkerCommand(python, ["worker.py", module, device], sources, new Dictionary<string, string>
            {
                ["PYTHONDONTWRITEBYTECODE"] = "1",
                [Visible] = VisibleTo(Environment.GetEnvironmentVariable(Visible), ordinal),

                // Each shares the device with the others, and compiles what it has not compiled before.
                ["CUDA_CACHE_DISABLE"] = "0", // their libraries' own kernels are no part of what is measured
                ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false",
                ["TORCHINDUCTOR_CACHE_DIR"] = Path.Combine(scratch, "inductor"),
                ["TRITON_CACHE_DIR"] = Path.Combine(scratch, "triton"),
                ["CUPY_CACHE_DIR"] = Path.Combine(scratch, "cupy"),
            }));
        }
        catch (Win32Exception error)
        {
            Skipped = $"{python}: {error.Message}";
            return;
        }

        var hello = await AskAsync(Message.Of("hello"), cancellationToken);
        Versions = hello.IsOk ? hello.Fields : [];
        Skipped = hello.IsOk ? null : hello.Reason;
    }

    public async Task<Message> AskAsync(Message request, CancellationToken cancellationToken)
    {
        var answer = await _process!.AskAsync(request, s_patience, cancellationToken);
        if (!_process.IsAlive)
        {
            Skipped ??= answer.Reason; // what it holds on the device is gone with it, and so is its part in this run
        }

        return answer;
    }

    /// <summary>A number, or why there is none.</summary>
    public async Task<(double? Number, string? Refusal)> NumberAsync(Message request, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(request, cancellationToken);
        return answer.IsOk && answer.Fields.Count > 0 && double.TryParse(answer.Fields[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? (number, null)
            : (null, answer.IsOk ? $"answered '{answer.ToLine()}' to '{request.Word}'" : answer.Reason);
    }

    /// <summary>The one device that a peer sees, counted as the driver counts them for this process.</summary>
    internal static string VisibleTo(string? known, int? ordinal) =>
        ordinal is not { } position ? known ?? "" : known?.Split(',').ElementAtOrDefault(position) is { Length: > 0 } name ? name : $"{position}";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
