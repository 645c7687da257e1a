using BenchmarkDotNet.Running;
using Fuser.Benchmarks.Actors;
using Fuser.Benchmarks.Fusion;
using Fuser.Benchmarks.Planning;

// "percentiles" is the harness of our own: BenchmarkDotNet reports means, and an Ask and a run are judged by their tails.
switch (args)
{
    case ["percentiles", "fusion", ..]:
        await FusionPercentiles.RunAsync();
        return 0;
    case ["planning", .. var arguments]:
        PlanningGrowth.Run(arguments);
        return 0;
    case ["percentiles", ..]:
        await AskPercentiles.RunAsync();
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(AskPercentiles).Assembly).Run(args);
        return 0;
}
