using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Caching;

/// <summary>Makes the kernel for these arguments, unless there is one. Answered with <see cref="KernelReady"/> or <see cref="KernelUnavailable"/>.</summary>
/// <param name="Cancellation">Cancelled when the caller gives up. A compile is cancelled with its last caller.</param>
internal sealed record Warm(ArgSpec Arguments, IKernelTarget Target, CancellationToken Cancellation = default);

/// <summary>A kernel to run. The answer holds the kernel itself, so that it can be run even if it is evicted the moment after.</summary>
internal sealed record KernelReady(KernelSlot Slot, CompiledKernel Kernel, bool Cached);

/// <summary>There is no kernel now; run the fallback.</summary>
/// <param name="Code">Error code of the cause.</param>
internal sealed record KernelUnavailable(string Code, string Reason);

/// <summary>Asks why running with these arguments would compile. Answered with <see cref="CompileForecast"/>.</summary>
internal sealed record WouldCompile(ArgSpec Arguments);

/// <summary>The kernel when it is ready; else why it is not.</summary>
internal sealed record CompileForecast(CompiledKernel? Kernel, string? Reason);

/// <summary>The cache evicted a kernel: drop it from the table.</summary>
internal sealed record WithdrawKernel(KernelSlot Slot);

/// <summary>Forgets which compiles failed, so that they are tried again.</summary>
internal sealed record ForgetFailures
{
    public static ForgetFailures Instance { get; } = new();
}

/// <summary>The spec is evicted: answer who waits, then stop.</summary>
internal sealed record RetireSpec
{
    public static RetireSpec Instance { get; } = new();
}
