using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Specs;

/// <summary>
/// The axes a kernel is run over, after axes of size 1 are dropped and neighbours that lie behind each other for every argument are
/// merged: usually one or two are left, whatever the rank was. The last is the inner axis, which the kernel itself loops over.
/// </summary>
internal sealed class LoopNest
{
    /// <summary>Shorter inner axes are not worth a call of the kernel each: tiles are then filled across rows.</summary>
    private const long ShortInner = 16;

    private LoopNest(ImmutableArray<long> sizes, ImmutableArray<ImmutableArray<long>> strides, long elements, bool flattened)
    {
        Sizes = sizes;
        Strides = strides;
        IsFlattened = flattened;
        ElementCount = elements;
    }

    /// <summary>Sizes of the merged axes; at least one.</summary>
    public ImmutableArray<long> Sizes { get; }

    /// <summary>Per argument, its strides along the merged axes, in elements.</summary>
    public ImmutableArray<ImmutableArray<long>> Strides { get; }

    /// <summary>The inner axis is too short: every argument is gathered, as if it varied, into tiles that span rows.</summary>
    public bool IsFlattened { get; }

    public long ElementCount { get; }

    public long Inner => Sizes[^1];

    /// <summary>The nest of a group; arguments are its inputs, then its outputs. Numbers have strides of 0.</summary>
    public static LoopNest Of(FusionGroup group)
    {
        var strides = StridesOf(group);
        return Merge(group.MapShape, strides, mayFlatten: !group.Inputs.Any(input => input is IndexInput));
    }

    /// <summary>Per argument of a group, its strides over the group's shape.</summary>
    public static ImmutableArray<ImmutableArray<long>> StridesOf(FusionGroup group)
    {
        ImmutableArray<long> still = [.. group.MapShape.Select(_ => 0L)];
        return
        [
            .. group.Inputs.Select(input => input switch
            {
                TensorInput tensor => tensor.Layout.Strides,
                IndexInput index => index.Layout.Strides,
                _ => still,
            }),
            .. group.Outputs.Select(output => output.Layout.Strides),
        ];
    }

    /// <param name="mayFlatten">False when an argument must stay linear along the inner axis, as an index must.</param>
    public static LoopNest Merge(ImmutableArray<long> shape, ImmutableArray<ImmutableArray<long>> strides, bool mayFlatten)
    {
        var axes = MergedAxes.Of(shape, strides, _ => true);
        if (axes.Sizes is [1])
        {
            axes = axes with { Strides = [.. axes.Strides.Select(_ => ImmutableArray.Create(1L))] };
        }

        var flattened = mayFlatten && axes.Sizes.Length > 1 && axes.Sizes[^1] < ShortInner;
        return new LoopNest(axes.Sizes, axes.Strides, Shapes.ElementCount(shape.AsSpan()), flattened);
    }

    /// <summary>Whether an argument stays on one element along the inner axis.</summary>
    public bool IsUniform(int argument) => !IsFlattened && Strides[argument][^1] == 0 && Inner > 1;
}
