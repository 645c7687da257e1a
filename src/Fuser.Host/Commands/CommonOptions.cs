using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Fuser.Host.Commands;

/// <summary>Arguments and options that several verbs share. Each verb makes its own, because a symbol belongs to one command.</summary>
internal static class CommonOptions
{
    public static Argument<string> Graph() => new("GRAPH") { Description = "The graph: a file with the text that str(fn.graph) prints in PyTorch." };

    public static Option<string[]> Values() => new("-i", "--input")
    {
        Description = "The next input of the graph: a .npy file, or a number (2.5, -3, true).",
        HelpName = "VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    // Here several may follow one -i, so GRAPH has to come first.
    public static Option<string[]> Specs() => new("-i", "--input")
    {
        Description = "The next inputs of the graph: f32[20000000], f64[1000,1000], a .npy file, or a number. GRAPH comes before them.",
        HelpName = "SPEC",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    public static Option<string?> Device() => new("--device") { Description = "Where to run, as 'devices' lists them: cpu (the default), interpreter, opencl, opencl:1, cuda, ...; auto measures and takes the fastest", HelpName = "NAME" };

    public static Option<int?> Threads() => Number<int>("--threads", "N", "Threads at most. The result does not depend on it.", 1, 1024);

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object and nothing else." };

    public static Option<string?> Cluster() => new("--cluster")
    {
        Description = "Run on a cluster instead of here: the address of its broker, amqp://HOST:PORT/VHOST. User, password file and the cluster's name come from FUSER__CLUSTER__USER, ...__PASSWORD_FILE and ...__NAME.",
        HelpName = "URI",
    };

    /// <summary>An option with a number in a range, and an error that says the range.</summary>
    public static Option<T?> Number<T>(string name, string helpName, string description, T lowest, T highest)
        where T : struct, INumber<T>
    {
        return new Option<T?>(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = Parse,
        };

        T? Parse(ArgumentResult result)
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= lowest && value <= highest)
            {
                return value;
            }

            result.AddError($"{name} got '{text}', wanted a number from {lowest} to {highest}");
            return null;
        }
    }
}
