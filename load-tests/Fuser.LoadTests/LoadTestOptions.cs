using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests;

/// <summary>The command line.</summary>
internal sealed class LoadTestOptions
{
    private const double LongestSeconds = 86_400;
    private readonly IReadOnlyList<Scenario> _scenarios;
    private readonly Argument<string[]> _names;
    private readonly Option<bool> _quick = new("--quick") { Description = "Seconds instead of minutes, for CI; figures mean nothing then." };
    private readonly Option<string?> _output = new("--output") { Description = "Where results go. Default: load-tests/results, or out/load-tests with --quick.", HelpName = "DIR" };
    private readonly Option<string[]> _seconds;

    public LoadTestOptions(IReadOnlyList<Scenario> scenarios)
    {
        _scenarios = scenarios;
        _names = new Argument<string[]>("SCENARIO")
        {
            Description = $"Without any, all but those that take long:\n{string.Join('\n', scenarios.Select(scenario => $"{scenario.Name}: {scenario.Description}{(scenario.IsLong ? " (takes long)" : "")}"))}",
            Arity = ArgumentArity.ZeroOrMore,
        };
        _names.Validators.Add(result => Report(result, result.Tokens.Select(token => token.Value).Where(name => Find(name) is null).Select(name => $"there is no scenario '{name}'; there are {string.Join(", ", scenarios.Select(scenario => scenario.Name))}")));
        _seconds = new Option<string[]>("--seconds") { Description = "How long one measurement of a scenario takes, or its fault or soak: 5 for all, http=5 for one.", HelpName = "[SCENARIO=]N" };
        _seconds.Validators.Add(result => Report(result, result.Tokens.Select(token => token.Value).Where(text => Parse(text) is null).Select(text => $"--seconds got '{text}', wanted SCENARIO=N or N with N from 0.1 to {LongestSeconds:0}")));
        Root = new RootCommand("Load tests: every answer is checked. Exit codes: 0 sound, 1 answers were lost, wrong or came twice, or a scenario failed, 2 the usage is wrong.") { _names, _quick, _output, _seconds };
    }

    public RootCommand Root { get; }

    public bool IsQuick(ParseResult arguments) => arguments.GetValue(_quick);

    public string Output(ParseResult arguments) => arguments.GetValue(_output) ?? (IsQuick(arguments) ? "out/load-tests" : "load-tests/results");

    public IReadOnlyList<Scenario> Scenarios(ParseResult arguments) =>
        arguments.GetValue(_names) is { Length: > 0 } names ? [.. names.Distinct().Select(name => Find(name)!)] : [.. _scenarios.Where(scenario => !scenario.IsLong)];

    /// <summary>The time that was asked for; what names the scenario wins over what is for all.</summary>
    public double? Seconds(ParseResult arguments, Scenario scenario)
    {
        var times = (arguments.GetValue(_seconds) ?? []).Select(text => Parse(text)!.Value).ToList();
        return times.Where(time => time.Name == scenario.Name).Concat(times.Where(time => time.Name is null)).Select(time => (double?)time.Seconds).FirstOrDefault();
    }

    private (string? Name, double Seconds)? Parse(string text)
    {
        var equals = text.IndexOf('=');
        var name = equals < 0 ? null : text[..equals];
        return (name is null || Find(name) is not null) && double.TryParse(text.AsSpan(equals + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.1 and <= LongestSeconds
            ? (name, seconds)
            : null;
    }

    private Scenario? Find(string name) => _scenarios.FirstOrDefault(scenario => scenario.Name == name);

    private static void Report(SymbolResult result, IEnumerable<string> errors)
    {
        foreach (var error in errors)
        {
            result.AddError(error);
        }
    }
}
