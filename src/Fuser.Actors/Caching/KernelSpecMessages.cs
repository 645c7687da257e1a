using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Caching;

/// <summary>Makes the kernel for these arguments, unless there is one. Answered with <see cref="KernelReady"/> or <see cref="KernelUnavailable"/>.</summary>
internal sealed record Warm(ArgSpec Arguments, IKernelTarget Target);

/// <summary>A kernel to run. The answer holds the kernel itself, so that it can be run even if it is evicted the moment after.</summary>
internal sealed record KernelReady(KernelSlot Slot, CompiledKernel Kernel, bool Cached);

/// <summary>There will be no kernel; run the fallback.</summary>
internal sealed record KernelUnavailable(string Reason);

/// <summary>Asks why running with these arguments would compile. Answered with <see cref="CompileForecast"/>.</summary>
internal sealed record WouldCompile(ArgSpec Arguments);

/// <summary>Null when the kernel is ready; else why it is not.</summary>
internal sealed record CompileForecast(string? Reason);

/// <summary>Gives up a kernel if no run has it. Answered to the cache with <see cref="KernelWithdrawn"/>.</summary>
internal sealed record EvictKernel(KernelSlot Slot);

/// <summary>Gives up all kernels that are not running, and remembered failures. Answered with <see cref="Cleared"/>.</summary>
internal sealed record ClearKernels
{
    public static ClearKernels Instance { get; } = new();
}

/// <summary>The spec is evicted: answer who waits, then stop.</summary>
internal sealed record RetireSpec
{
    public static RetireSpec Instance { get; } = new();
}
