using System.CommandLine;
using Fuser.Actors;
using Fuser.Host.Inputs;
using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Commands;

/// <summary><c>explain</c>: the plan of a graph for given inputs, without running it.</summary>
internal sealed class ExplainCommand
{
    private readonly Terminal _terminal;
    private readonly ErrorPlace _place;
    private readonly Argument<string> _graph = CommonOptions.Graph();
    private readonly Option<string[]> _specs = CommonOptions.Specs();
    private readonly Option<string?> _device = CommonOptions.Device();
    private readonly Option<bool> _json = CommonOptions.Json();

    public ExplainCommand(Terminal terminal, ErrorPlace place)
    {
        _terminal = terminal;
        _place = place;
        Command = new Command("explain", "Shows the plan: steps, what fusion saves, groups, keys, IR, generated code, and why anything is not fused.") { _graph, _specs, _device, _json };
        Command.SetAction(RunAsync);
    }

    /// <summary>The verb.</summary>
    public Command Command { get; }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var graph = GraphFile.Load(arguments.GetRequiredValue(_graph), _place);

        // Nothing is run, so the arrays of a spec are never touched and take no memory.
        var inputs = InputBinder.Bind(
            graph,
            arguments.GetValue(_specs) ?? [],
            text => ArraySpec.TryParse(text, out var spec) ? NdArray.Allocate(spec.DType, spec.Shape) : NpyReader.Load(text));
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var function = await fuser.RegisterAsync(graph, cancellationToken).ConfigureAwait(false);
        var explanation = await function.ExplainAsync(inputs, new RunOptions { Device = arguments.GetValue(_device) }, cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_json))
        {
            JsonLine.Write(_terminal.Out, json => ExplanationJson.Write(json, explanation));
        }
        else
        {
            Write(explanation);
        }

        return ExitCode.Done;
    }

    private void Write(Explanation explanation)
    {
        Section($"graph {explanation.GraphKey}, normalised", explanation.NormalisedGraph);
        if (explanation.Plans is not [{ Region: null }])
        {
            Section("steps", string.Join('\n', explanation.Steps.Select((step, i) => $"{i + 1}. {step}")));
        }

        foreach (var plan in explanation.Plans)
        {
            new PlanReport(_terminal, plan).Write();
        }

        foreach (var plan in explanation.Plans)
        {
            for (var i = 0; i < plan.Fused.Steps.Length; i++)
            {
                if (plan.Fused.Steps[i].Placement?.Listing is { } listing)
                {
                    Section($"step {i + 1}{(plan.Region is null ? "" : $" of {plan.Region}")}: generated", listing);
                }
            }
        }

        foreach (var group in explanation.Groups)
        {
            Section($"group {group.Group}: spec {group.SpecKey}", group.Graph);
            Section("arguments", group.ArgumentKey);
            Section("kernel", group.KernelIr);
            Section("generated", group.Listing);
            Section("compiled", group.WouldCompile is { } reason ? $"not yet: {reason}" : "yes");
        }

        Section("not fused", explanation.NotFused.IsEmpty ? "nothing" : string.Join('\n', explanation.NotFused.Select(f => $"{f.Where}: {f.Reason}")));
    }

    private void Section(string heading, string text)
    {
        _terminal.Out.WriteLine($"== {heading}");
        _terminal.Out.WriteLine(text.TrimEnd());
        _terminal.Out.WriteLine();
    }
}
