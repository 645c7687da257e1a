using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>A tensor that some kernel has to write.</summary>
/// <param name="Value">What is written; converted to <paramref name="DType"/> first if it has another.</param>
/// <param name="Layout">Where it goes in the buffer; its sizes are the kernel's map shape.</param>
internal sealed record Root(PlanTensor Value, DType DType, int Buffer, DType Storage, TensorLayout Layout, string Reason)
{
    /// <summary>Buffers this root's kernel reads; filled when its needs are found.</summary>
    public HashSet<int> Reads { get; } = [];
}

/// <summary>
/// Decides what is put in memory: outputs, the parts of concatenations, sources of reshapes that need it, and, without fusion, every
/// operation. Finding the needs of a root may add roots; the queue ends when no root needs more.
/// </summary>
internal sealed class Roots(bool fuse, List<PlanBuffer> buffers)
{
    private readonly Dictionary<PlanTensor, StoredTensor> _stored = new(ReferenceEqualityComparer.Instance);
    private readonly List<Root> _roots = [];

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
        if (tensor is not ConcatenatedTensor concatenated)
        {
            _roots.Add(new Root(tensor, dtype, buffer, storage, layout, reason));
            return;
        }

        var offset = layout.Offset;
        foreach (var part in concatenated.Parts)
        {
            Write(part, dtype, buffer, storage, new TensorLayout(part.Shape, layout.Strides, offset), $"part of a concatenation along axis {concatenated.Axis}, {reason}");
            offset += part.Shape[concatenated.Axis] * layout.Strides[concatenated.Axis];
        }
    }
}
