using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>How the launcher gives an argument to a kernel.</summary>
internal enum Passing
{
    /// <summary>A pointer into the buffer: the elements lie as the kernel walks.</summary>
    Direct,

    /// <summary>A tile that is filled from, or written back to, the buffer.</summary>
    Tiled,

    /// <summary>A number of the call.</summary>
    Number,

    /// <summary>The seed of the call.</summary>
    Seed,

    /// <summary>A range of logical indices.</summary>
    Index,
}

/// <summary>One argument of a launch, worked out once: buffer, where in it, and how it moves along the loops, in bytes.</summary>
internal sealed class LaunchArgument
{
    private LaunchArgument(Passing passing, int source, int itemSize, long offset, ImmutableArray<long> strides, bool isOutput)
    {
        Passing = passing;
        Source = source;
        ItemSize = itemSize;
        Offset = offset;
        Strides = [.. strides];
        IsOutput = isOutput;
    }

    public Passing Passing { get; }

    /// <summary>Buffer or scalar slot.</summary>
    public int Source { get; }

    public int ItemSize { get; }

    /// <summary>Where the first element is: bytes into the buffer, or the first index.</summary>
    public long Offset { get; }

    /// <summary>Along the merged axes: bytes, or indices.</summary>
    public long[] Strides { get; }

    public bool IsOutput { get; }

    public static LaunchArgument[] Of(Specialisation specialisation)
    {
        var (group, loops) = (specialisation.Group, specialisation.Loops!);
        var arguments = new LaunchArgument[group.Inputs.Length + group.Outputs.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = i < group.Inputs.Length
                ? OfInput(group.Inputs[i], loops, i)
                : OfMemory(group.Outputs[i - group.Inputs.Length].Buffer, group.Outputs[i - group.Inputs.Length].Storage, group.Outputs[i - group.Inputs.Length].Layout, loops, i, isOutput: true);
        }

        return arguments;
    }

    private static LaunchArgument OfInput(GroupInput input, LoopNest loops, int index) => input switch
    {
        TensorInput tensor => OfMemory(tensor.Buffer, tensor.Storage, tensor.Layout, loops, index, isOutput: false),
        NumberInput number => new LaunchArgument(Passing.Number, number.Slot, sizeof(long), 0, loops.Strides[index], false),
        SeedInput => new LaunchArgument(Passing.Seed, 0, sizeof(long), 0, loops.Strides[index], false),
        IndexInput indices => new LaunchArgument(Passing.Index, 0, sizeof(long), indices.Layout.Offset, loops.Strides[index], false),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"a group input of kind {input.GetType().Name} has no launch"),
    };

    private static LaunchArgument OfMemory(int buffer, DType storage, TensorLayout layout, LoopNest loops, int index, bool isOutput)
    {
        var strides = loops.Strides[index];
        var direct = loops.IsFlattened
            ? strides.AsSpan().SequenceEqual(Shapes.ContiguousStrides(loops.Sizes.AsSpan()).AsSpan())
            : strides[^1] == 1 || loops.IsUniform(index) || loops.Inner == 1;
        var size = storage.ItemSize();
        return new LaunchArgument(direct ? Passing.Direct : Passing.Tiled, buffer, size, layout.Offset * size, ImmutableArray.CreateRange(strides, stride => stride * size), isOutput);
    }
}
