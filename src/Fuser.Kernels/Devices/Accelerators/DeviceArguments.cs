using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>Works out the parameters of a kernel for a group: where its buffers are and how each moves along the loops.</summary>
internal static class DeviceArguments
{
    /// <param name="buffers">The plan's buffers on the device.</param>
    /// <param name="numbers">The plan's numbers, 8 bytes each.</param>
    /// <param name="memory">What the kernel needs beside them.</param>
    /// <returns>One value per parameter.</returns>
    public static ulong[] Of(Specialisation specialisation, KernelParameters parameters, ReadOnlySpan<BoundBuffer> buffers, ReadOnlySpan<long> numbers, long seed, in KernelMemory memory)
    {
        var group = specialisation.Group;
        var values = new ulong[parameters.All.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = parameters.All[i];
            values[i] = (ulong)(parameter.Kind switch
            {
                ParameterKind.Buffer => buffers[BufferOf(group, parameter.Argument)].Handle,
                ParameterKind.Count => specialisation.Loops?.ElementCount ?? specialisation.Rows!.Elements.Count,
                ParameterKind.Rows => specialisation.Rows!.Rows.Count,
                ParameterKind.ChunkLength => memory.ChunkLength,
                ParameterKind.Chunks => memory.Chunks,
                ParameterKind.Scratch => memory.Scratch,
                ParameterKind.Size => SizeOf(specialisation, parameter.Axis),
                ParameterKind.Offset => OffsetOf(group, parameter.Argument, buffers),
                ParameterKind.Stride => StrideOf(specialisation, parameter.Argument, parameter.Axis),
                ParameterKind.Number => group.Inputs[parameter.Argument] is NumberInput number ? numbers[number.Slot] : seed,
                _ => memory.Fault,
            });
        }

        return values;
    }

    private static long SizeOf(Specialisation specialisation, int axis) => specialisation.Loops is { } loops ? loops.Sizes[axis]
        : axis < specialisation.Rows!.Rows.Sizes.Length ? specialisation.Rows.Rows.Sizes[axis]
        : specialisation.Rows.Elements.Sizes[axis - specialisation.Rows.Rows.Sizes.Length];

    private static long StrideOf(Specialisation specialisation, int argument, int axis) => specialisation.Loops is { } loops ? loops.Strides[argument][axis]
        : axis < specialisation.Rows!.Rows.Sizes.Length ? specialisation.Rows.Rows.Strides[argument][axis]
        : specialisation.Rows.Elements.Strides[argument][axis - specialisation.Rows.Rows.Sizes.Length];

    private static int BufferOf(FusionGroup group, int argument) =>
        argument < group.Inputs.Length ? ((TensorInput)group.Inputs[argument]).Buffer : group.Outputs[argument - group.Inputs.Length].Buffer;

    private static long OffsetOf(FusionGroup group, int argument, ReadOnlySpan<BoundBuffer> buffers)
    {
        if (argument >= group.Inputs.Length)
        {
            var output = group.Outputs[argument - group.Inputs.Length];
            return buffers[output.Buffer].FirstElement + output.Layout.Offset;
        }

        return group.Inputs[argument] switch
        {
            TensorInput tensor => buffers[tensor.Buffer].FirstElement + tensor.Layout.Offset,
            IndexInput index => index.Layout.Offset,
            _ => throw new InternalFuserException(ErrorCodes.Internal, $"argument {argument} has an offset and is no memory"),
        };
    }
}

/// <summary>A buffer of the plan on the device.</summary>
/// <param name="FirstElement">Where in it the array's element with all indices 0 is.</param>
internal readonly record struct BoundBuffer(nint Handle, long FirstElement);

/// <summary>What a kernel needs beside the plan's buffers.</summary>
/// <param name="Fault">Where divisions by zero are reported; 0 when the kernel has none.</param>
/// <param name="ChunkLength">Elements of a chunk of a row; 0 when rows are whole, like what follows.</param>
/// <param name="Chunks">Chunks of a row.</param>
/// <param name="Scratch">Memory between passes.</param>
internal readonly record struct KernelMemory(nint Fault, long ChunkLength = 0, long Chunks = 0, nint Scratch = 0);
