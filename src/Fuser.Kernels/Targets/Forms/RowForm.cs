using System.Numerics;
using Fuser.Kernels.Lowering;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Forms;

/// <summary>
/// How a device's kernel with reductions goes over its rows, as far as it changes the code; part of the kernel's key through the target's fingerprint. How many rows there
/// are, how long they are and into how many chunks they are cut is not in it.
/// </summary>
/// <param name="RowAxes">Merged axes that number the rows; at least 1.</param>
/// <param name="ElementAxes">Merged axes within a row; at least 1.</param>
/// <param name="IsUnit">Along the last axis of a row every buffer moves by its own next element, so those strides are no parameters.</param>
/// <param name="Width">
/// Elements behind each other that a work item of those that share a row takes at once, with one access of up to 16 bytes per buffer; 1 for one by one. They are a subtree of the fixed tree. Only with
/// <paramref name="IsUnit"/>.
/// </param>
/// <param name="Lanes">Work items that share a row, or a chunk of one: 1, or a power of two from 32 on.</param>
/// <param name="GroupSize">Work items of a group.</param>
/// <param name="IsSplit">Rows are cut into chunks: each sweep is a pass over all chunks, and another pass combines what they came to.</param>
/// <param name="IsWide">Whether positions need 64 bits.</param>
internal readonly record struct RowForm(int RowAxes, int ElementAxes, bool IsUnit, int Width, int Lanes, int GroupSize, bool IsSplit, bool IsWide)
{
    /// <summary>Elements that a lane has of a chunk at least: fewer would not pay for the pass that combines the chunks.</summary>
    public const int LeastOfChunk = 32;

    /// <summary>Elements that are taken at once at most: more of narrow ones would have to be unpacked.</summary>
    private const int MostAtOnce = 4;

    /// <summary>Rows that are shorter get a work item each.</summary>
    private const int ShortRow = 32;

    /// <summary>Rows from this length on get a whole group.</summary>
    private const int LongRow = 1024;

    /// <summary>Work items that share a row which is neither.</summary>
    private const int FewLanes = 32;

    /// <summary>Reductions above which a group has fewer work items, so that what they share still fits the memory of a group.</summary>
    private const int ManyReductions = 4;
    private const int LanesOfManyReductions = 64;

    /// <summary>Reductions for which there is no room in the memory of a group.</summary>
    private const int TooManyReductions = 16;

    /// <summary>Work items that keep a processor of a GPU busy.</summary>
    private const int BusyLanes = 2048;

    /// <summary>Above this, a count plus one more step of all work items may not fit 32 bits.</summary>
    private const long NarrowCount = 1L << 30;

    public int Axes => RowAxes + ElementAxes;

    /// <summary>Rows, or chunks, that a group works on at once.</summary>
    public int Teams => GroupSize / Lanes;

    /// <summary>
    /// Whether several chunks are worked on by a group whose work items meet at barriers. The last chunk of a row is shorter than others, but all have to come to as many barriers: so the loops go
    /// on to its full length, over elements that are not there.
    /// </summary>
    public bool HasChunksInStep => IsSplit && Teams > 1 && Lanes > 1;

    /// <param name="units">Cores or multiprocessors of the device.</param>
    /// <param name="mostPerGroup">Work items of a group at most.</param>
    public static RowForm Of(FusionGroup group, RowNest nest, int units, int mostPerGroup)
    {
        var (rows, length) = (nest.Rows.Count, nest.Elements.Count);
        var groupSize = Math.Min(DeviceCode.UsualGroupSize, 1 << BitOperations.Log2((uint)mostPerGroup));
        var reductions = group.Graph.Nodes.Count(GroupValues.IsReduction);
        groupSize = reductions > ManyReductions ? Math.Min(groupSize, LanesOfManyReductions) : groupSize;
        var lanes = nest.Walk == KernelWalk.AcrossRows || length < ShortRow || reductions > TooManyReductions || groupSize < FewLanes ? 1
            : length < LongRow ? FewLanes : groupSize;
        int[] swept = [.. Swept(group, nest)];
        var isUnit = length <= 1 || swept.All(i => nest.Elements.Strides[i][^1] == 1);
        var form = new RowForm(
            nest.Rows.Sizes.Length,
            nest.Elements.Sizes.Length,
            isUnit,
            lanes > 1 && isUnit && swept.Length > 0 ? WidthOf(group, nest, swept) : 1,
            lanes,
            groupSize,
            IsSplit: false,
            (Int128)rows * length > NarrowCount || Enumerable.Range(0, nest.Rows.Strides.Length).Any(i => Reach(nest, i) > int.MaxValue));
        return form with { IsSplit = rows > 0 && length >= 4L * form.LeastChunk && rows * 2 <= form.BusyTeams(units) };
    }

    /// <summary>Elements of a chunk: as few as keep the device busy. A power of two, so that a chunk is a subtree of the fixed tree.</summary>
    public long ChunkOf(RowNest nest, int units)
    {
        var wanted = (UInt128)nest.Elements.Count * (UInt128)nest.Rows.Count / (UInt128)BusyTeams(units);
        return Math.Max(LeastChunk, (long)BitOperations.RoundUpToPowerOf2((ulong)UInt128.Min(wanted, 1UL << 62)));
    }

    /// <summary>The part of a target's fingerprint that the form is.</summary>
    public override string ToString() =>
        $"rows{RowAxes}+{ElementAxes}{(IsUnit ? "u" : "s")}x{Lanes}of{GroupSize}{(Width > 1 ? $" by {Width}" : "")}{(IsSplit ? " split" : "")}{(IsWide ? "/64" : "")}";

    private long LeastChunk => (long)Lanes * LeastOfChunk;

    /// <summary>Rows, or chunks of some, that keep the device busy.</summary>
    private long BusyTeams(int units) => (long)units * BusyLanes / Lanes;

    /// <summary>The buffers that move within a row.</summary>
    private static IEnumerable<int> Swept(FusionGroup group, RowNest nest) =>
        Enumerable.Range(0, group.Inputs.Length).Where(i => group.Inputs[i] is TensorInput && !nest.IsPerRow(i))
            .Concat(Enumerable.Range(0, group.Outputs.Length).Where(i => !group.Outputs[i].IsPerRow).Select(i => group.Inputs.Length + i));

    /// <summary>Every access starts at a multiple of its own size, and none goes beyond the end of a row: buffers themselves, and chunks of rows, begin well.</summary>
    private static int WidthOf(FusionGroup group, RowNest nest, int[] swept)
    {
        var memory = Array.ConvertAll(swept, i => i < group.Inputs.Length ? (((TensorInput)group.Inputs[i]).Layout, ((TensorInput)group.Inputs[i]).Storage)
            : (group.Outputs[i - group.Inputs.Length].Layout, group.Outputs[i - group.Inputs.Length].Storage));
        var width = Math.Min(MostAtOnce, LaunchForm.AccessBytes / memory.Max(buffer => buffer.Storage.ItemSize()));
        var fits = nest.Elements.Sizes[^1] % width == 0 && memory.All(buffer => buffer.Layout.Offset % width == 0)
            && swept.All(i => nest.Rows.Strides[i].Concat(nest.Elements.Strides[i][..^1]).All(stride => stride % width == 0));
        return fits ? width : 1;
    }

    private static Int128 Reach(RowNest nest, int argument)
    {
        Int128 reach = 0;
        foreach (var axes in new[] { nest.Rows, nest.Elements })
        {
            for (var axis = 0; axis < axes.Sizes.Length; axis++)
            {
                reach += (Int128)axes.Sizes[axis] * Int128.Abs(axes.Strides[argument][axis]);
            }
        }

        return reach;
    }
}
