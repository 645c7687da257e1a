using System.Collections.Frozen;
using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>A view: its shape, and where its elements are in the source. Reshapes that cannot be said that way have no map.</summary>
internal readonly record struct View(ImmutableArray<long> Shape, IndexMap? Map);

/// <summary>The arguments of a view after the tensor; numbers and lists of numbers, None as null.</summary>
internal interface IViewArguments
{
    int Count { get; }

    bool IsNone(int index);

    bool IsList(int index);

    long Integer(int index);

    ImmutableArray<long> Integers(int index);

    /// <summary>An argument that is a tensor: its shape.</summary>
    ImmutableArray<long> ShapeOf(int index);
}

/// <summary>Operations that only look at a tensor differently.</summary>
internal static class ViewOperations
{
    private delegate View Rule(ImmutableArray<long> shape, IViewArguments arguments);

    private static readonly FrozenDictionary<string, Rule> Rules = new Dictionary<string, Rule>
    {
        ["aten::view"] = (shape, a) => Reshape(shape, a.Integers(0)),
        ["aten::reshape"] = (shape, a) => Reshape(shape, a.Integers(0)),
        ["aten::_unsafe_view"] = (shape, a) => Reshape(shape, a.Integers(0)),
        ["aten::view_as"] = (shape, a) => Reshape(shape, a.ShapeOf(0)),
        ["aten::reshape_as"] = (shape, a) => Reshape(shape, a.ShapeOf(0)),
        ["aten::flatten"] = (shape, a) => Flatten(shape, a.Count > 0 ? a.Integer(0) : 0, a.Count > 1 ? a.Integer(1) : -1),
        ["aten::transpose"] = (shape, a) => Permute(shape, Swapped(shape.Length, a.Integer(0), a.Integer(1))),
        ["aten::swapaxes"] = (shape, a) => Permute(shape, Swapped(shape.Length, a.Integer(0), a.Integer(1))),
        ["aten::t"] = (shape, _) => Permute(shape, shape.Length < 2 ? [.. Enumerable.Range(0, shape.Length)] : Swapped(AtMostTwo(shape), 0, 1)),
        ["aten::swapdims"] = (shape, a) => Permute(shape, Swapped(shape.Length, a.Integer(0), a.Integer(1))),
        ["aten::movedim"] = (shape, a) => Permute(shape, Moved(shape.Length, a.Integers(0), a.Integers(1))),
        ["aten::moveaxis"] = (shape, a) => Permute(shape, Moved(shape.Length, a.Integers(0), a.Integers(1))),
        ["aten::flip"] = (shape, a) => Flip(shape, a.Integers(0)),
        ["aten::numpy_T"] = (shape, _) => Permute(shape, [.. Enumerable.Range(0, shape.Length).Reverse()]),
        ["aten::permute"] = (shape, a) => Permute(shape, ImmutableArray.CreateRange(a.Integers(0), axis => Axis(axis, shape.Length))),
        ["aten::expand"] = (shape, a) => Expand(shape, a.Integers(0)),
        ["aten::broadcast_to"] = (shape, a) => Expand(shape, a.Integers(0)),
        ["aten::expand_as"] = (shape, a) => Expand(shape, a.ShapeOf(0)),
        ["aten::squeeze"] = (shape, a) => Squeeze(shape, a.Count == 0 ? [.. Enumerable.Range(0, shape.Length)] : [.. a.Integers(0).Select(axis => Axis(axis, shape.Length))]),
        ["aten::unsqueeze"] = (shape, a) => Unsqueeze(shape, Axis(a.Integer(0), shape.Length + 1)),
        ["aten::unflatten"] = (shape, a) => Unflatten(shape, AxisOf(shape, a.Integer(0)), a.Integers(1)),
        ["aten::diagonal"] = (shape, a) => Diagonal(shape, a.Count > 0 ? a.Integer(0) : 0, AxisOf(shape, a.Count > 1 ? a.Integer(1) : 0), AxisOf(shape, a.Count > 2 ? a.Integer(2) : 1)),
        ["aten::narrow"] = (shape, a) => Narrow(shape, AxisOf(shape, a.Integer(0)), a.Integer(1), a.Integer(2)),
        ["aten::slice"] = (shape, a) => PythonSlice(shape, a),
        ["aten::select"] = (shape, a) => Select(shape, AxisOf(shape, a.Integer(0)), a.Integer(1)),
        ["aten::contiguous"] = (shape, _) => Same(shape),
        ["aten::clone"] = (shape, _) => Same(shape),
        ["aten::detach"] = (shape, _) => Same(shape),
        ["aten::alias"] = (shape, _) => Same(shape),
    }.ToFrozenDictionary();

