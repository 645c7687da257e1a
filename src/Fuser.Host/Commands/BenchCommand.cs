using System.CommandLine;
using Fuser.Actors;
using Fuser.Host.Inputs;
using Fuser.Host.Measuring;
using Fuser.Host.Npy;

namespace Fuser.Host.Commands;

/// <summary><c>bench</c>: how fast a graph runs, and how fast memory would allow.</summary>
internal sealed class BenchCommand
{
    // Any number does; a fixed one makes two benches comparable.
    private const long Seed = 20_240_229;

    private readonly Terminal _terminal;
    private readonly ErrorPlace _place;
    private readonly Argument<string> _graph = CommonOptions.Graph();
    private readonly Option<string[]> _specs = CommonOptions.Specs();
    private readonly Option<string?> _device = CommonOptions.Device();
    private readonly Option<string?> _cluster = CommonOptions.Cluster();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<double?> _seconds = CommonOptions.Number("--seconds", "S", "How long to measure, after a warm-up (default 2).", 0.01, 3600.0);
    private readonly Option<bool> _json = CommonOptions.Json();

    public BenchCommand(Terminal terminal, ErrorPlace place)
    {
        _terminal = terminal;
        _place = place;
        Command = new Command("bench", "Measures a graph against the best that memory allows.") { _graph, _specs, _device, _cluster, _threads, _seconds, _json };
        Command.SetAction(RunAsync);
    }

    /// <summary>The verb.</summary>
    public Command Command { get; }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var graph = GraphFile.Load(arguments.GetRequiredValue(_graph), _place);
        var arrays = new List<BenchArray>();
        var inputs = InputBinder.Bind(graph, arguments.GetValue(_specs) ?? [], text =>
        {
            arrays.Add(ArraySpec.TryParse(text, out var spec)
                ? BenchArray.Random(spec.DType, spec.Shape, (ulong)(Seed + arrays.Count))
                : BenchArray.CopyOf(NpyReader.Load(text)));
            return arrays[^1].Array;
        });
        var options = new RunOptions { Device = arguments.GetValue(_device), Threads = arguments.GetValue(_threads), Seed = Seed };
        await using var fuser = await FuserSource.OpenAsync(arguments.GetValue(_cluster), cancellationToken).ConfigureAwait(false);
        var result = await GraphBench.MeasureAsync(
            fuser, graph, inputs, arrays, options, options.Threads ?? Environment.ProcessorCount, arguments.GetValue(_seconds) ?? 2, cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_json))
        {
            WriteJson(result);
        }
        else
        {
            WriteText(result);
        }

        return ExitCode.Done;
    }

    private void WriteText(BenchResult result)
    {
        var table = new TextTable("measured", "value");
        table.Add("compile", $"{result.CompileTime.TotalMilliseconds:F2} ms");
        table.Add("run, median", $"{result.Median * 1e6:F2} us of {result.Samples} samples");
        table.Add("run, 99%", $"{result.Slowest * 1e6:F2} us");
        table.Add("largest array", $"{result.Elements:N0} elements");
        table.Add("read and written", $"{result.Bytes:N0} bytes");
        table.Add("bandwidth", $"{result.GigabytesPerSecond:F2} GB/s");
        table.Add("limit", $"{result.LimitGigabytesPerSecond:F2} GB/s: bare loop, {result.Limit}");
        table.Add("ratio", $"{result.Ratio:F3} of the limit");
        table.Write(_terminal);
    }

    private void WriteJson(BenchResult result) => JsonLine.Write(_terminal.Out, json =>
    {
        json.WriteNumber("compile_ms", JsonLine.Milliseconds(result.CompileTime));
        json.WriteNumber("median_us", Math.Round(result.Median * 1e6, 4));
        json.WriteNumber("p99_us", Math.Round(result.Slowest * 1e6, 4));
        json.WriteNumber("elements", result.Elements);
        json.WriteNumber("bytes", result.Bytes);
        json.WriteNumber("gb_per_s", Math.Round(result.GigabytesPerSecond, 4));
        json.WriteNumber("limit_gb_per_s", Math.Round(result.LimitGigabytesPerSecond, 4));
        json.WriteNumber("ratio", Math.Round(result.Ratio, 4));
    });
}
