using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Specs;

/// <summary>
/// The axes a kernel with reductions is run over: those that number the rows, and those that number the elements of a row, each merged where they lie behind each
/// other for every argument. Elements are counted in row-major order of the reduced axes: that order is the order of the fixed tree.
/// </summary>
internal sealed class RowNest
{
    /// <summary>Fewer rows beside each other are not worth walking across.</summary>
    private const long FewRows = 16;

    /// <summary>Shorter rows are not worth a call of the kernel each.</summary>
    private const long ShortRow = 32;

    private RowNest(MergedAxes rows, MergedAxes elements, KernelWalk walk)
    {
        Rows = rows;
        Elements = elements;
        Walk = walk;
    }

    public MergedAxes Rows { get; }

    public MergedAxes Elements { get; }

    /// <summary>Along rows where the elements of one lie together, across them where those of many do; either gives the same bits.</summary>
    public KernelWalk Walk { get; }

    /// <summary>Whether an argument is one value per row.</summary>
    public bool IsPerRow(int argument) => Elements.Strides[argument].All(stride => stride == 0);

    /// <summary>Whether an argument stays on one element along the inner axis of the walk.</summary>
    public bool IsUniform(int argument) => Walk == KernelWalk.AlongRows
        ? IsPerRow(argument)
        : Rows.Strides[argument][^1] == 0 && Rows.Sizes[^1] > 1;

    /// <summary>The nest of a group; arguments are its inputs, then its outputs. Numbers have strides of 0.</summary>
    public static RowNest Of(FusionGroup group)
    {
        var strides = LoopNest.StridesOf(group);
        var rows = MergedAxes.Of(group.MapShape, strides, axis => !group.Domain.Reduced[axis]);
        var elements = MergedAxes.Of(group.MapShape, strides, axis => group.Domain.Reduced[axis]);
        long along = 0, across = 0;
        for (var i = 0; i < strides.Length; i++)
        {
            if (elements.Strides[i].Any(stride => stride != 0))
            {
                along += elements.Strides[i][^1] == 1 ? 1 : 0;
                across += rows.Strides[i][^1] == 1 ? 1 : 0;
            }
        }

        var isAcross = rows.Sizes[^1] >= FewRows && (across > along || elements.Count < ShortRow);
        return new RowNest(rows, elements, isAcross ? KernelWalk.AcrossRows : KernelWalk.AlongRows);
    }
}

/// <summary>Some axes of a shape, those of size 1 dropped and neighbours merged where they lie behind each other for every argument; at least one.</summary>
/// <param name="Strides">Per argument, its strides in elements.</param>
/// <param name="Count">Indices there are.</param>
internal sealed record MergedAxes(ImmutableArray<long> Sizes, ImmutableArray<ImmutableArray<long>> Strides, long Count)
{
    public static MergedAxes Of(ImmutableArray<long> shape, ImmutableArray<ImmutableArray<long>> strides, Func<int, bool> isChosen)
    {
        var sizes = new List<long>();
        var merged = strides.Select(_ => new List<long>()).ToList();
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (!isChosen(axis) || shape[axis] == 1)
            {
                continue;
            }

            var joins = sizes.Count > 0;
            for (var i = 0; i < strides.Length && joins; i++)
            {
                joins = merged[i][^1] == strides[i][axis] * shape[axis];
            }

            if (!joins)
            {
                sizes.Add(1);
                merged.ForEach(list => list.Add(0));
            }

            sizes[^1] *= shape[axis];
            for (var i = 0; i < strides.Length; i++)
            {
                merged[i][^1] = strides[i][axis];
            }
        }

        if (sizes.Count == 0)
        {
            sizes.Add(1);
            merged.ForEach(list => list.Add(0));
        }

        return new MergedAxes([.. sizes], [.. merged.Select(list => list.ToImmutableArray())], Shapes.ElementCount([.. sizes]));
    }
}
