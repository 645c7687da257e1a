using System.Diagnostics;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Numerics;

const string Usage = """
    usage: Fuser.Numerics float32 [--step N] [--interpreter] [FUNCTION]...
      Measures the float32 functions (all, or those named) over all 2^32 inputs, or every Nth; functions of two arguments over
      2^28 random pairs, or a Nth of them. Prints a Markdown table. Exit code 1: a bound is broken.

    usage: Fuser.Numerics sums
      Measures the error of sums over badly conditioned arrays next to that of PyTorch. Prints a Markdown table. Exit code 1: one is larger than PyTorch's.
    """;

if (args is ["sums"])
{
    return SumCheck.Run(Path.Combine(AppContext.BaseDirectory, "sums.json"));
}

if (args is not ["float32", ..])
{
    Console.Error.WriteLine(Usage);
    return 2;
}

uint step = 1;
IKernelTarget target = SimdTarget.Best;
var chosen = new List<Float32Function>();
for (var i = 1; i < args.Length; i++)
{
    if (args[i] == "--interpreter")
    {
        target = InterpreterTarget.Instance;
    }
    else if (args[i] == "--step" && i + 1 < args.Length && uint.TryParse(args[i + 1], out step) && step is > 0 and <= 1 << 16)
    {
        i++;
    }
    else if (Float32Functions.Find(args[i]) is { } function)
    {
        chosen.Add(function);
    }
    else
    {
        Console.Error.WriteLine($"'{args[i]}' is neither an option nor a function. Functions: {string.Join(", ", Float32Functions.All.Select(known => known.Name))}.\n{Usage}");
        return 2;
    }
}

Console.WriteLine($"Target {target.Fingerprint}; errors in float32 ulp against the float64 functions.\n");
Console.WriteLine("| function | inputs | maximum error | at | misrounded | seconds |");
Console.WriteLine("|---|---:|---:|---|---:|---:|");
var broken = 0;
foreach (var function in chosen.Count > 0 ? chosen : Float32Functions.All)
{
    var started = Stopwatch.GetTimestamp();
    var found = function.Arity == 1
        ? Float32Check.AllInputs(function, target, step)
        : Float32Check.RandomPairs(function, target, (1L << 28) / step);
    var at = function.Arity == 1 ? $"{found.X:R}" : $"{found.X:R}, {found.Y:R}";
    Console.WriteLine($"| {function.Name} | {found.Count} | {found.Largest:F4} | {at} | {found.Misrounded} | {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} |");
    broken += found.Largest <= function.Bound ? 0 : 1;
}

return broken == 0 ? 0 : 1;
