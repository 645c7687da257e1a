using System.Diagnostics;
using System.Text.Json;
using Fuser.Host.Commands;

namespace Fuser.Host.Tests;

/// <summary>One run of the command line: what it printed and how it ended.</summary>
internal sealed record ToolRun(int Exit, string Out, string Error)
{
    /// <summary>Standard output as the one JSON object that it must be.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Runs in this process.</summary>
    public static async Task<ToolRun> InProcessAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await FuserTool.RunAsync(arguments, new Terminal(output, error, IsInteractive: false, HasColour: false));
        return new ToolRun(exit, output.ToString(), error.ToString());
    }

    /// <summary>Runs the built tool as its users do: a process of its own.</summary>
    public static Task<ToolRun> InChildAsync(params string[] arguments) => InChildAsync(new Dictionary<string, string>(), arguments);

    /// <summary>The same, with more in its environment.</summary>
    public static async Task<ToolRun> InChildAsync(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "dotnet-fuser.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new ToolRun(process.ExitCode, await output, await error);
    }

    /// <summary>That it succeeded and complained about nothing.</summary>
    public ToolRun ShouldSucceed()
    {
        Exit.ShouldBe(0, Error);
        Error.ShouldBeEmpty();
        return this;
    }

    /// <summary>That it refused its input: exit code 2, nothing on standard output, and one line with a code on standard error.</summary>
    public ToolRun ShouldRefuse(string code, params string[] parts)
    {
        Exit.ShouldBe(2, Error);
        Out.ShouldBeEmpty();
        Error.ShouldStartWith($"error {code}: ");
        Error.TrimEnd('\r', '\n').ShouldNotContain('\n');
        foreach (var part in parts)
        {
            Error.ShouldContain(part);
        }

        return this;
    }
}
