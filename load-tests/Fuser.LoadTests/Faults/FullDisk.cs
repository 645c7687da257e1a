using System.Diagnostics;
using Fuser.Host.Npy;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Scenarios;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Faults;

/// <summary>A node whose caches and temporary files are on a disk that is full: it answers as ever. And the command line, told to write its results there, says so.</summary>
internal static class FullDisk
{
    private const string What = "a full disk";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task<FaultResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        using var disk = SmallDisk.TryCreate(out var problem);
        if (disk is null)
        {
            return FaultResult.Skipped(What, problem);
        }

        // What is compiled for a driver goes to the runtime's cache; where there is no driver, nothing of a node goes to a disk. The driver's own files stay where they
        // are: without them it compiles nothing, and its runs end in an error that says so.
        var cache = $"fuser.runtime.cache-directory={Path.Combine(disk.Folder, "cache")}";
        var nowhere = new Dictionary<string, string> { ["TMPDIR"] = disk.Folder, ["HOME"] = disk.Folder };
        var (series, facts, failures) = (new List<Series>(), new List<string>(), new List<string>());
        foreach (var (name, environment, accelerator) in new[] { ($"{What} under the cache", null, "opencl"), ($"{What} under everything", nowhere, "cpu") })
        {
            await using var node = await NodeProcess.StartAsync("full-disk", null, environment, cache).ConfigureAwait(false);
            var device = await HasAsync(node, accelerator, cancellationToken).ConfigureAwait(false) ? accelerator : "cpu";
            using var caller = await HttpCaller.CreateAsync(node.Address, 1 << 10, Deadline, cancellationToken, $"?device={device}").ConfigureAwait(false);
            var loop = new OpenLoop(2_000, 2 * Deadline, text => settings.Tick($"{name}: {text}"));
            var run = await loop.RunAsync(50, TimeSpan.Zero, settings.Time(5, 1), request => caller.CallAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
            series.Add(new Series(name, [run]));
            facts.Add($"{name}: {run.Tally.Right} right, {run.Tally.Errors} errors on {device}");
            if (run.Tally.Errors > 0)
            {
                failures.Add($"{name}: {run.Tally.Errors} of {run.Tally.Sent} requests failed: {string.Join("; ", run.Problems)}");
            }
        }

        var (exit, error) = await WriteResultsAsync(disk.Folder, cancellationToken).ConfigureAwait(false);
        if (exit != 1 || !error.StartsWith($"error {ErrorCodes.FileUnwritable}:", StringComparison.Ordinal))
        {
            failures.Add($"{What}: 'run -o' onto it ended with exit code {exit} and '{error}'; wanted 1 and {ErrorCodes.FileUnwritable}");
        }

        facts.Add($"{What} under the results: the command line says: {error.Replace(disk.Folder, "(the disk)", StringComparison.Ordinal)}");
        return new FaultResult(series, facts, failures);
    }

    private static async Task<bool> HasAsync(NodeProcess node, string name, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = node.Address };
        using var devices = System.Text.Json.JsonDocument.Parse(await client.GetStringAsync("/v1/devices", cancellationToken).ConfigureAwait(false));
        return devices.RootElement.GetProperty("devices").EnumerateArray().Any(device => device.GetProperty("name").GetString() == name && device.GetProperty("available").GetBoolean());
    }

    private static async Task<(int Exit, string Error)> WriteResultsAsync(string disk, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("fuser-full-disk-run-").FullName;
        try
        {
            var (graph, x) = (Path.Combine(folder, "graph.ir"), Path.Combine(folder, "x.npy"));
            await File.WriteAllTextAsync(graph, ScaleGraph.Text(1), cancellationToken).ConfigureAwait(false);
            await using (var file = File.Create(x))
            {
                NpyWriter.Write(file, NdArray.From(ScaleGraph.Data(100_000)));
            }

            var start = NodeProcess.Tool(["run", graph, "-i", x, "-i", "2.0", "-o", Path.Combine(disk, "out")]);
            start.RedirectStandardError = true;
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, error.Trim());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
