using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Interpreter;

/// <summary>Moves blocks between arguments, in their storage types, and values, in the types of the IR.</summary>
internal static class BlockTransfer
{
    public static unsafe void Load(KernelArgument argument, void* pointer, nint start, Span<byte> result)
    {
        if (argument.Access == InnerAccess.Uniform)
        {
            start = 0;
        }

        switch (argument.DType)
        {
            case DType.Bool: LoadBools((byte*)pointer, start, argument.Access, result); break;
            case DType.UInt8: Widen((byte*)pointer + start, argument.Access, result); break;
            case DType.Int8: Widen((sbyte*)pointer + start, argument.Access, result); break;
            case DType.Int16: Widen((short*)pointer + start, argument.Access, result); break;
            case DType.Float16 or DType.BFloat16: Widen((ushort*)pointer + start, argument.Access, result); break;
            default: Copy((byte*)pointer + (start * argument.DType.ItemSize()), argument, result); break;
        }
    }

    public static unsafe void Store(KernelArgument argument, void* pointer, nint start, ReadOnlySpan<byte> value)
    {
        switch (argument.DType)
        {
            case DType.UInt8 or DType.Int8: Narrow(value, (byte*)pointer + start); break;
            case DType.Int16 or DType.Float16 or DType.BFloat16: Narrow(value, (short*)pointer + start); break;
            default: value.CopyTo(new Span<byte>((byte*)pointer + (start * argument.DType.ItemSize()), value.Length)); break;
        }
    }

    /// <summary>Any byte but 0 is true: memory from outside may hold more than 0 and 1.</summary>
    private static unsafe void LoadBools(byte* source, nint start, InnerAccess access, Span<byte> result)
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)(source[start + (access == InnerAccess.Uniform ? 0 : i)] != 0 ? 1 : 0);
        }
    }

    private static unsafe void Widen<T>(T* source, InnerAccess access, Span<byte> result)
        where T : unmanaged, IBinaryInteger<T>
    {
        var values = MemoryMarshal.Cast<byte, int>(result);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = int.CreateTruncating(Unsafe.ReadUnaligned<T>(source + (access == InnerAccess.Uniform ? 0 : i)));
        }
    }

    private static unsafe void Narrow<T>(ReadOnlySpan<byte> value, T* destination)
        where T : unmanaged, IBinaryInteger<T>
    {
        var values = MemoryMarshal.Cast<byte, int>(value);
        for (var i = 0; i < values.Length; i++)
        {
            Unsafe.WriteUnaligned(destination + i, T.CreateTruncating(values[i]));
        }
    }

    private static unsafe void Copy(byte* source, KernelArgument argument, Span<byte> result)
    {
        if (argument.Access == InnerAccess.Uniform)
        {
            InterpretedKernel.Repeat(new ReadOnlySpan<byte>(source, argument.DType.ItemSize()), result);
        }
        else
        {
            new ReadOnlySpan<byte>(source, result.Length).CopyTo(result);
        }
    }
}
