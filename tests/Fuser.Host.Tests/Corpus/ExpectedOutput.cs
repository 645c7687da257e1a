using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Corpus;

/// <summary>What an output should be.</summary>
/// <param name="Eager">As eager PyTorch computed it.</param>
/// <param name="Reference">As eager PyTorch computed it in float64.</param>
internal sealed record ExpectedOutput(NdArray Eager, NdArray Reference);
