using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Simd.Emission;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Simd;

/// <summary>The outputs a kernel can write around the caches, which needs addresses that are multiples of a vector and pays for whole lines.</summary>
internal sealed unsafe class StreamedOutputs
{
    private readonly (int Argument, int Size)[] _outputs;

    public StreamedOutputs(ImmutableArray<KernelArgument> arguments, SimdWidth width)
    {
        _outputs = width == SimdWidth.None ? [] :
        [
            .. Enumerable.Range(0, arguments.Length)
                .Where(i => arguments[i].Kind == ArgumentKind.Output && MemoryEmitter.IsStreamed(arguments[i].DType))
                .Select(i => (i, arguments[i].DType.ItemSize())),
        ];
    }

    /// <summary>How many elements lie before the first at which every output is aligned; -1 when there is none, or nothing to stream.</summary>
    public nint ElementsBeforeAlignment(void** arguments)
    {
        nint most = -1;
        foreach (var (argument, size) in _outputs)
        {
            var beyond = (nint)arguments[argument] & (MemorySizes.CacheLine - 1);
            if (beyond % size != 0)
            {
                return -1;
            }

            most = nint.Max(most, ((MemorySizes.CacheLine - beyond) & (MemorySizes.CacheLine - 1)) / size);
        }

        foreach (var (argument, size) in _outputs)
        {
            if ((((nint)arguments[argument] + (most * size)) & (MemorySizes.CacheLine - 1)) != 0)
            {
                return -1;
            }
        }

        return most;
    }
}
