using System.Diagnostics;
using System.Globalization;
using System.Text;
using Fuser.Kernels.Partitioning;

namespace Fuser.Benchmarks.Planning;

/// <summary>What each stage from text to result costs for graphs of growing size, as Markdown: how the cost grows is what matters.</summary>
internal static class PlanningGrowth
{
    private static readonly int[] Sizes = [1_000, 3_000, 10_000, 30_000, 100_000];

    /// <param name="path">Where to write; null for the console only.</param>
    public static void Run(string? path)
    {
        var report = new StringBuilder();
        Line("# Planning large graphs");
        Line("");
        Line("Written by `dotnet run -c Release --project benchmarks/Fuser.Benchmarks -- planning benchmarks/results/planning.md`; no figure is typed in.");
        Line("Seconds of processor time of all threads (user and system), one run each after a small one of the same shape, on 4 x 4 elements of float32; memory is what stays of graph, plan and kernels.");
        Line("Growth is the exponent of total time between two sizes: 1 for twice the time for twice the graph, 2 for four times.");
        Line("");
        Line($"{Field("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} processors, {Environment.OSVersion.VersionString}, .NET {Environment.Version}; commit {Git("rev-parse --short HEAD")}{(Git("status --porcelain --untracked-files=no").Length > 0 ? " with changes" : "")}; load {Text("/proc/loadavg").Split(' ')[0]} at the start.");
        foreach (var mode in new[] { FusionMode.Fused, FusionMode.Unfused })
        {
            Line("");
            Line($"## {(mode == FusionMode.Fused ? "Fused, on vectors" : "Every operation by itself, interpreted")}");
            Line("");
            Line("| shape | nodes | steps | kernels | parse | normalise | plan | compile | run | total | growth | MiB kept |");
            Line("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
            foreach (var (name, text) in PlanningShapes.All)
            {
                PlanningSample.Take(text(Sizes[0] / 2), mode);
                PlanningSample? last = null;
                for (var i = 0; i < Sizes.Length; i++)
                {
                    var sample = PlanningSample.Take(text(Sizes[i]), mode);
                    var growth = last is null ? "" : (Math.Log(sample.Total / last.Total) / Math.Log((double)Sizes[i] / Sizes[i - 1])).ToString("0.00", CultureInfo.InvariantCulture);
                    Line(string.Create(CultureInfo.InvariantCulture, $"| {name} | {Sizes[i]:N0} | {sample.Steps:N0} | {sample.Kernels:N0} | {sample.Parse:0.000} | {sample.Normalise:0.000} | {sample.Plan:0.000} | {sample.Compile:0.000} | {sample.Run:0.000} | {sample.Total:0.000} | {growth} | {sample.Kept / 1048576.0:0.0} |"));
                    last = sample;
                }
            }
        }

        if (path is not null)
        {
            File.WriteAllText(path, report.ToString());
        }

        void Line(string line)
        {
            Console.WriteLine(line);
            report.Append(line).Append('\n');
        }
    }

    private static string Field(string file, string name) => Text(file).Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "a processor";

    private static string Text(string file) => File.Exists(file) ? File.ReadAllText(file) : "";

    private static string Git(string arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return output.Trim();
    }
}
