namespace Fuser.Actors;

/// <summary>What the caches hold and have done. Counters only grow; they start at 0 with the system.</summary>
/// <param name="Specs">Kernel specs held now.</param>
/// <param name="SpecsCreated">Kernel specs ever created.</param>
/// <param name="SpecsEvicted">Kernel specs dropped to stay within the limit.</param>
/// <param name="Kernels">Compiled kernels held now.</param>
/// <param name="KernelsCompiled">Compiles that succeeded.</param>
/// <param name="KernelsEvicted">Compiled kernels dropped to stay within the limits.</param>
/// <param name="CompilesFailed">Compiles that failed and went to the fallback.</param>
/// <param name="CodeBytes">Estimated memory of the compiled kernels held.</param>
/// <param name="Runs">Runs of functions.</param>
/// <param name="FallbackRuns">Runs of which at least one step went to the fallback.</param>
/// <param name="DeadLetters">Messages nobody received.</param>
/// <param name="ActorRestarts">Actors restarted by their supervisors.</param>
public sealed record FuserStatistics(
    long Specs,
    long SpecsCreated,
    long SpecsEvicted,
    long Kernels,
    long KernelsCompiled,
    long KernelsEvicted,
    long CompilesFailed,
    long CodeBytes,
    long Runs,
    long FallbackRuns,
    long DeadLetters,
    long ActorRestarts);
