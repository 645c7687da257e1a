using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Something that has to run: a kernel's part or a routine. Its step comes after those that write what it reads.</summary>
internal abstract record Work
{
    /// <summary>What it waits for, as <see cref="StoredTensor.Written"/> says; filled when its needs are found.</summary>
    public HashSet<int> Reads { get; } = [];

    /// <summary>Buffers it writes, or writes a part of, and what else others may wait for.</summary>
    public abstract IEnumerable<int> Writes { get; }
}

/// <summary>A routine, and where its results go.</summary>
/// <param name="Outputs">Where each result goes, as far as that is decided.</param>
internal sealed record RoutineWork(RoutineCall Call, StoredTensor?[] Outputs) : Work
{
    /// <summary>Where the operands are, once that is decided.</summary>
    public ImmutableArray<StoredTensor> Operands { get; set; } = [];

    /// <summary>Id of one of its results: which operation it is.</summary>
    public int Origin => Outputs.Max(output => output?.Id ?? 0);

    public override IEnumerable<int> Writes => Outputs.OfType<StoredTensor>().SelectMany(output => output.Written == output.Buffer ? [output.Buffer] : (int[])[output.Buffer, output.Written]);
}

/// <summary>A tensor that some kernel has to write.</summary>
/// <param name="Value">What is written; converted to <paramref name="DType"/> first if it has another.</param>
/// <param name="Layout">Where it goes in the buffer; its sizes are the kernel's map shape.</param>
/// <param name="Reason">Why it is written, as <see cref="GroupBoundary"/> says it.</param>
/// <param name="NeededBy">Id of the tensor that needs it in memory; -1 for none.</param>
internal sealed record Root(PlanTensor Value, DType DType, int Buffer, DType Storage, TensorLayout Layout, string Reason, int NeededBy) : Work
{
    public override IEnumerable<int> Writes => [Buffer];

    /// <summary>What its kernel runs over; known when its needs are found.</summary>
    public FusionDomain Domain { get; set; } = FusionDomain.Elementwise(Layout.Sizes);

    /// <summary>Where an index of the domain is in <see cref="Value"/>.</summary>
    public IndexMap Start { get; set; } = IndexMap.Identity(Layout.Sizes.Length);

    /// <summary>Tensors that this root reads from memory instead of computing them again; filled with <see cref="Work.Reads"/>.</summary>
    public HashSet<PlanTensor> Kept { get; } = [];
}

/// <summary>A reduction that the root of a tensor reads from memory; both by the ids of their tensors.</summary>
internal readonly record struct SharedReduction(int Root, int Reduction);

/// <summary>
/// Decides what is put in memory: outputs, the parts of concatenations, sources of reshapes that need it, and, without fusion, every
/// operation. Finding the needs of a root may add roots; the queue ends when no root needs more.
/// </summary>
/// <param name="sections">Where kernels end because the graph is large; null for nowhere.</param>
internal sealed class Roots(bool fuse, Sections? sections, List<PlanBuffer> buffers, bool hasReductions, IReadOnlySet<SharedReduction> shared)
{
    /// <summary>Ten for every node of the largest graph: without fusion some operations are several steps.</summary>
    private const int MostRoots = 1_048_576;

    private const string Part = "{value} is a part of {user}";

    private readonly Dictionary<PlanTensor, StoredTensor> _stored = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<RoutineCall, RoutineWork> _routines = new(ReferenceEqualityComparer.Instance);
    private readonly List<Work> _work = [];
    private readonly Queue<Root> _open = new();
    private readonly HashSet<RoutineCall> _begun = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(int Buffer, TensorLayout Layout), StoredTensor> _widened = [];
    private int _lastPart;
    private bool _adding;

    public IReadOnlyList<Work> All => _work;

    public IReadOnlyList<PlanBuffer> Buffers => buffers;

    public bool Fuse { get; } = fuse;

    /// <summary>Whether there is any reduction, so that graphs without them are not searched for them.</summary>
    public bool HasReductions { get; } = hasReductions;

    /// <summary>Reductions that a root reads from memory because an earlier kernel makes them too.</summary>
    public IReadOnlySet<SharedReduction> Shared { get; } = shared;

    /// <summary>Whether a kernel for a tensor finds another in memory because that belongs to an earlier section.</summary>
    /// <param name="root">Id of what the kernel is for.</param>
    public bool IsOfEarlierSection(PlanTensor tensor, int root) => sections is not null && root >= 0 && sections.IsEarlier(tensor.Id, root);

    /// <summary>An output of the graph, in a buffer of its own.</summary>
    public int AddOutput(PlanTensor tensor, int index)
    {
        var buffer = AddBuffer(new PlanBuffer(BufferKind.Output, index, tensor.DType, tensor.Shape));
        var layout = TensorLayout.Contiguous(tensor.Shape);
        if (tensor is not StoredTensor && !tensor.DType.IsHalf())
        {
            _stored.TryAdd(tensor, new StoredTensor(tensor.Id, tensor.DType, buffer, tensor.DType, layout));
        }

        Write(tensor, tensor.DType, buffer, tensor.DType, layout, $"{{value}} is output {index}", -1);
        return buffer;
    }

