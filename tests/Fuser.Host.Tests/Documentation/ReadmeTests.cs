using System.Text.RegularExpressions;
using Fuser.Host.Configuration;
using Fuser.Host.Npy;
using Fuser.Host.Tests.Corpus;
using Fuser.Host.Tests.Http;

namespace Fuser.Host.Tests.Documentation;

/// <summary>What the README shows is what is built and run.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = Read("README.md");

    [Fact]
    public void The_program_in_it_is_the_example_that_is_compiled()
    {
        var example = Read("examples/Fuser.Examples/Quickstart.cs");

        // Its first line says that it is shown here.
        Blocks(Readme, "csharp").ShouldHaveSingleItem().ShouldBe(example[(example.IndexOf('\n') + 1)..]);
    }

    [Fact]
    public void Its_two_commands_are_the_ones_that_ci_runs()
    {
        var section = Section(Readme, "## Two commands");
        var commands = Blocks(section, "sh").Select(Words).ToArray();
        commands.Length.ShouldBe(2);
        var script = Words(Read(".ci/run"));
        foreach (var command in commands)
        {
            script.ShouldContain(command);
        }
    }

    [Fact]
    public async Task Its_example_gives_what_pytorch_gives()
    {
        using var temporary = new TemporaryDirectory();
        var command = Words(Blocks(Section(Readme, "## Two commands"), "sh")[0]);
        var arguments = command[(command.IndexOf(" -- ") + 4)..].Split(' ').Select(a => a.StartsWith("examples/") ? Path.Combine(Repository.Root, a) : a).ToArray();
        arguments[^2].ShouldBe("-o");
        arguments[^1] = temporary.Of("out");

        var run = await ToolRun.InProcessAsync(arguments);
        run.ShouldSucceed().Out.ShouldContain("operations fused into 1 kernel,");
        var prices = NpyReader.Load(temporary.Of("out/out_0.npy")).ToArray<float>();
        var expected = NpyReader.Load(Path.Combine(Repository.Root, "examples/black-scholes/expected.npy")).ToArray<float>();
        prices.Length.ShouldBe(3000);
        for (var i = 0; i < prices.Length; i++)
        {
            // Both programs subtract prices of about 100, of which a unit in the last place is 7.6e-6.
            prices[i].ShouldBe(expected[i], 5e-5f);
        }
    }

    [Fact]
    public async Task Its_service_gives_what_the_command_line_gives()
    {
        var section = Section(Readme, "## As a service");
        var commands = Blocks(section, "sh");
        commands.Length.ShouldBe(2);
        commands[0].ShouldContain("serve --config hocon/single-node.conf\n");
        var options = HostConfiguration.Load(Path.Combine(Repository.Root, "hocon/single-node.conf"), new Dictionary<string, string>(), []);
        commands[1].ShouldStartWith($"url={options.Http.Url}\n");

        // What curl sends and what sed finds.
        string[] bodies = [.. Regex.Matches(commands[1], @"--data-binary @(?<file>\S+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(match => Path.Combine(Repository.Root, match.Groups["file"].Value))];
        await using var node = await TestNode.StartAsync();
        using var registered = await node.Client.PostAsync("/v1/graphs", new ByteArrayContent(await File.ReadAllBytesAsync(bodies[0])));
        var key = Regex.Match(await registered.Content.ReadAsStringAsync(), ".*\"key\":\"(?<key>[0-9a-f]*)\".*", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Groups["key"].Value;
        var outputs = await node.RunAsync(key, new ByteArrayContent(await File.ReadAllBytesAsync(bodies[1])));

        using var temporary = new TemporaryDirectory();
        string Of(string name) => Path.Combine(Repository.Root, "examples/black-scholes", name);
        (await ToolRun.InProcessAsync("run", Of("graph.ir"), "-i", Of("spot.npy"), "-i", Of("strike.npy"), "-i", Of("years.npy"), "-i", "0.03", "-i", Of("volatility.npy"), "-o", temporary.Of("out"))).ShouldSucceed();
        outputs.ShouldHaveSingleItem().ShouldHaveTheBitsOf(NpyReader.Load(temporary.Of("out/out_0.npy")), "prices");
    }

    [Fact]
    public void Every_project_and_file_it_names_is_there()
    {
        foreach (Match match in ProjectOrLink().Matches(Readme))
        {
            var path = Path.Combine(Repository.Root, match.Groups["path"].Value);
            (Directory.Exists(path) || File.Exists(path)).ShouldBeTrue(match.Groups["path"].Value);
        }
    }

    [Fact]
    public async Task Every_documented_option_is_one_the_command_line_has()
    {
        var usage = Section(Readme, "## The command line");
        foreach (var line in Blocks(usage, "text").ShouldHaveSingleItem().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var verb = line.Split(' ')[2];
            var help = (await ToolRun.InProcessAsync(verb, "--help")).Out;
            foreach (Match option in Option().Matches(line))
            {
                help.ShouldContain(option.Value, customMessage: line);
            }
        }
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");

    /// <summary>From a heading to the next one of the same rank.</summary>
    private static string Section(string text, string heading)
    {
        var start = text.IndexOf($"\n{heading}\n", StringComparison.Ordinal);
        start.ShouldBeGreaterThan(0, heading);
        var end = text.IndexOf("\n## ", start + 3, StringComparison.Ordinal);
        return text[start..(end < 0 ? text.Length : end)];
    }

    private static string[] Blocks(string text, string language) =>
        [.. Regex.Matches(text, $"^```{language}\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value)];

    /// <summary>One line with single blanks, so that the way a command is wrapped does not matter.</summary>
    private static string Words(string text) => string.Join(' ', text.Replace("\\\n", " ").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"(?:--project |\]\()(?<path>[\w./-]+)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex ProjectOrLink();

    [GeneratedRegex(@"--?[a-z]+", RegexOptions.None, 5000)]
    private static partial Regex Option();
}
