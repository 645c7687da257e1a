using System.Collections.Immutable;
using System.CommandLine;
using Fuser.Actors;
using Fuser.Host.Inputs;
using Fuser.Host.Npy;
using Fuser.Host.Outputs;

namespace Fuser.Host.Commands;

/// <summary><c>run</c>: reads a graph and its inputs, runs it once, writes or shows the outputs and says what was fused.</summary>
internal sealed class RunCommand
{
    private readonly Terminal _terminal;
    private readonly ErrorPlace _place;
    private readonly Argument<string> _graph = CommonOptions.Graph();
    private readonly Option<string[]> _values = CommonOptions.Values();
    private readonly Option<string?> _directory = new("-o", "--output") { Description = "Write out_0.npy, out_1.npy, ... there, all or none.", HelpName = "DIR" };
    private readonly Option<string?> _device = CommonOptions.Device();
    private readonly Option<string?> _cluster = CommonOptions.Cluster();
    private readonly Option<bool> _unfused = new("--unfused") { Description = "Run every operation by itself on the fallback. The bits are the same." };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<long?> _seed = CommonOptions.Number("--seed", "N", "Seed of the graph's random operations; without it each run draws its own.", long.MinValue, long.MaxValue);
    private readonly Option<bool> _json = CommonOptions.Json();

    public RunCommand(Terminal terminal, ErrorPlace place)
    {
        _terminal = terminal;
        _place = place;
        Command = new Command("run", "Runs a graph once.") { _graph, _values, _directory, _device, _cluster, _unfused, _threads, _seed, _json };
        Command.SetAction(RunAsync);
    }

    /// <summary>The verb.</summary>
    public Command Command { get; }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var graph = GraphFile.Load(arguments.GetRequiredValue(_graph), _place);
        var directory = arguments.GetValue(_directory);
        if (directory is not null)
        {
            OutputDirectory.Check(directory);
        }

        var inputs = InputBinder.Bind(graph, arguments.GetValue(_values) ?? [], NpyReader.Load);
        var options = new RunOptions
        {
            Device = arguments.GetValue(_device),
            Unfused = arguments.GetValue(_unfused),
            Threads = arguments.GetValue(_threads),
            Seed = arguments.GetValue(_seed),
        };

        await using var fuser = await FuserSource.OpenAsync(arguments.GetValue(_cluster), cancellationToken).ConfigureAwait(false);
        var function = await fuser.RegisterAsync(graph, cancellationToken).ConfigureAwait(false);
        var report = await function.RunWithReportAsync(inputs, options, cancellationToken).ConfigureAwait(false);

        cancellationToken.ThrowIfCancellationRequested();
        var files = directory is null ? [] : OutputDirectory.Write(directory, report.Outputs);
        if (arguments.GetValue(_json))
        {
            WriteJson(report, files);
        }
        else
        {
            WriteText(report, files);
        }

        return ExitCode.Done;
    }

    private void WriteText(RunReport report, ImmutableArray<string> files)
    {
        var kernels = new TextTable("kernel", "operations", "key", "target", "compiled in");
        foreach (var kernel in report.Kernels)
        {
            kernels.Add(kernel.Group.ToString(), kernel.Operations.ToString(), kernel.Key, kernel.Target, $"{kernel.CompileTime.TotalMilliseconds:F1} ms{(kernel.Cached ? ", before" : "")}");
        }

        var onHost = new TextTable("kernel", "on the host because");
        foreach (var kernel in report.Kernels.Where(kernel => kernel.WhyOnHost is not null))
        {
            onHost.Add(kernel.Group.ToString(), kernel.WhyOnHost!);
        }

        var steps = new TextTable("step", "what");
        for (var i = 0; i < report.Steps.Length; i++)
        {
            steps.Add((i + 1).ToString(), report.Steps[i]);
        }

        var fallbacks = new TextTable("not fused", "because");
        foreach (var fallback in report.Fallbacks)
        {
            fallbacks.Add(fallback.Where, fallback.Reason);
        }

        var outputs = new TextTable("output", "type", files.IsEmpty ? "values" : "file");
        for (var i = 0; i < report.Outputs.Length; i++)
        {
            outputs.Add(i.ToString(), ArrayText.Type(report.Outputs[i]), files.IsEmpty ? ArrayText.FirstValues(report.Outputs[i]) : files[i]);
        }

        steps.Write(_terminal);
        kernels.Write(_terminal);
        onHost.Write(_terminal);
        fallbacks.Write(_terminal);
        outputs.Write(_terminal);
        var operations = report.Kernels.Sum(k => k.Operations);
        _terminal.Out.WriteLine(
            $"{Count(operations, "operation")} fused into {Count(report.Kernels.Length, "kernel")}, {Count(report.Fallbacks.Length, "part")} not fused; {report.RunTime.TotalMilliseconds:F1} ms");
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private void WriteJson(RunReport report, ImmutableArray<string> files) => JsonLine.Write(_terminal.Out, json =>
    {
        json.WriteStartArray("outputs");
        for (var i = 0; i < report.Outputs.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("file", files.IsEmpty ? null : files[i]);
            json.WriteString("dtype", Kernels.Tensors.DTypeExtensions.DisplayName(report.Outputs[i].DType));
            json.WriteStartArray("shape");
            foreach (var size in report.Outputs[i].Shape)
            {
                json.WriteNumberValue(size);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("kernels");
        foreach (var kernel in report.Kernels)
        {
            json.WriteStartObject();
            json.WriteNumber("group", kernel.Group);
            json.WriteString("key", kernel.Key);
            json.WriteString("target", kernel.Target);
            json.WriteNumber("compile_ms", JsonLine.Milliseconds(kernel.CompileTime));
            json.WriteBoolean("cached", kernel.Cached);
            if (kernel.WhyOnHost is { } reason)
            {
                json.WriteString("why_on_host", reason);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("steps");
        foreach (var step in report.Steps)
        {
            json.WriteStringValue(step);
        }

        json.WriteEndArray();
        json.WriteStartArray("fallbacks");
        foreach (var fallback in report.Fallbacks)
        {
            json.WriteStartObject();
            json.WriteString("where", fallback.Where);
            json.WriteString("reason", fallback.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("run_ms", JsonLine.Milliseconds(report.RunTime));
    });
}
