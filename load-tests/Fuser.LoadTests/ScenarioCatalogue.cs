using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests;

/// <summary>Every scenario, in the order in which they are run.</summary>
internal static class ScenarioCatalogue
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new AskScenario(),
        new DistinctGraphsScenario(),
        new FirstCallStormScenario(),
        new MixedScenario("mixed-sizes", "runs of 16 to a million elements beside each other, in this process, to the knee", null),
        new MixedScenario("mixed-devices", "the same on the processor and an OpenCL device in turns; skipped without one", "opencl"),
        new HttpScenario(),
        new FaultsScenario(),
        new ClusterScenario(),
        new ClusterFaultsScenario(),
        new SoakScenario(),
    ];
}
