using BenchmarkDotNet.Running;
using Fuser.Benchmarks.Actors;
using Fuser.Benchmarks.Fusion;
using Fuser.Benchmarks.Planning;

// "percentiles" and "planning" are harnesses of our own: BenchmarkDotNet reports means, and an Ask and a run are judged by their tails, planning by how it grows.
switch (args)
{
    case ["percentiles", "fusion", ..]:
        await FusionPercentiles.RunAsync();
        return 0;
    case ["planning", .. var path]:
        PlanningGrowth.Run(path.FirstOrDefault());
        return 0;
    case ["percentiles", ..]:
        await AskPercentiles.RunAsync();
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(AskPercentiles).Assembly).Run(args);
        return 0;
}
