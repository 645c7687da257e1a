using Fuser.Actors.Core;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Specs;

namespace Fuser.Actors.Caching;

/// <summary>Gets or makes the actor of a spec. Answered with a <see cref="SpecHandle"/>.</summary>
internal sealed record Register(KernelSpec Spec);

/// <summary>Asks for a spec without making it or counting as a use. Answered with <see cref="LookedUp"/>.</summary>
internal sealed record Lookup(GraphKey Key);

/// <summary>As <see cref="Lookup"/>, but counts as a use.</summary>
internal sealed record Retrieve(GraphKey Key);

/// <summary>The answer to <see cref="Lookup"/> and <see cref="Retrieve"/>; null when there is no such spec.</summary>
internal sealed record LookedUp(SpecHandle? Handle);

/// <summary>Drops every kernel that is not running and every remembered failure. Answered with <see cref="Cleared"/> once all specs did.</summary>
internal sealed record Clear
{
    public static Clear Instance { get; } = new();
}

/// <summary>The answer to <see cref="Clear"/>.</summary>
internal sealed record Cleared
{
    public static Cleared Instance { get; } = new();
}

/// <summary>Answered with <see cref="CacheStatistics"/>.</summary>
internal sealed record GetStatistics
{
    public static GetStatistics Instance { get; } = new();
}

/// <summary>Counters of the cache.</summary>
internal sealed record CacheStatistics(long Specs, long SpecsCreated, long SpecsEvicted, long Kernels, long KernelsCompiled, long KernelsEvicted, long CompilesFailed, long CodeBytes);

/// <summary>What a caller needs to run and compile kernels of a spec without visiting the cache again.</summary>
internal sealed record SpecHandle(KernelSpec Spec, ActorRef Actor, PublishedKernels Kernels);

/// <summary>A spec's actor has a new kernel.</summary>
internal sealed record KernelPublished(KernelSpec Spec, KernelSlot Slot);

/// <summary>A spec's actor gave a kernel up; not evicted means that it was in use and stays.</summary>
internal sealed record KernelWithdrawn(KernelSpec Spec, KernelSlot Slot, bool Evicted);

/// <summary>A compile failed.</summary>
internal sealed record KernelFailed(KernelSpec Spec, string Reason);
