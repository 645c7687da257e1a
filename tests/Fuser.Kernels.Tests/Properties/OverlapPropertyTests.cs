using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Properties;

/// <summary>
/// All outputs of a program are laid over all its inputs, in one block of memory, a random distance apart: every input may be overwritten by any output, and must have been read by then.
/// Programs of several steps, with reductions and routines among them.
/// </summary>
public sealed class OverlapPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Outputs_over_any_inputs_get_the_same_bits_in_plans_of_several_steps(int threads)
    {
        var (several, reductions, routines) = (0, 0, 0);
        for (var seed = 0; seed < (threads == 1 ? 300 : 30); seed++)
        {
            var program = RandomProgram.Create(seed, large: threads > 1);
            var expected = KernelCompiler.Compile(program.Graph, program.Inputs, InterpreterTarget.Instance).Run(program.Inputs, seed: 7);
            foreach (var mode in new[] { FusionMode.Fused, FusionMode.Unfused })
            {
                var (inputs, outputs) = InOneBlock(program.Inputs, expected, new Random(seed));
                var compiled = KernelCompiler.Compile(program.Graph, inputs, SimdTarget.Best, mode);
                var plan = compiled.Runner.Plan;
                several += plan.Steps.Length > 1 ? 1 : 0;
                reductions += plan.Groups.Any(group => group.Domain.HasReductions) ? 1 : 0;
                routines += plan.Steps.OfType<RoutineStep>().Any() ? 1 : 0;
                compiled.Runner.Run(inputs, outputs, compiled.Kernels.AsSpan(), 7, threads);
                Bits.ShouldBeSame(outputs, expected, $"{mode}, seed {seed}\n{program}");
            }
        }

        (several > 5 && reductions > 5 && routines > 0).ShouldBeTrue($"{several} plans of several steps, {reductions} with reductions, {routines} with routines");
    }

    /// <summary>Outputs behind each other, and over them copies of the inputs, row-major.</summary>
    private static (FuserValue[] Inputs, NdArray[] Outputs) InOneBlock(FuserValue[] inputs, IReadOnlyList<NdArray> wanted, Random random)
    {
        var inputBytes = inputs.Where(input => input.Kind == FuserValueKind.Array).Sum(input => input.Array.ElementCount * input.Array.DType.ItemSize() + 16);
        var outputBytes = wanted.Sum(output => output.ElementCount * output.DType.ItemSize() + 16);
        var block = new Block(new byte[inputBytes + outputBytes + 64]);
        var outputs = new NdArray[wanted.Count];
        long next = 0;
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = block.At(ref next, wanted[i].DType, wanted[i].Shape);
        }

        next = random.Next(3) == 0 ? 0 : random.NextInt64(outputBytes);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Kind == FuserValueKind.Array)
            {
                var source = inputs[i].Array;
                var copy = block.At(ref next, source.DType, source.Shape);
                Copy(source, copy);
                inputs[i] = copy;
            }
        }

        return (inputs, outputs);
    }

    private static void Copy(NdArray source, NdArray destination)
    {
        var bits = Bits.Of(source);
        var size = source.DType.ItemSize();
        for (var i = 0; i < bits.Length; i++)
        {
            MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in bits[i]))[..size].CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref destination.First, i * size), size));
        }
    }

    private sealed class Block(byte[] memory)
    {
        public NdArray At(ref long next, DType dtype, ImmutableArray<long> shape)
        {
            var size = dtype.ItemSize();
            next = (next + size - 1) / size * size;
            var layout = new TensorLayout(shape, Shapes.ContiguousStrides(shape.AsSpan()), next / size);
            next += layout.ElementCount * size;
            return dtype switch
            {
                DType.Bool => Over<bool>(dtype, layout),
                DType.UInt8 => Over<byte>(dtype, layout),
                DType.Int8 => Over<sbyte>(dtype, layout),
                DType.Int16 => Over<short>(dtype, layout),
                DType.Int32 => Over<int>(dtype, layout),
                DType.Int64 => Over<long>(dtype, layout),
                DType.Float16 => Over<Half>(dtype, layout),
                DType.BFloat16 => Over<BFloat16>(dtype, layout),
                DType.Float32 => Over<float>(dtype, layout),
                _ => Over<double>(dtype, layout),
            };
        }

        private NdArray Over<T>(DType dtype, TensorLayout layout)
            where T : unmanaged => NdArray.From(new View<T>(memory).Memory, layout);
    }

    /// <summary>The same bytes as elements of a type.</summary>
    private sealed unsafe class View<T>(byte[] memory) : MemoryManager<T>
        where T : unmanaged
    {
        public override Span<T> GetSpan() => MemoryMarshal.Cast<byte, T>(memory.AsSpan());

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            var handle = GCHandle.Alloc(memory, GCHandleType.Pinned);
            return new MemoryHandle((T*)handle.AddrOfPinnedObject() + elementIndex, handle);
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
