using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>Works out the parameters of a kernel for a group: where its buffers are and how each moves along the loops.</summary>
internal static class DeviceArguments
{
    /// <param name="buffers">The plan's buffers on the device.</param>
    /// <param name="numbers">The plan's numbers, 8 bytes each.</param>
    /// <param name="fault">Where divisions by zero are reported; 0 when the kernel has none.</param>
    public static void Fill(Specialisation specialisation, DeviceCode code, ReadOnlySpan<BoundBuffer> buffers, ReadOnlySpan<long> numbers, long seed, nint fault, Span<ulong> values)
    {
        var (group, loops) = (specialisation.Group, specialisation.Loops!);
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = code.Parameters.All[i];
            values[i] = (ulong)(parameter.Kind switch
            {
                ParameterKind.Buffer => buffers[BufferOf(group, parameter.Argument)].Handle,
                ParameterKind.Count => loops.ElementCount,
                ParameterKind.Size => loops.Sizes[parameter.Axis],
                ParameterKind.Offset => OffsetOf(group, parameter.Argument, buffers),
                ParameterKind.Stride => loops.Strides[parameter.Argument][parameter.Axis],
                ParameterKind.Number => group.Inputs[parameter.Argument] is NumberInput number ? numbers[number.Slot] : seed,
                _ => fault,
            });
        }
    }

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
