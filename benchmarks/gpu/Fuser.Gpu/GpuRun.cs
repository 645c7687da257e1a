using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Fuser.Actors;
using Fuser.Actors.Devices;
using Fuser.Compare.Reports;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Corpus;
using Fuser.Gpu.Measuring;
using Fuser.Gpu.Peers;
using Fuser.Gpu.Reports;
using Fuser.Gpu.Sessions;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.Cuda;

namespace Fuser.Gpu;

/// <summary>A whole run on one device: is it exact, are its results right, how fast is it, what does a call cost.</summary>
internal sealed class GpuRun(FuserSystem fuser, Accelerator accelerator, GpuOptions options, TimeProvider clock)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    public async Task<RunResult> RunAsync(CancellationToken cancellationToken)
    {
        var (started, start) = (clock.GetUtcNow(), clock.GetTimestamp());
        var scratch = Directory.CreateTempSubdirectory("fuser-gpu-").FullName;
        var peers = PeerProcess.All().Where(peer => peer.Subjects.Any(options.Peers.Contains)).ToList();
        try
        {
            var probe = (options.Parts & (Parts.Probe | Parts.Corpus | Parts.Calls)) != Parts.None ? await ProbeAsync(cancellationToken) : null;
            var corpus = options.Parts.HasFlag(Parts.Corpus) ? await CorpusAsync(cancellationToken) : null;
            if ((options.Parts & (Parts.Workloads | Parts.Calls)) != Parts.None)
            {
                await StartAsync(peers, scratch, cancellationToken);
            }

            // Cold before warm: what the workloads compile would make the first compile of the process look better than it is.
            List<CallCost> calls = options.Parts.HasFlag(Parts.Calls) ? await CallsAsync(peers, cancellationToken) : [];
            var cells = options.Parts.HasFlag(Parts.Workloads) ? await new WorkloadSession(fuser, peers, options, scratch).RunAsync(cancellationToken) : [];
            var limits = accelerator.Limits;
            var (version, commit) = Version();
            return new RunResult(
                MachineDescription.Read(),
                new DeviceResult(accelerator.Name, limits.Name, limits.Driver, limits.Architecture, limits.MemoryBytes),
                new RunDescription(started, clock.GetElapsedTime(start), version, commit, options.Elements, options.Rounds, options.Milliseconds, accelerator is CudaAccelerator ? "events of the device" : "the host's clock", accelerator is not CudaAccelerator && peers.Count > 0),
                probe,
                corpus,
                [.. Describe(peers, version)],
                cells,
                calls);
        }
        finally
        {
            foreach (var peer in peers)
            {
                await peer.DisposeAsync();
            }

            Remove(scratch);
        }
    }

    /// <summary>As the device's owner does it at the first use; here before anything that is timed. A device that differs is measured all the same.</summary>
    private async Task<ProbeResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var admitted = await fuser.Devices.Find(accelerator.Name).Actor.Ask<Admitted>(new Admit(AllowInexact: true), s_patience, cancellationToken);
        await Console.Error.WriteLineAsync($"exactness probe: {admitted.Difference ?? "exact"}");
        return new ProbeResult(admitted.Difference, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>What a process left behind in it is worth a line, and no results.</summary>
    private static void Remove(string scratch)
    {
        try
        {
            Directory.Delete(scratch, recursive: true);
        }
        catch (IOException error)
        {
            Console.Error.WriteLine($"{scratch} is left behind: {error.Message}");
        }
    }

    private async Task<CorpusResult> CorpusAsync(CancellationToken cancellationToken)
    {
        var files = options.Corpus is { } folder ? CorpusFiles.In(folder) : CorpusFiles.Bundled;
        var result = await new CorpusRun(fuser, accelerator.Name).RunAsync(files, WorkloadCatalogue.All, cancellationToken);
        Console.Error.WriteLine($"corpus: {result.Cases} cases, {result.Differences.Count} differ, {result.OnFallback.Count} on the fallback");
        foreach (var difference in result.Differences)
        {
            Console.Error.WriteLine($"  {difference}");
        }

        return result;
    }

    private async Task StartAsync(List<PeerProcess> peers, string scratch, CancellationToken cancellationToken)
    {
        var sources = Directory.CreateDirectory(Path.Combine(scratch, "peers")).FullName;
        Bundle.Extract("peers/", sources);
        foreach (var peer in peers)
        {
            await peer.StartAsync(options.Python, sources, scratch, accelerator is CudaAccelerator ? OrdinalOf(accelerator.Name) : null, cancellationToken);
            Console.Error.WriteLine($"{string.Join(", ", peer.Subjects)}: {peer.Skipped ?? string.Join(", ", peer.Versions)}");
        }
    }

    private async Task<List<CallCost>> CallsAsync(List<PeerProcess> peers, CancellationToken cancellationToken)
    {
        var costs = new CallCosts(fuser, accelerator.Name, options.Rounds, options.Milliseconds);
        return [.. await costs.ColdAsync(cancellationToken), .. await costs.WarmAsync(cancellationToken), .. await new PeerCalls(peers, options).RunAsync(cancellationToken)];
    }

    /// <summary>Of "cuda" 0, of "cuda:2" 2.</summary>
    private static int OrdinalOf(string name) => name.Split(':') is [_, var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 0;

    private IEnumerable<PeerDescription> Describe(List<PeerProcess> peers, string version)
    {
        yield return new PeerDescription(PeerNames.Fuser, PeerNames.Title(PeerNames.Fuser), [$"Fuser={version}", $".NET={Environment.Version}"], null);
        foreach (var peer in peers)
        {
            foreach (var subject in peer.Subjects.Where(options.Peers.Contains))
            {
                yield return new PeerDescription(subject, PeerNames.Title(subject), peer.Versions, peer.Skipped);
            }
        }
    }

    /// <summary>Version and commit, as they were when this program was built: the machine it runs on may have no sources.</summary>
    private static (string Version, string Commit) Version()
    {
        var parts = (typeof(GpuRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+', 2);
        return (parts[0], parts.Length > 1 ? parts[1] : "unknown");
    }
}
