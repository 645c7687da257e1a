using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Forms;

/// <summary>
/// How a device's kernel walks its elements, as far as it changes the code; part of the kernel's key through the target's fingerprint. Sizes, strides and
/// offsets are parameters and not in it: a new length never compiles anew.
/// </summary>
/// <param name="Axes">Merged axes that are walked; at least 1.</param>
/// <param name="IsUnit">Along the inner axis every buffer moves by its own next element or not at all, so the inner strides are no parameters.</param>
/// <param name="Width">Elements a work item takes at once, with one load of up to 16 bytes per buffer; 1 for one by one. Only with <paramref name="IsUnit"/>.</param>
/// <param name="IsWide">Whether positions need 64 bits.</param>
internal readonly record struct LaunchForm(int Axes, bool IsUnit, int Width, bool IsWide)
{
    /// <summary>What one memory access of a device moves at most.</summary>
    public const int AccessBytes = 16;

    /// <summary>Above this, a count plus one more step of all work items may not fit 32 bits.</summary>
    private const long NarrowCount = 1L << 30;

    /// <summary>Contiguous or uniform arguments of any number, one element at a time: what a kernel is when it is run by itself.</summary>
    public static LaunchForm Plain { get; } = new(1, IsUnit: true, Width: 1, IsWide: true);

    /// <param name="useVectors">Whether the device gains from wide accesses; one that makes vectors of work items does not.</param>
    public static LaunchForm Of(FusionGroup group, LoopNest loops, bool useVectors)
    {
        var buffers = Enumerable.Range(0, group.Inputs.Length + group.Outputs.Length).Where(i => MemoryOf(group, i) is not null).ToArray();
        var isUnit = buffers.All(i => loops.Strides[i][^1] == (loops.IsUniform(i) ? 0 : 1));
        var isWide = loops.ElementCount > NarrowCount || buffers.Any(i => Reach(loops, i) > int.MaxValue);
        var width = useVectors ? AccessBytes / buffers.Max(i => MemoryOf(group, i)!.Value.Storage.ItemSize()) : 1;
        var isAligned = buffers.All(i => IsAligned(MemoryOf(group, i)!.Value, loops.Strides[i].AsSpan(), width));
        var fills = loops.Sizes.Length == 1 || loops.Inner % width == 0; // several rows have no room for a rest at the end of each
        return new LaunchForm(loops.Sizes.Length, isUnit, isUnit && isAligned && fills ? width : 1, isWide);
    }

    /// <summary>The part of a target's fingerprint that the form is.</summary>
    public override string ToString() => $"{Axes}{(IsUnit ? "u" : "s")}{(Width > 1 ? $"x{Width}" : "")}{(IsWide ? "/64" : "")}";

    private static (TensorLayout Layout, DType Storage)? MemoryOf(FusionGroup group, int argument) =>
        argument >= group.Inputs.Length ? (group.Outputs[argument - group.Inputs.Length].Layout, group.Outputs[argument - group.Inputs.Length].Storage)
        : group.Inputs[argument] is TensorInput tensor ? (tensor.Layout, tensor.Storage)
        : null;

    /// <summary>Every access starts at a multiple of its own size; buffers themselves do.</summary>
    private static bool IsAligned((TensorLayout Layout, DType Storage) memory, ReadOnlySpan<long> strides, int width)
    {
        if (strides[^1] == 0)
        {
            return true;
        }

        var aligned = memory.Layout.Offset % width == 0;
        foreach (var stride in strides[..^1])
        {
            aligned &= stride % width == 0;
        }

        return aligned;
    }

    private static Int128 Reach(LoopNest loops, int argument)
    {
        Int128 reach = 0;
        for (var axis = 0; axis < loops.Sizes.Length; axis++)
        {
            reach += (Int128)loops.Sizes[axis] * Int128.Abs(loops.Strides[argument][axis]);
        }

        return reach;
    }
}
