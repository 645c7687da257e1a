using System.CommandLine;
using Fuser.Kernels;

namespace Fuser.Host.Commands;

/// <summary>The command line: parses it, runs the verb, and turns every error into one line and an exit code.</summary>
internal static class FuserTool
{
    /// <summary>Runs one command line to its end.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var verbose = new Option<bool>("--verbose") { Description = "After an error, print where in the program it came from.", Recursive = true };
        var place = new ErrorPlace();
        var serve = new ServeCommand(terminal);
        var root = new RootCommand("Runs graphs of array operations (TorchScript IR text) as few compiled kernels. Exit codes: 0 done, 1 it ran and failed, 2 the input or the usage is wrong.")
        {
            verbose,
            new RunCommand(terminal, place).Command,
            new BenchCommand(terminal, place).Command,
            new ExplainCommand(terminal, place).Command,
            new DevicesCommand(terminal).Command,
            serve.Command,
            new NodesCommand(terminal).Command,
        };

        // An argument that starts with '@' is a value like any other, not a file with more arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
            {
                throw Usage(parsed);
            }

            var configuration = new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false };
            if (parsed.CommandResult.Command == serve.Command)
            {
                // A node hears the signals itself, and takes longer to finish its requests than other verbs are given.
                configuration.ProcessTerminationTimeout = null;
            }

            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            var (exit, line) = ErrorLine.Describe(error, place.GraphFile);
            await terminal.Error.WriteLineAsync(line).ConfigureAwait(false);
            if (parsed.GetValue(verbose))
            {
                await terminal.Error.WriteLineAsync(error.ToString()).ConfigureAwait(false);
            }

            return exit;
        }
    }

    private static CommandException Usage(ParseResult parsed)
    {
        if (parsed.CommandResult.Command is RootCommand root)
        {
            var verbs = string.Join(", ", root.Subcommands.Select(c => c.Name));
            var got = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}' is no verb" : "no verb was given";
            return new CommandException(ErrorCodes.Usage, ExitCode.BadInput, $"{got}; the verbs are {verbs}. 'dotnet fuser --help' shows more");
        }

        var messages = string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.')).Distinct());
        return new CommandException(ErrorCodes.Usage, ExitCode.BadInput, $"{messages}. 'dotnet fuser {parsed.CommandResult.Command.Name} --help' shows the usage");
    }
}
