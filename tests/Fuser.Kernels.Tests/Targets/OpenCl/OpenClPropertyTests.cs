using Fuser.Kernels.IsaCheck;
using Fuser.OpenClTesting;

namespace Fuser.Kernels.Tests.Targets.OpenCl;

/// <summary>The contract of every target: the interpreter's bits.</summary>
public sealed class OpenClPropertyTests
{
    [OpenClTheory]
    [InlineData(false, 24)]
    [InlineData(true, 24)]
    public void Random_kernels_give_the_interpreters_bits(bool likeGpu, int kernels)
    {
        for (var seed = 0; seed < kernels; seed++)
        {
            OpenClAgreement.ShouldAgree(RandomKernels.Create(seed, 10 + (seed * 2)), likeGpu, seed * 37 % 1100, seed, misalign: seed % 5);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Outputs_may_take_the_memory_of_inputs(bool likeGpu)
    {
        for (var seed = 1000; seed < 1006; seed++)
        {
            OpenClAgreement.ShouldAgree(RandomKernels.Create(seed, 10), likeGpu, seed % 71, seed, inPlace: true);
        }
    }

    [OpenClTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_length_around_a_group_gives_the_interpreters_bits(bool likeGpu)
    {
        var ir = RandomKernels.Create(77, 12);
        foreach (var count in new[] { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 255, 256, 257, 1023, 1025, 5000 })
        {
            OpenClAgreement.ShouldAgree(ir, likeGpu, count, count * 2);
        }
    }
}