    /// <summary>Whether the kind is a view of its first argument; chunk, split and unbind give several.</summary>
    public static bool Has(string kind) => Rules.ContainsKey(kind) || kind is "aten::chunk" or "aten::split" or "aten::split_with_sizes" or "aten::unbind";

    public static bool GivesList(string kind) => Has(kind) && !Rules.ContainsKey(kind);

    /// <exception cref="InputException">The arguments do not fit the shape.</exception>
    public static View Apply(string kind, ImmutableArray<long> shape, IViewArguments arguments) => Rules[kind](shape, arguments);

    /// <summary>The views of an operation that gives a list.</summary>
    public static ImmutableArray<View> ApplyList(string kind, ImmutableArray<long> shape, IViewArguments arguments)
    {
        switch (kind)
        {
            case "aten::chunk":
                return Chunk(shape, arguments.Integer(0), AxisOf(shape, arguments.Count > 1 ? arguments.Integer(1) : 0));
            case "aten::split" when arguments.IsList(0):
                return SplitSizes(shape, arguments.Integers(0), AxisOf(shape, arguments.Count > 1 ? arguments.Integer(1) : 0));
            case "aten::split":
                return Split(shape, arguments.Integer(0), AxisOf(shape, arguments.Count > 1 ? arguments.Integer(1) : 0));
            case "aten::split_with_sizes":
                return SplitSizes(shape, arguments.Integers(0), AxisOf(shape, arguments.Count > 1 ? arguments.Integer(1) : 0));
            default:
                var axis = AxisOf(shape, arguments.Count > 0 ? arguments.Integer(0) : 0);
                return [.. Enumerable.Range(0, Count(shape[axis])).Select(i => Select(shape, axis, i))];
        }
    }

