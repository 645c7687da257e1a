using System.Diagnostics;
using System.Globalization;

namespace Fuser.LoadTests.Targets;

/// <summary>An outside opinion of what a node takes: Debian's <c>wrk</c>, sixteen connections that each wait for their answers. It looks at the status of answers and at nothing else.</summary>
internal static class Wrk
{
    private const string Program = "/usr/bin/wrk";
    private const int Connections = 16;

    /// <param name="isQuick">Then it is not installed when it is missing.</param>
    /// <returns>What it found, or why it was skipped.</returns>
    public static async Task<string> RunAsync(HttpCaller caller, TimeSpan duration, bool isQuick, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program) && !isQuick && Environment.UserName == "root" && File.Exists("/usr/bin/apt-get"))
        {
            await ReadAsync("apt-get", ["update", "-qq"], cancellationToken).ConfigureAwait(false);
            await ReadAsync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "wrk"], cancellationToken).ConfigureAwait(false);
        }

        if (!File.Exists(Program))
        {
            return "wrk skipped, it is not installed (Debian: apt-get install wrk; as root, a run that is not quick does it)";
        }

        var folder = Directory.CreateTempSubdirectory("fuser-wrk-").FullName;
        try
        {
            var (body, script) = (Path.Combine(folder, "body.npz"), Path.Combine(folder, "post.lua"));
            await File.WriteAllBytesAsync(body, caller.Body.ToArray(3), cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(script, $"local file = io.open('{body}', 'rb')\nwrk.method = 'POST'\nwrk.body = file:read('*a')\nfile:close()\n", cancellationToken).ConfigureAwait(false);
            var seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            var text = await ReadAsync(Program, ["-t1", $"-c{Connections}", $"-d{seconds}s", "--latency", "-s", script, caller.Address.ToString()], cancellationToken).ConfigureAwait(false);
            return $"wrk, {Connections} connections, closed loop: {Field(text, "Requests/sec:")} a second, p50 {Field(text, "50%")}, p99 {Field(text, "99%")}, {(text.Contains("Non-2xx", StringComparison.Ordinal) ? $"{Field(text, "Non-2xx or 3xx responses:")} errors" : "no errors")}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What stands behind a name in wrk's report.</summary>
    internal static string Field(string text, string name) =>
        text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim() ?? "unknown";

    private static async Task<string> ReadAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return text;
    }
}
