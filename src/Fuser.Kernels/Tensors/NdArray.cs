using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Tensors;

/// <summary>
/// An n-dimensional array in host memory: a view with sizes and strides over a managed array or memory that the caller
/// owns. It never copies on creation, so what is written through it is written to the caller's array.
/// </summary>
public sealed class NdArray
{
    private readonly Array? _array;
    private readonly IHostMemory? _memory;

    private NdArray(DType dtype, TensorLayout layout, Array? array, IHostMemory? memory)
    {
        DType = dtype;
        Layout = layout;
        _array = array;
        _memory = memory;
    }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Sizes, strides and offset, in elements.</summary>
    public TensorLayout Layout { get; }

    /// <summary>Sizes, outermost first.</summary>
    public ImmutableArray<long> Shape => Layout.Sizes;

    /// <summary>What the elements lie in, when that is no managed array.</summary>
    internal IHostMemory? Memory => _memory;

    /// <summary>Number of elements.</summary>
    public long ElementCount => Layout.ElementCount;

    /// <summary>Wraps an array, row-major. Without sizes it is one-dimensional.</summary>
    /// <exception cref="InputException">The shape needs another number of elements than the array has, or the type is no element type.</exception>
    public static NdArray From<T>(T[] data, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        var layout = TensorLayout.Contiguous(shape.IsEmpty ? [data.Length] : shape.ToImmutableArray());
        return layout.ElementCount == data.Length
            ? new NdArray(DTypeOf<T>(), layout, data, null)
            : throw new InputException(ErrorCodes.InvalidShape, $"shape {Shapes.Text(layout.Sizes.AsSpan())} has {layout.ElementCount} elements, the array has {data.Length}");
    }

    /// <summary>Wraps one value as a 0-dim array.</summary>
    public static NdArray Scalar<T>(T value)
        where T : unmanaged => new(DTypeOf<T>(), TensorLayout.Contiguous([]), new[] { value }, null);

    /// <summary>Wraps memory with any layout: strides may be negative or 0 as long as every element lies inside the memory.</summary>
    /// <exception cref="InputException">An element would lie outside the memory.</exception>
    public static NdArray From<T>(Memory<T> data, TensorLayout layout)
        where T : unmanaged
    {
        return new NdArray(DTypeOf<T>(), Checked(layout, data.Length), null, new TypedMemory<T>(data));
    }

    /// <summary>Wraps an array as elements of a type .NET has no name for (bfloat16 as ushort, bool as byte), with any layout.</summary>
    /// <exception cref="InputException">The element sizes differ, or an element would lie outside the array.</exception>
    public static NdArray From<T>(T[] data, DType dtype, TensorLayout layout)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        if (Unsafe.SizeOf<T>() != dtype.ItemSize())
        {
            throw new InputException(ErrorCodes.InputDType, $"{dtype.DisplayName()} takes {dtype.ItemSize()} bytes, {typeof(T).Name} takes {Unsafe.SizeOf<T>()}");
        }