    /// <summary>As torch.chunk: parts of equal size, the last smaller, perhaps fewer parts than asked for.</summary>
    public static ImmutableArray<View> Chunk(ImmutableArray<long> shape, long chunks, int axis)
    {
        if (chunks <= 0)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"aten::chunk got {chunks} chunks, wanted at least 1");
        }

        var size = CeilingDivide(shape[axis], chunks);
        return size == 0
            ? [.. Enumerable.Repeat(Same(shape), Count(chunks))]
            : Split(shape, size, axis);
    }

    /// <summary>An axis counted from the end when negative.</summary>
    public static int Axis(long axis, int rank)
    {
        var limit = System.Math.Max(rank, 1);
        return axis >= -limit && axis < limit
            ? (int)(axis < 0 ? axis + limit : axis)
            : throw new InputException(ErrorCodes.InvalidShape, $"axis {axis} is out of range, wanted {-limit} to {limit - 1}");
    }

    /// <summary>An axis that has to exist: a 0-dim tensor has none.</summary>
    public static int AxisOf(ImmutableArray<long> shape, long axis) => shape.IsEmpty
        ? throw new InputException(ErrorCodes.InvalidShape, "a 0-dim tensor has no axes, wanted at least one")
        : Axis(axis, shape.Length);

    /// <summary>The view of a reshape; a size of -1 is what remains.</summary>
    public static View ReshapeTo(ImmutableArray<long> shape, ImmutableArray<long> wanted) => Reshape(shape, wanted);

    private static View Same(ImmutableArray<long> shape) => new(shape, IndexMap.Identity(shape.Length));

    /// <summary>Reshapes that only add or drop axes of size 1 have a map; the others need the memory layout.</summary>
    private static View Reshape(ImmutableArray<long> shape, ImmutableArray<long> wanted)
    {
        var sizes = ResolveSizes(shape, wanted);
        ImmutableArray<long> significant = [.. shape.Where(size => size != 1)];
        if (!significant.AsSpan().SequenceEqual(sizes.Where(size => size != 1).ToArray()))
        {
            return new View(sizes, null);
        }

        var dimensions = new Queue<int>(Enumerable.Range(0, sizes.Length).Where(dimension => sizes[dimension] != 1));
        return new View(sizes, new IndexMap([.. shape.Select(size => size == 1 ? AxisSource.Fixed(0) : AxisSource.Of(dimensions.Dequeue()))]));
    }

    private static ImmutableArray<long> ResolveSizes(ImmutableArray<long> shape, ImmutableArray<long> wanted)
    {
        var total = Shapes.ElementCount(shape.AsSpan());
        var inferred = wanted.IndexOf(-1);
        var others = Shapes.ElementCount(wanted.Where((_, i) => i != inferred).ToArray());
        var sizes = inferred < 0 ? wanted : wanted.SetItem(inferred, others == 0 ? 0 : total / others);
        return sizes.LastIndexOf(-1) < 0 && Shapes.ElementCount(sizes.AsSpan()) == total
            ? sizes
            : throw new InputException(ErrorCodes.InvalidShape, $"shape {Shapes.Text(shape.AsSpan())} cannot be viewed as {Shapes.Text(wanted.AsSpan())}: the number of elements differs");
    }

    private static View Flatten(ImmutableArray<long> shape, long from, long to)
    {
        int first = Axis(from, shape.Length), last = Axis(to, shape.Length);
        if (shape.Length == 0)
        {
            return Reshape(shape, [1]);
        }

        if (first > last)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"aten::flatten got start axis {first} after end axis {last}");
        }

        var flat = Shapes.ElementCount(shape.AsSpan()[first..(last + 1)]);
        return Reshape(shape, [.. shape[..first], flat, .. shape[(last + 1)..]]);
    }

    private static ImmutableArray<int> Swapped(int rank, long a, long b)
    {
        var order = Enumerable.Range(0, rank).ToArray();
        if (rank > 0)
        {
            (order[Axis(a, rank)], order[Axis(b, rank)]) = (order[Axis(b, rank)], order[Axis(a, rank)]);
        }

        return ImmutableArray.Create(order);
    }

    /// <summary>The order of axes that puts some where they are wanted and leaves the others in order.</summary>
    private static ImmutableArray<int> Moved(int rank, ImmutableArray<long> from, ImmutableArray<long> to)
    {
        if (from.Length != to.Length)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"{from.Length} axes cannot move to {to.Length} places");
        }

        var order = Enumerable.Repeat(-1, rank).ToArray();
        var moved = ImmutableArray.CreateRange(from, axis => Axis(axis, rank));
        for (var i = 0; i < to.Length; i++)
        {
            order[Axis(to[i], rank)] = moved[i];
        }

        var others = new Queue<int>(Enumerable.Range(0, rank).Except(moved));
        return [.. order.Select(axis => axis >= 0 || others.Count == 0 ? axis : others.Dequeue())];
    }

    private static View Flip(ImmutableArray<long> shape, ImmutableArray<long> flipped)
    {
        var axes = IndexMap.Identity(shape.Length).Axes.ToBuilder();
        foreach (var axis in flipped.Select(axis => Axis(axis, shape.Length)))
        {
            axes[axis] = new AxisSource(axis, -1, shape[axis] - 1);
        }

        return new View(shape, new IndexMap(axes.ToImmutable()));
    }

    private static View Permute(ImmutableArray<long> shape, ImmutableArray<int> order)
    {
        if (order.Length != shape.Length || order.Distinct().Count() != order.Length)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"axes [{string.Join(", ", order)}] do not permute a tensor of {shape.Length} axes");
        }

        var axes = new AxisSource[shape.Length];
        for (var dimension = 0; dimension < order.Length; dimension++)
        {
            axes[order[dimension]] = AxisSource.Of(dimension);
        }

        return new View(ImmutableArray.CreateRange(order, axis => shape[axis]), new IndexMap(ImmutableArray.Create(axes)));
    }

    private static View Expand(ImmutableArray<long> shape, ImmutableArray<long> wanted)
    {
        var added = wanted.Length - shape.Length;
        var sizes = wanted.ToArray();
        var fits = added >= 0;
        for (var i = 0; fits && i < sizes.Length; i++)
        {
            if (sizes[i] == -1 && i >= added)
            {
                sizes[i] = shape[i - added];
            }

            fits = sizes[i] >= 0 && (i < added || shape[i - added] == sizes[i] || shape[i - added] == 1);
        }

        return fits
            ? new View(ImmutableArray.Create(sizes), IndexMap.Broadcast(shape, ImmutableArray.Create(sizes)))
            : throw new InputException(ErrorCodes.InvalidShape, $"shape {Shapes.Text(shape.AsSpan())} cannot be expanded to {Shapes.Text(wanted.AsSpan())}");
    }

    private static View Unflatten(ImmutableArray<long> shape, int axis, ImmutableArray<long> sizes) =>
        Reshape(shape, [.. shape[..axis], .. ResolveSizes([shape[axis]], sizes), .. shape[(axis + 1)..]]);

    /// <summary>The elements whose index along one axis exceeds that along another by an offset; they become the last axis.</summary>
    private static View Diagonal(ImmutableArray<long> shape, long offset, int first, int second)
    {
        if (first == second)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"aten::diagonal got axis {first} twice, wanted two axes");
        }

        var (rows, columns) = (shape[first], shape[second]);
        var length = offset >= 0 ? System.Math.Min(rows, columns - System.Math.Min(offset, columns)) : System.Math.Min(rows + System.Math.Max(offset, -rows), columns);
        int[] others = [.. Enumerable.Range(0, shape.Length).Where(axis => axis != first && axis != second)];
        var axes = Enumerable.Range(0, shape.Length).Select(axis =>
            axis == first ? new AxisSource(others.Length, 1, length == 0 ? 0 : System.Math.Max(-offset, 0))
            : axis == second ? new AxisSource(others.Length, 1, length == 0 ? 0 : System.Math.Max(offset, 0))
            : AxisSource.Of(Array.IndexOf(others, axis)));
        return new View([.. others.Select(axis => shape[axis]), length], new IndexMap([.. axes]));
    }

    /// <summary>Drops those of the axes that have size 1.</summary>
    private static View Squeeze(ImmutableArray<long> shape, ImmutableArray<int> dropped)
    {
        var axes = ImmutableArray.CreateBuilder<AxisSource>(shape.Length);
        var sizes = ImmutableArray.CreateBuilder<long>();
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] == 1 && dropped.Contains(axis))
            {
                axes.Add(AxisSource.Fixed(0));
            }
            else
            {
                axes.Add(AxisSource.Of(sizes.Count));
                sizes.Add(shape[axis]);
            }
        }

        return new View(sizes.ToImmutable(), new IndexMap(axes.MoveToImmutable()));
    }

    private static View Unsqueeze(ImmutableArray<long> shape, int at) => new(
        shape.Insert(at, 1),
        new IndexMap([.. Enumerable.Range(0, shape.Length).Select(axis => AxisSource.Of(axis < at ? axis : axis + 1))]));

    private static View Slice(ImmutableArray<long> shape, int axis, long start, long length, long step)
    {
        var axes = IndexMap.Identity(shape.Length).Axes.SetItem(axis, new AxisSource(axis, step, start));
        return new View(shape.SetItem(axis, length), new IndexMap(axes));
    }

    private static View Narrow(ImmutableArray<long> shape, int axis, long start, long length)
    {
        var first = start < 0 ? start + shape[axis] : start;
        return first >= 0 && first <= shape[axis] && length >= 0 && length <= shape[axis] - first
            ? Slice(shape, axis, first, length, 1)
            : throw new InputException(ErrorCodes.InvalidShape, $"{length} elements from {start} on do not fit axis {axis} of size {shape[axis]}");
    }

    /// <summary>Python's clamping: bounds outside the axis move to its ends.</summary>
    private static View PythonSlice(ImmutableArray<long> shape, IViewArguments arguments)
    {
        var axis = AxisOf(shape, arguments.Count > 0 ? arguments.Integer(0) : 0);
        var size = shape[axis];
        var step = arguments.Count > 3 ? arguments.Integer(3) : 1;
        if (step <= 0)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"aten::slice got step {step}, wanted at least 1");
        }

        var start = Clamp(arguments.Count < 2 || arguments.IsNone(1) ? 0 : arguments.Integer(1), size);
        var end = Clamp(arguments.Count < 3 || arguments.IsNone(2) ? size : arguments.Integer(2), size);
        return Slice(shape, axis, start, end > start ? ((end - start - 1) / step) + 1 : 0, step);
    }

    private static long Clamp(long bound, long size) => System.Math.Clamp(bound < 0 ? bound + size : bound, 0, size);

    private static View Select(ImmutableArray<long> shape, int axis, long index)
    {
        var size = shape[axis];
        var position = index < 0 ? index + size : index;
        if (position < 0 || position >= size)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"index {index} is out of range for axis {axis} of size {size}");
        }

        var axes = Enumerable.Range(0, shape.Length).Select(i => i == axis ? AxisSource.Fixed(position) : AxisSource.Of(i < axis ? i : i - 1));
        return new View(shape.RemoveAt(axis), new IndexMap([.. axes]));
    }

    private static ImmutableArray<View> Split(ImmutableArray<long> shape, long size, int axis)
    {
        if (size <= 0)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"aten::split got size {size}, wanted at least 1");
        }

        var count = System.Math.Max(1, CeilingDivide(shape[axis], size));
        return [.. Enumerable.Range(0, Count(count)).Select(i => Slice(shape, axis, i * size, System.Math.Min(size, shape[axis] - (i * size)), 1))];
    }

    private static ImmutableArray<View> SplitSizes(ImmutableArray<long> shape, ImmutableArray<long> sizes, int axis)
    {
        long start = 0;
        var views = ImmutableArray.CreateBuilder<View>(sizes.Length);
        foreach (var size in sizes)
        {
            if (size < 0 || size > shape[axis] - start)
            {
                throw WrongSum();
            }

            views.Add(Slice(shape, axis, start, size, 1));
            start += size;
        }

        return start == shape[axis] ? views.MoveToImmutable() : throw WrongSum();

        InputException WrongSum() => new(ErrorCodes.InvalidShape, $"split sizes {Shapes.Text(sizes.AsSpan())} do not add up to {shape[axis]}");
    }

    private static long CeilingDivide(long value, long divisor) => (value / divisor) + (value % divisor == 0 ? 0 : 1);

    private static int AtMostTwo(ImmutableArray<long> shape) => shape.Length <= 2
        ? shape.Length
        : throw new InputException(ErrorCodes.InvalidShape, $"aten::t got {shape.Length} axes, wanted at most 2; use aten::transpose");

    /// <summary>Parts are values of the graph, and a graph has no more of them than this.</summary>
    private static int Count(long parts) => parts <= 65_536
        ? (int)parts
        : throw new InputException(ErrorCodes.SizeLimit, $"a tensor would be taken apart into {parts} tensors, at most 65536 are allowed");
}