    /// <summary>
    /// The tensor in memory, for others to read. A 16-bit float is kept as float32, unrounded, so that bits do not depend on where groups end.
    /// </summary>
    /// <param name="reason">As <see cref="GroupBoundary"/> says it.</param>
    /// <param name="neededBy">Id of the tensor that needs it.</param>
    public StoredTensor Store(PlanTensor tensor, string reason, int neededBy)
    {
        if (tensor is StoredTensor already)
        {
            return already;
        }

        if (!_stored.TryGetValue(tensor, out var stored))
        {
            if (tensor is RoutineTensor routine)
            {
                return StoreRoutine(routine);
            }

            var storage = StorageOf(tensor.DType);
            var layout = TensorLayout.Contiguous(tensor.Shape);
            var buffer = AddBuffer(new PlanBuffer(BufferKind.Temporary, 0, storage, tensor.Shape));
            stored = new StoredTensor(tensor.Id, tensor.DType, buffer, storage, layout);
            _stored.Add(tensor, stored);
            Write(tensor, tensor.DType, buffer, storage, layout, reason, neededBy);
        }

        return stored;
    }

    private StoredTensor StoreRoutine(RoutineTensor tensor)
    {
        var storage = StorageOf(tensor.DType);
        var output = Outputs(tensor.Call)[tensor.Output] ??= new StoredTensor(
            tensor.Id, tensor.DType, AddBuffer(new PlanBuffer(BufferKind.Temporary, 0, storage, tensor.Shape)), storage, TensorLayout.Contiguous(tensor.Shape));
        _stored.Add(tensor, output);
        Begin(tensor.Call);
        return output;
    }

    /// <summary>A reshape of what is, or is put, in memory; strided memory that no strides can reshape is copied row-major.</summary>
    public StoredTensor Reshape(ReshapedTensor reshaped)
    {
        if (!_stored.TryGetValue(reshaped, out var stored))
        {
            var source = Store(reshaped.Source, "{user} gives {value} a shape that no index arithmetic expresses", reshaped.Id);
            var layout = Reshaping.TryReshape(source.Layout, reshaped.Shape);
            if (layout is null)
            {
                source = Copy(source, "{user} needs the elements of {value} row-major", reshaped.Id);
                layout = TensorLayout.Contiguous(reshaped.Shape);
            }

            stored = new StoredTensor(reshaped.Id, reshaped.DType, source.Buffer, source.Storage, layout.Value, source.Written);
            _stored.Add(reshaped, stored);
        }

        return stored;
    }

    private StoredTensor Copy(StoredTensor source, string reason, int neededBy)
    {
        var storage = StorageOf(source.DType);
        var layout = TensorLayout.Contiguous(source.Shape);
        var buffer = AddBuffer(new PlanBuffer(BufferKind.Temporary, 0, storage, source.Shape));
        Write(source, source.DType, buffer, storage, layout, reason, neededBy);
        return new StoredTensor(source.Id, source.DType, buffer, storage, layout);
    }

    private int AddBuffer(PlanBuffer buffer)
    {
        buffers.Add(buffer);
        return buffers.Count - 1;
    }

    private void Write(PlanTensor tensor, DType dtype, int buffer, DType storage, TensorLayout layout, string reason, int neededBy)
    {
        // A queue instead of recursion: concatenations may be nested to any depth.
        _open.Enqueue(new Root(tensor, dtype, buffer, storage, layout, reason, neededBy));
        if (_adding)
        {
            return;
        }

        _adding = true;
        while (_open.TryDequeue(out var root))
        {
            if (root.Value is ConcatenatedTensor concatenated)
            {
                WriteParts(concatenated, root);
            }
            else if (root.Value is ReshapedTensor reshaped && Reshaping.TryReshape(root.Layout, reshaped.Source.Shape) is { } sourceLayout)
            {
                // What is reshaped is written where it belongs in the new shape: no copy, and nothing waits for itself.
                _open.Enqueue(new Root(reshaped.Source, root.DType, root.Buffer, root.Storage, sourceLayout, root.Reason, root.NeededBy));
            }
            else if (root.Value is RoutineTensor routine && TryPlace(routine, root))
            {
                Begin(routine.Call);
            }
            else
            {
                Add(root);
            }
        }

        _adding = false;
    }

    /// <summary>Lets a routine write its result where it is wanted, if nothing decided that before and it need not be converted.</summary>
    private bool TryPlace(RoutineTensor tensor, Root root)
    {
        if (root.DType != tensor.DType || root.Storage != StorageOf(tensor.DType) || Outputs(tensor.Call)[tensor.Output] is not null)
        {
            return false;
        }

        // Others may read it before the rest of the buffer is written, and even write that rest.
        var stored = new StoredTensor(tensor.Id, tensor.DType, root.Buffer, root.Storage, root.Layout, --_lastPart);
        _routines[tensor.Call].Outputs[tensor.Output] = stored;
        _stored[tensor] = stored;
        return true;
    }