        return new NdArray(dtype, Checked(layout, data.Length), data, null);
    }

    /// <summary>A new row-major array; the elements are not cleared.</summary>
    /// <exception cref="InputException">There would be more elements than one managed array holds.</exception>
    public static NdArray Allocate(DType dtype, ImmutableArray<long> shape)
    {
        var layout = TensorLayout.Contiguous(shape);
        if (layout.ElementCount > Array.MaxLength)
        {
            throw TooManyElements(shape);
        }

        var count = (int)layout.ElementCount;
        try
        {
            return new NdArray(dtype, layout, AllocateData(dtype, count), null);
        }
        catch (OutOfMemoryException error)
        {
            throw new InputException(ErrorCodes.SizeLimit, $"there is no memory for an array of {dtype.DisplayName()}{Shapes.Text(shape.AsSpan())}; use smaller inputs", error);
        }
    }

    /// <summary>A row-major array over memory that is not the host's: everything is known of it but its elements.</summary>
    internal static NdArray Over(IHostMemory memory, DType dtype, ImmutableArray<long> shape) => new(dtype, TensorLayout.Contiguous(shape), null, memory);

    /// <summary>A row-major array without memory, to plan with: its elements must not be touched.</summary>
    internal static NdArray Shadow(DType dtype, ImmutableArray<long> shape) => new(dtype, TensorLayout.Contiguous(shape), Array.Empty<byte>(), null);

    private static Array AllocateData(DType dtype, int count) => dtype switch
    {
        DType.Bool => GC.AllocateUninitializedArray<bool>(count),
        DType.UInt8 => GC.AllocateUninitializedArray<byte>(count),
        DType.Int8 => GC.AllocateUninitializedArray<sbyte>(count),
        DType.Int16 => GC.AllocateUninitializedArray<short>(count),
        DType.Int32 => GC.AllocateUninitializedArray<int>(count),
        DType.Int64 => GC.AllocateUninitializedArray<long>(count),
        DType.Float16 => GC.AllocateUninitializedArray<Half>(count),
        DType.BFloat16 => GC.AllocateUninitializedArray<BFloat16>(count),
        DType.Float32 => GC.AllocateUninitializedArray<float>(count),
        _ => GC.AllocateUninitializedArray<double>(count),
    };

    private static InputException TooManyElements(ImmutableArray<long> shape) => new(
        ErrorCodes.SizeLimit,
        $"an array of shape {Shapes.Text(shape.AsSpan())} has more elements than one managed array holds, {Array.MaxLength}. Run the graph on parts of the inputs, or have it return the result in parts.");

    /// <summary>The dtype that stands for a .NET type.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static DType DTypeOf<T>()
        where T : unmanaged
    {
        return Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Single => DType.Float32,
            TypeCode.Double => DType.Float64,
            TypeCode.Int32 => DType.Int32,
            TypeCode.Int64 => DType.Int64,
            TypeCode.Boolean => DType.Bool,
            TypeCode.Byte => DType.UInt8,
            TypeCode.SByte => DType.Int8,
            TypeCode.Int16 => DType.Int16,
            _ when typeof(T).Equals(typeof(Half)) => DType.Float16,
            _ when typeof(T).Equals(typeof(BFloat16)) => DType.BFloat16,
            _ => throw new InputException(ErrorCodes.InputDType, $"{typeof(T)} is no element type; wanted bool, byte, sbyte, short, int, long, Half, BFloat16, float or double"),
        };
    }

    /// <summary>The elements of a row-major array, without copying.</summary>
    /// <exception cref="InputException">The type differs, or the elements are not contiguous (use <see cref="ToArray{T}"/>).</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        RequireType<T>();
        return Layout.IsContiguous
            ? MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref First), checked((int)ElementCount))
            : throw new InputException(ErrorCodes.InvalidShape, $"the array ({Layout}) is not contiguous; copy it with ToArray");
    }

    /// <summary>The elements in row-major order, in a new array.</summary>
    /// <exception cref="InputException">The type differs, or there are more elements than one managed array holds.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        RequireType<T>();
        if (ElementCount > Array.MaxLength)
        {
            throw TooManyElements(Shape);
        }

        var result = GC.AllocateUninitializedArray<T>((int)ElementCount);
        if (Layout.IsContiguous)
        {
            AsSpan<T>().CopyTo(result);
            return result;
        }

        Span<long> index = stackalloc long[Layout.Rank];
        index.Clear();
        long position = 0;
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Unsafe.Add(ref Unsafe.As<byte, T>(ref First), (nint)position);
            position = Next(index, position);
        }

        return result;
    }

    /// <summary>Moves to the next element in row-major order.</summary>
    /// <returns>Its position, relative to the first element's.</returns>
    private long Next(Span<long> index, long position)
    {
        for (var axis = Layout.Rank - 1; axis >= 0; axis--)
        {
            position += Layout.Strides[axis];
            if (++index[axis] < Layout.Sizes[axis])
            {
                break;
            }

            position -= index[axis] * Layout.Strides[axis];
            index[axis] = 0;
        }

        return position;
    }

    /// <summary>A row-major copy.</summary>
    internal NdArray Packed()
    {
        var copy = Allocate(DType, Shape);
        var (item, count) = (DType.ItemSize(), ElementCount);
        Span<long> index = stackalloc long[Layout.Rank];
        index.Clear();
        long position = 0;
        for (long i = 0; i < count; i++)
        {
            Unsafe.CopyBlockUnaligned(ref Unsafe.AddByteOffset(ref copy.First, (nint)(i * item)), ref Unsafe.AddByteOffset(ref First, (nint)(position * item)), (uint)item);
            position = Next(index, position);
        }

        return copy;
    }

    /// <summary>The same memory seen with another layout.</summary>
    internal NdArray WithLayout(TensorLayout layout) => new(DType, layout, _array, _memory);

    /// <summary>The first byte of the element with all indices 0. Valid while pinned; of no use when there are no elements.</summary>
    internal ref byte First => ref Unsafe.AddByteOffset(
        ref _array is not null ? ref MemoryMarshal.GetArrayDataReference(_array) : ref _memory!.Start,
        (nint)(Layout.Offset * DType.ItemSize()));

    /// <summary>Keeps the memory in place until disposed; the pointer leads to the element with all indices 0.</summary>
    internal unsafe MemoryHandle Pin()
    {
        var offset = Layout.Offset * DType.ItemSize();
        if (_array is null)
        {
            return _memory!.Pin(offset);
        }

        var handle = GCHandle.Alloc(_array, GCHandleType.Pinned);
        return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + offset, handle);
    }

    private void RequireType<T>()
        where T : unmanaged
    {
        if (DTypeOf<T>() != DType)
        {
            throw new InputException(ErrorCodes.InputDType, $"the array holds {DType.DisplayName()}, not {DTypeOf<T>().DisplayName()}");
        }
    }

    private static TensorLayout Checked(TensorLayout layout, long length)
    {
        if (layout.ElementCount == 0)
        {
            return new TensorLayout(layout.Sizes, layout.Strides); // wherever it was to start, it has nothing there
        }

        var (lowest, highest) = layout.Extent;
        if (lowest < 0 || highest >= length)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"layout {layout} at offset {layout.Offset} reaches elements {lowest} to {highest}; the memory has {length}");
        }

        return layout;
    }
}
