using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Targets;

/// <summary>The contract of every target: the interpreter's bits.</summary>
public class SimdPropertyTests
{
    public static TheoryData<int> Widths => SimdAgreement.Widths;

    [Theory]
    [MemberData(nameof(Widths))]
    public void Random_kernels_give_the_interpreters_bits(int width)
    {
        for (var seed = 0; seed < 800; seed++)
        {
            SimdAgreement.ShouldAgree(RandomKernels.Create(seed, 3 + (seed % 40)), (SimdWidth)width, seed % 71, seed, misalign: seed % 5);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Outputs_may_take_the_memory_of_inputs(int width)
    {
        for (var seed = 1000; seed < 1300; seed++)
        {
            SimdAgreement.ShouldAgree(RandomKernels.Create(seed, 10), (SimdWidth)width, seed % 71, seed, inPlace: true);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Long_runs_give_the_interpreters_bits(int width)
    {
        for (var seed = 2000; seed < 2040; seed++)
        {
            SimdAgreement.ShouldAgree(RandomKernels.Create(seed, 12), (SimdWidth)width, 5000 + seed, seed);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Kernels_cut_into_segments_give_the_interpreters_bits(int width)
    {
        for (var seed = 3000; seed < 3012; seed++)
        {
            SimdAgreement.ShouldAgree(RandomKernels.Create(seed, 500), (SimdWidth)width, (seed % 2 * 2100) + (seed % 71), seed, inPlace: seed % 3 == 0);
        }
    }

    [Fact]
    public void A_kernel_of_fifteen_thousand_nodes_gives_the_interpreters_bits()
    {
        var ir = RandomKernels.Create(4000, 9000);
        ir.Nodes.Length.ShouldBeGreaterThan(15000);
        SimdAgreement.ShouldAgree(ir, SimdWidths.Best, 300, 4000);
    }

    [Fact]
    public void A_kernel_may_have_hundreds_of_inputs()
    {
        foreach (var count in new[] { 200, 1500 })
        {
            var b = new IrBuilder();
            var sum = b.Float32(1);
            for (var i = 0; i < count; i++)
            {
                var value = b.Load(b.Input(i % 3 == 0 ? DType.Int16 : DType.Float32));
                sum = b.Add(b.Mul(sum, b.Float32(0.5f)), b.Convert(value, IrType.Float32));
            }

            b.Store(b.Output(DType.Float32), sum);
            var ir = b.Build("many");
            foreach (var length in new[] { 1, 16, 77, 2500 })
            {
                SimdAgreement.ShouldAgree(ir, SimdWidths.Best, length, length);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_short_length_gives_the_interpreters_bits(int width)
    {
        var ir = RandomKernels.Create(77, 12);
        for (var count = 0; count <= 140; count++)
        {
            SimdAgreement.ShouldAgree(ir, (SimdWidth)width, count, count);
        }
    }
}
