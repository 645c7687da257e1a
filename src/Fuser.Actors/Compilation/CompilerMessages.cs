using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Actors.Compilation;

/// <summary>Compiles one kernel. Answered with the <see cref="CompiledKernel"/>, or a failure.</summary>
internal sealed record Compile(KernelSpec Spec, ArgSpec Arguments, IKernelTarget Target);
