using Fuser.Kernels.Devices.Accelerators.Routines;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.OpenCl;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Compiled routines are found by their form, so whatever has one form must have one text.</summary>
public sealed class RoutineFormTests
{
    private const int Seeds = 200;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Kernels_of_one_form_have_the_same_passes_with_the_same_texts(bool isForProcessor)
    {
        var device = new RoutineDevice(DeviceCode.UsualGroupSize, isForProcessor);
        var known = new Dictionary<string, string>();
        var shared = 0;
        foreach (var step in Steps())
        {
            var kernel = RoutineKernel.Of(step, device);
            var text = string.Join("\n\n", kernel.Passes.Select(pass => OpenClKernelWriter.Write(pass.Kernel, OpenClForm.GridStride).Text));
            if (known.TryAdd(kernel.Form, text))
            {
                continue;
            }

            text.ShouldBe(known[kernel.Form], $"form {kernel.Form} of {string.Join(", ", step.Inputs.Select(operand => operand.Layout))}");
            shared++;
        }

        shared.ShouldBeGreaterThan(known.Count);
    }

    private static IEnumerable<RoutineStep> Steps()
    {
        foreach (var (kind, isLarge) in new[] { ("cumsum", false), ("cumsum", true), ("lookup", false), ("pool", false), ("product", false), ("product", true), ("convolution", false), ("convolution", true) })
        {
            for (var seed = 0; seed < Seeds; seed++)
            {
                yield return RandomRoutines.Create(kind, seed, isLarge).Step;
            }
        }

        // Lines that are empty, of one element, of a whole block and of one more; none, one and several of them.
        foreach (var dtype in new[] { DType.Float32, DType.Float64, DType.Int64 })
        {
            foreach (var lines in new long[] { 0, 1, 3 })
            {
                foreach (var length in new long[] { 0, 1, CumulativeSum.BlockLength, CumulativeSum.BlockLength + 1 })
                {
                    RoutineOperand Operand(int buffer) => new(buffer, dtype, TensorLayout.Contiguous([lines, length]));
                    yield return new RoutineStep(new CumulativeSum(1), [Operand(0)], [Operand(1)], 0);
                }
            }
        }
    }
}
