using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.IsaCheck;

/// <summary>
/// Memory for the arguments of a kernel, filled from a seed, at odd addresses and with guard bytes behind each; runs kernels over it and
/// hands back what they wrote.
/// </summary>
internal sealed unsafe class KernelRun : IDisposable
{
    private const int Guard = 64;
    private const byte GuardByte = 0xA5;

    private readonly KernelIr _ir;
    private readonly int _count;
    private readonly byte*[] _memory;
    private readonly byte[][] _initial;
    private readonly int[] _alias;

    /// <param name="misalign">Bytes by which every argument misses alignment.</param>
    /// <param name="inPlace">Outputs take the memory of inputs of their element size where there are any.</param>
    /// <param name="inputs">Bytes of the first arguments, where they are not to be random.</param>
    public KernelRun(KernelIr ir, int count, int seed, int misalign = 0, bool inPlace = false, params byte[][] inputs)
    {
        _ir = ir;
        _count = count;
        var random = new Random(seed);
        _memory = new byte*[ir.Arguments.Length];
        _initial = new byte[ir.Arguments.Length][];
        _alias = inPlace ? Aliases(ir) : [.. Enumerable.Range(0, ir.Arguments.Length)];
        for (var i = 0; i < _memory.Length; i++)
        {
            var bytes = Bytes(i);
            _memory[i] = (byte*)NativeMemory.AlignedAlloc((nuint)(bytes + Guard + 64), 64) + misalign;
            _initial[i] = new byte[bytes + Guard];
            Array.Fill(_initial[i], GuardByte);
            if (i < inputs.Length)
            {
                inputs[i].CopyTo(_initial[i], 0);
            }
            else
            {
                Fill(_initial[i].AsSpan(0, bytes), ir.Arguments[i], random);
            }
        }
    }

    /// <summary>The bytes of every output after the kernel ran, or null when it divided by zero.</summary>
    public byte[][]? Outputs(ElementwiseKernel kernel)
    {
        var pointers = stackalloc void*[_memory.Length];
        for (var i = 0; i < _memory.Length; i++)
        {
            pointers[i] = _memory[_alias[i]];
            _initial[i].CopyTo(new Span<byte>(_memory[i], _initial[i].Length));
        }

        try
        {
            kernel.Run(pointers, _count);
        }
        catch (DivideByZeroException)
        {
            return null;
        }

        var outputs = new List<byte[]>();
        for (var i = 0; i < _memory.Length; i++)
        {
            var now = new ReadOnlySpan<byte>(_memory[i], _initial[i].Length);
            if (_ir.Arguments[i].Kind == ArgumentKind.Output)
            {
                outputs.Add(new ReadOnlySpan<byte>(_memory[_alias[i]], Bytes(i)).ToArray());
            }
            else if (!_alias.Where((target, output) => output != i && target == i).Any() && !now.SequenceEqual(_initial[i]))
            {
                throw new InvalidOperationException($"argument {i} was written to");
            }

            if (now[Bytes(i)..].ContainsAnyExcept(GuardByte))
            {
                throw new InvalidOperationException($"wrote behind argument {i}");
            }
        }

        return [.. outputs];
    }

    public void Dispose()
    {
        for (var i = 0; i < _memory.Length; i++)
        {
            NativeMemory.AlignedFree((void*)((nint)_memory[i] & -64));
        }
    }

    private int Bytes(int argument) => _ir.Arguments[argument] switch
    {
        { Kind: ArgumentKind.Scalar } => sizeof(long),
        { Kind: ArgumentKind.Index } => sizeof(IndexRange),
        { Access: InnerAccess.Uniform } uniform => uniform.DType.ItemSize(),
        var varying => varying.DType.ItemSize() * _count,
    };

    private static int[] Aliases(KernelIr ir)
    {
        var alias = Enumerable.Range(0, ir.Arguments.Length).ToArray();
        var taken = new HashSet<int>();
        for (var i = 0; i < alias.Length; i++)
        {
            if (ir.Arguments[i].Kind == ArgumentKind.Output)
            {
                var input = Array.FindIndex(alias, j => j < ir.Arguments.Length && ir.Arguments[j] is { Kind: ArgumentKind.Input, Access: InnerAccess.Varying }
                    && ir.Arguments[j].DType.ItemSize() == ir.Arguments[i].DType.ItemSize() && !taken.Contains(j));
                if (input >= 0)
                {
                    taken.Add(input);
                    alias[i] = input;
                }
            }
        }

        return alias;
    }

    private static void Fill(Span<byte> bytes, KernelArgument argument, Random random)
    {
        if (argument.Kind == ArgumentKind.Index)
        {
            var range = MemoryMarshal.Cast<byte, IndexRange>(bytes);
            range[0] = new IndexRange { Start = random.NextInt64(-1L << 40, 1L << 40), Step = random.Next(-3, 4) };
            return;
        }

        if (argument.Kind == ArgumentKind.Scalar)
        {
            var bits = argument.DType == DType.Bool ? (ulong)random.Next(2) : EdgeValues.Draw(random, argument.DType);
            MemoryMarshal.Write(bytes, in bits);
            return;
        }

        var size = argument.DType.ItemSize();
        for (var at = 0; at < bytes.Length; at += size)
        {
            var bits = EdgeValues.Draw(random, argument.DType);
            new ReadOnlySpan<byte>(&bits, size).CopyTo(bytes[at..]);
        }
    }
}
