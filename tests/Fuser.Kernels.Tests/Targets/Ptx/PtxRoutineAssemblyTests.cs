using System.Text.RegularExpressions;
using Fuser.Kernels.Devices.Accelerators.Routines;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Ptx;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Devices.Accelerators;

namespace Fuser.Kernels.Tests.Targets.Ptx;

/// <summary>What NVIDIA's assembler says about the kernels of routines: it takes all of them, keeps nothing in memory that belongs in registers, and fuses in products alone.</summary>
public sealed partial class PtxRoutineAssemblyTests
{
    private static readonly RoutineDevice Device = new(DeviceCode.UsualGroupSize, IsForProcessor: false);

    [PtxasFact]
    public void Every_form_assembles_keeps_its_values_in_registers_and_fuses_in_products_alone()
    {
        var kernels = new Dictionary<string, WrittenCode>();
        foreach (var kind in new[] { "lookup", "cumsum", "pool", "product", "convolution" })
        {
            for (var seed = 0; seed < 40; seed++)
            {
                var routine = RoutineKernel.Of(RandomRoutines.Create(kind, seed, isLarge: seed % 2 == 0).Step, Device with { IsWide = seed % 4 < 2 });
                foreach (var pass in routine.Passes)
                {
                    kernels.TryAdd($"{routine.Form} {pass.Kernel.Entry}", PtxKernelWriter.Write(pass.Kernel with { Entry = $"routine{kernels.Count}" }));
                }
            }
        }

        var assembled = PtxAssembler.Assemble(kernels.Values);
        foreach (var (form, kernel) in kernels)
        {
            var result = assembled[kernel.Entry];

            // Of many positions, or wide ones, the assembler rather keeps a few in memory than have fewer groups on a multiprocessor.
            result.SpillBytes.ShouldBeLessThanOrEqualTo(form.Contains("/64") || ManyAxes().IsMatch(form) ? 200 : 0, $"{form}\n{kernel.Text}");
            result.Registers.ShouldBeLessThanOrEqualTo(form.Contains("tiles") ? 128 : 64, form);
            if (!kernel.Text.Contains("fma.rn") && !kernel.Text.Contains("div."))
            {
                (result.Code?.Contains("FFMA") is true || result.Code?.Contains("DFMA") is true).ShouldBeFalse(kernel.Text);
            }
        }
    }

    [GeneratedRegex(@"product.*\.[2-9] ", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex ManyAxes();

    /// <summary>Two groups of 256 fit a multiprocessor side by side, so that one computes while the other waits for memory.</summary>
    [PtxasFact]
    public void A_matrix_product_of_float32_keeps_64_chains_in_registers_and_reads_16_bytes_at_once()
    {
        var step = new RoutineStep(new Contraction("aten::mm", 0, 1, 1, 1), [Matrix(0), Matrix(1)], [Matrix(2)], 0);
        var routine = RoutineKernel.Of(step, Device);
        routine.Form.ShouldBe("product0.1.1.1 f32 tiles 64x32 tc");
        var result = PtxAssembler.Assemble([PtxKernelWriter.Write(routine.Passes[0].Kernel)])["product"];
        result.SpillBytes.ShouldBe(0);
        result.Registers.ShouldBeLessThanOrEqualTo(128);
        if (result.Code is { } code)
        {
            code.Contains("LDS.128").ShouldBeTrue();
            code.Split("FFMA").Length.ShouldBe(1 + (64 * 4));
        }

        static RoutineOperand Matrix(int buffer) => new(buffer, DType.Float32, TensorLayout.Contiguous([1024, 1024]));
    }
}