    private StoredTensor?[] Outputs(RoutineCall call)
    {
        if (!_routines.TryGetValue(call, out var work))
        {
            work = new RoutineWork(call, new StoredTensor?[call.Results.Length]);
            _routines.Add(call, work);
        }

        return work.Outputs;
    }

    /// <summary>Enters a routine into the work to do, once.</summary>
    private void Begin(RoutineCall call)
    {
        if (_begun.Add(call))
        {
            Add(_routines[call]);
        }
    }

    /// <summary>Puts the operands of a routine in memory, and gives its results memory that they have none of yet.</summary>
    public void Bind(RoutineWork work)
    {
        for (var i = 0; i < work.Outputs.Length; i++)
        {
            var (dtype, shape) = work.Call.Results[i];
            work.Outputs[i] ??= new StoredTensor(0, dtype, AddBuffer(new PlanBuffer(BufferKind.Temporary, 0, StorageOf(dtype), shape)), StorageOf(dtype), TensorLayout.Contiguous(shape));
        }

        work.Operands = ImmutableArray.CreateRange(work.Call.Operands, operand => Readable(operand, work.Origin));
        work.Reads.UnionWith(work.Operands.Select(operand => operand.Written));
    }

    /// <summary>A tensor in memory in the type a routine computes in.</summary>
    private StoredTensor Readable(PlanTensor tensor, int reader)
    {
        var stored = Located(tensor, reader);
        if (stored.Storage == StorageOf(stored.DType))
        {
            return stored;
        }

        // A 16-bit float of the caller's; made wider once, however many routines read it.
        if (!_widened.TryGetValue((stored.Buffer, stored.Layout), out var wide))
        {
            wide = Widen(stored, reader);
            _widened.Add((stored.Buffer, stored.Layout), wide);
        }

        return wide;
    }

    /// <summary>A copy as float32. Axes that only repeat stay that way, so that no more is written than there is.</summary>
    private StoredTensor Widen(StoredTensor stored, int reader)
    {
        var layout = stored.Layout;
        ImmutableArray<long> sizes = [.. layout.Sizes.Select((size, axis) => size > 1 && layout.Strides[axis] == 0 ? 1 : size)];
        var copy = Copy(new StoredTensor(stored.Id, stored.DType, stored.Buffer, stored.Storage, new TensorLayout(sizes, layout.Strides, layout.Offset), stored.Written), "{user}, a routine, reads {value} as float32", reader);
        ImmutableArray<long> strides = [.. copy.Layout.Strides.Select((stride, axis) => sizes[axis] == layout.Sizes[axis] ? stride : 0)];
        return new StoredTensor(copy.Id, copy.DType, copy.Buffer, copy.Storage, new TensorLayout(layout.Sizes, strides), copy.Written);
    }

    private StoredTensor Located(PlanTensor tensor, int reader) => tensor switch
    {
        StoredTensor stored => stored,
        ReshapedTensor reshaped => Reshape(reshaped),
        ViewedTensor viewed => Seen(Located(viewed.Source, reader), viewed),
        _ => Store(tensor, "{user}, a routine, reads {value}", reader),
    };

    private static StoredTensor Seen(StoredTensor source, ViewedTensor view) =>
        new(view.Id, source.DType, source.Buffer, source.Storage, view.Map.Apply(source.Layout, view.Shape), source.Written);

    private void Add(Work work)
    {
        if (_work.Count >= MostRoots)
        {
            throw new GraphException(ErrorCodes.GraphLimit, $"the graph would run as more than {MostRoots} steps; split it");
        }

        _work.Add(work);
    }

    private static DType StorageOf(DType dtype) => dtype.IsHalf() ? DType.Float32 : dtype;

    private void WriteParts(ConcatenatedTensor whole, Root root)
    {
        var stride = root.Layout.Strides[whole.Axis];
        var offset = root.Layout.Offset;
        var (reason, user) = root.Reason.StartsWith(Part, StringComparison.Ordinal) ? (root.Reason, root.NeededBy) : ($"{Part} along axis {whole.Axis}, written in place", whole.Id);
        foreach (var part in whole.Parts)
        {
            if (!part.Shape.Contains(0))
            {
                var value = part is ConcatenatedTensor { IsSmall: false } ? Store(part, "{value} is put together once, and copied by {user}", whole.Id) : part;
                _open.Enqueue(new Root(value, root.DType, root.Buffer, root.Storage, new TensorLayout(part.Shape, root.Layout.Strides, offset), reason, user));
            }

            offset += part.Shape[whole.Axis] * stride;
        }
    }
}
