using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Faults;

/// <summary>What became of the requests while something went wrong, or why it could not be made to go wrong here.</summary>
internal sealed record FaultResult(IReadOnlyList<Series> Series, IReadOnlyList<string> Facts, IReadOnlyList<string> Failures)
{
    public static FaultResult Skipped(string what, string reason) => new([], [$"{what}: skipped: {reason}"], []);
}
