using BenchmarkDotNet.Running;
using Fuser.Benchmarks.Actors;

// "percentiles" is the harness of our own: BenchmarkDotNet reports means, and an Ask is judged by its tail.
if (args is ["percentiles", ..])
{
    await AskPercentiles.RunAsync();
    return 0;
}

BenchmarkSwitcher.FromAssembly(typeof(AskPercentiles).Assembly).Run(args);
return 0;
