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

/// <summary>Drops every kernel that is not running and every remembered failure. Answered with <see cref="Cleared"/>.</summary>
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

/// <summary>A spec's actor compiled a kernel. The cache keeps it or not.</summary>
internal sealed record KernelPublished(ActorRef Actor, KernelSlot Slot);

/// <summary>A spec's actor lost a kernel by its own end or restart.</summary>
internal sealed record KernelWithdrawn(KernelSlot Slot);

/// <summary>A compile failed.</summary>
internal sealed record KernelFailed
{
    public static KernelFailed Instance { get; } = new();
}
