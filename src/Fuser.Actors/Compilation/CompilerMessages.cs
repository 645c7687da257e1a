using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Compilation;

/// <summary>Compiles one kernel. Answered with the <see cref="CompiledKernel"/>, or a failure.</summary>
/// <param name="Cancellation">Cancelled when nobody waits for the kernel any more: the compiler then ends at the next method of its code.</param>
internal sealed record Compile(KernelSpec Spec, ArgSpec Arguments, IKernelTarget Target, CancellationToken Cancellation = default);
