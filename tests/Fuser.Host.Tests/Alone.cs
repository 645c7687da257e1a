namespace Fuser.Host.Tests;

/// <summary>Tests that count what the whole process does, such as its allocations: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
