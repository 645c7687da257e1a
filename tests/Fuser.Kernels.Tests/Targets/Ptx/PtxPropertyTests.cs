using Fuser.Kernels.IsaCheck;

namespace Fuser.Kernels.Tests.Targets.Ptx;

/// <summary>The contract of every target: the interpreter's bits, here by reading the text as the manual of PTX says.</summary>
public sealed class PtxPropertyTests
{
    [Fact]
    public void Random_kernels_give_the_interpreters_bits()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            PtxAgreement.ShouldAgree(RandomKernels.Create(seed, 3 + (seed % 40)), seed % 2 == 0 ? 1 : 16, seed % 3 == 0, seed % 71, seed);
        }
    }

    [Fact]
    public void Outputs_may_take_the_memory_of_inputs()
    {
        for (var seed = 1000; seed < 1060; seed++)
        {
            PtxAgreement.ShouldAgree(RandomKernels.Create(seed, 10), 16, false, seed % 71, seed, inPlace: true);
        }
    }

    [Fact]
    public void Every_short_length_gives_the_interpreters_bits()
    {
        var ir = RandomKernels.Create(77, 12);
        for (var count = 0; count <= 70; count++)
        {
            PtxAgreement.ShouldAgree(ir, 16, count % 2 == 0, count, count);
        }
    }
}
