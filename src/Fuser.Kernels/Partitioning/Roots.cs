using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>A tensor that some kernel has to write.</summary>
/// <param name="Value">What is written; converted to <paramref name="DType"/> first if it has another.</param>
/// <param name="Layout">Where it goes in the buffer; its sizes are the kernel's map shape.</param>
internal sealed record Root(PlanTensor Value, DType DType, int Buffer, DType Storage, TensorLayout Layout, string Reason)
{
    /// <summary>Buffers this root's kernel reads; filled when its needs are found.</summary>
    public HashSet<int> Reads { get; } = [];

    /// <summary>Computed tensors that this root reads from memory instead of computing them again; filled with <see cref="Reads"/>.</summary>
    public HashSet<PlanTensor> Kept { get; } = [];
}

/// <summary>
/// Decides what is put in memory: outputs, the parts of concatenations, sources of reshapes that need it, and, without fusion, every
/// operation. Finding the needs of a root may add roots; the queue ends when no root needs more.
/// </summary>
internal sealed class Roots(bool fuse, List<PlanBuffer> buffers)
{
    private const int MostRoots = 262_144;

    private readonly Dictionary<PlanTensor, StoredTensor> _stored = new(ReferenceEqualityComparer.Instance);
    private readonly List<Root> _roots = [];
    private readonly Queue<Root> _open = new();
    private bool _adding;

    public IReadOnlyList<Root> All => _roots;

    public bool Fuse { get; } = fuse;

    /// <summary>An output of the graph, in a buffer of its own.</summary>
    public int AddOutput(PlanTensor tensor, int index)
    {
        var buffer = AddBuffer(new PlanBuffer(BufferKind.Output, index, tensor.DType, tensor.Shape));
        var layout = TensorLayout.Contiguous(tensor.Shape);
        if (tensor is not StoredTensor && !tensor.DType.IsHalf())
        {
            _stored.TryAdd(tensor, new StoredTensor(tensor.Id, tensor.DType, buffer, tensor.DType, layout));
        }

        Write(tensor, tensor.DType, buffer, tensor.DType, layout, $"output {index}");
        return buffer;
    }

    /// <summary>
    /// The tensor in memory, for others to read. A 16-bit float is kept as float32, unrounded, so that bits do not depend on where groups end.
    /// </summary>
    public StoredTensor Store(PlanTensor tensor, string reason)
    {
        if (tensor is StoredTensor already)
        {
            return already;
        }

        if (!_stored.TryGetValue(tensor, out var stored))
        {
            var storage = tensor.DType.IsHalf() ? DType.Float32 : tensor.DType;
            var layout = TensorLayout.Contiguous(tensor.Shape);
            var buffer = AddBuffer(new PlanBuffer(BufferKind.Temporary, 0, storage, tensor.Shape));
            stored = new StoredTensor(tensor.Id, tensor.DType, buffer, storage, layout);
            _stored.Add(tensor, stored);
            Write(tensor, tensor.DType, buffer, storage, layout, reason);
        }

        return stored;
    }

    /// <summary>A reshape of what is, or is put, in memory; strided memory that no strides can reshape is copied row-major.</summary>
    public StoredTensor Reshape(ReshapedTensor reshaped)
    {
        if (!_stored.TryGetValue(reshaped, out var stored))
        {
            var source = Store(reshaped.Source, "a reshape needs it in memory");
            var layout = Reshaping.TryReshape(source.Layout, reshaped.Shape);
            if (layout is null)
            {
                source = Copy(source);
                layout = TensorLayout.Contiguous(reshaped.Shape);
            }

            stored = new StoredTensor(reshaped.Id, reshaped.DType, source.Buffer, source.Storage, layout.Value);
            _stored.Add(reshaped, stored);
        }

        return stored;
    }

    private StoredTensor Copy(StoredTensor source)
    {
        var storage = source.DType.IsHalf() ? DType.Float32 : source.DType;
        var layout = TensorLayout.Contiguous(source.Shape);
        var buffer = AddBuffer(new PlanBuffer(BufferKind.Temporary, 0, storage, source.Shape));
        Write(source, source.DType, buffer, storage, layout, "a reshape needs it row-major");
        return new StoredTensor(source.Id, source.DType, buffer, storage, layout);
    }

    private int AddBuffer(PlanBuffer buffer)
    {
        buffers.Add(buffer);
        return buffers.Count - 1;
    }

    private void Write(PlanTensor tensor, DType dtype, int buffer, DType storage, TensorLayout layout, string reason)
    {
        // A queue instead of recursion: concatenations may be nested to any depth.
        _open.Enqueue(new Root(tensor, dtype, buffer, storage, layout, reason));
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
                _open.Enqueue(new Root(reshaped.Source, root.DType, root.Buffer, root.Storage, sourceLayout, root.Reason));
            }
            else if (_roots.Count < MostRoots)
            {
                _roots.Add(root);
            }
            else
            {
                throw new GraphException(ErrorCodes.GraphLimit, $"the graph would run as more than {MostRoots} steps; split it");
            }
        }

        _adding = false;
    }

    private void WriteParts(ConcatenatedTensor whole, Root root)
    {
        var stride = root.Layout.Strides[whole.Axis];
        var offset = root.Layout.Offset;
        var reason = root.Reason.StartsWith("part", StringComparison.Ordinal) ? root.Reason : $"part of a concatenation along axis {whole.Axis}, {root.Reason}";
        foreach (var part in whole.Parts)
        {
            if (!part.Shape.Contains(0))
            {
                var value = part is ConcatenatedTensor { IsSmall: false } ? Store(part, "part of several concatenations") : part;
                _open.Enqueue(new Root(value, root.DType, root.Buffer, root.Storage, new TensorLayout(part.Shape, root.Layout.Strides, offset), reason));
            }

            offset += part.Shape[whole.Axis] * stride;
        }
    }
}
