using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Simd;

/// <summary>
/// How a kernel runs over fewer elements than a step has: over copies of them, padded by repeating the last, which cannot
/// cause an error (such as a division by zero) that the elements themselves do not.
/// </summary>
internal sealed unsafe class RestOfRun
{
    private readonly ArgumentKind[] _kinds;
    private readonly bool[] _copied;
    private readonly int[] _sizes;
    private readonly int[] _inputs;
    private readonly int[] _outputs;
    private readonly int _step;

    public RestOfRun(ImmutableArray<KernelArgument> arguments, int step)
    {
        _step = step;
        _kinds = [.. arguments.Select(argument => argument.Kind)];
        _copied = [.. arguments.Select(argument => argument.Kind == ArgumentKind.Output || (argument.Kind == ArgumentKind.Input && argument.Access == InnerAccess.Varying))];
        _sizes = [.. arguments.Select(argument => argument.DType.ItemSize())];
        _inputs = [.. Enumerable.Range(0, arguments.Length).Where(i => arguments[i].Kind == ArgumentKind.Input)];
        _outputs = [.. Enumerable.Range(0, arguments.Length).Where(i => arguments[i].Kind == ArgumentKind.Output)];
        var room = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            room += _copied[i] ? Room(i) : sizeof(IndexRange);
        }

        Bytes = room;
        OutputBytes = _outputs.Sum(Room);
        Count = arguments.Length;
    }

    public int Count { get; }

    /// <summary>Memory for the copies.</summary>
    public int Bytes { get; }

    /// <summary>Memory for a step of all outputs.</summary>
    public int OutputBytes { get; }

    /// <summary>Whether an output lies in memory an input is read from, so that running an element twice would read results.</summary>
    public bool OutputsTouchInputs(void** arguments, nint count)
    {
        foreach (var output in _outputs)
        {
            var outputStart = (nuint)arguments[output];
            var outputEnd = outputStart + (nuint)(count * _sizes[output]);
            foreach (var input in _inputs)
            {
                var inputStart = (nuint)arguments[input];
                var inputEnd = inputStart + (nuint)((_copied[input] ? count : 1) * _sizes[input]);
                if (inputStart < outputEnd && outputStart < inputEnd)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Pointers for a step from <paramref name="start"/> on whose results go to <paramref name="memory"/>.</summary>
    public void PlaceOutputs(void** arguments, nint start, void** pointers, byte* memory)
    {
        for (var i = 0; i < _kinds.Length; i++)
        {
            pointers[i] = arguments[i];
            if (_kinds[i] == ArgumentKind.Output)
            {
                pointers[i] = memory - (start * _sizes[i]);
                memory += Room(i);
            }
        }
    }

    public void CopyIn(void** arguments, nint start, int count, void** padded, byte* memory)
    {
        for (var i = 0; i < _kinds.Length; i++)
        {
            if (_copied[i])
            {
                padded[i] = memory;
                if (_kinds[i] == ArgumentKind.Input)
                {
                    Pad((byte*)arguments[i] + (start * _sizes[i]), memory, count, _sizes[i]);
                }

                memory += Room(i);
            }
            else if (_kinds[i] == ArgumentKind.Index)
            {
                var range = *(IndexRange*)arguments[i];
                *(IndexRange*)memory = range with { Start = range.Start + (start * range.Step) };
                padded[i] = memory;
                memory += sizeof(IndexRange);
            }
            else
            {
                padded[i] = arguments[i];
            }
        }
    }

    /// <param name="from">Where in what was computed the first element is.</param>
    public void CopyOut(void** arguments, nint start, int count, void** padded, nint from)
    {
        foreach (var output in _outputs)
        {
            Buffer.MemoryCopy((byte*)padded[output] + (from * _sizes[output]), (byte*)arguments[output] + (start * _sizes[output]), count * _sizes[output], count * _sizes[output]);
        }
    }

    private int Room(int argument) => Math.Max(_step * _sizes[argument], sizeof(long));

    private void Pad(byte* source, byte* copy, int count, int size)
    {
        Buffer.MemoryCopy(source, copy, count * size, count * size);
        switch (size)
        {
            case 1: new Span<byte>(copy + count, _step - count).Fill(copy[count - 1]); break;
            case 2: new Span<short>(copy + (count * 2), _step - count).Fill(((short*)copy)[count - 1]); break;
            case 4: new Span<int>(copy + (count * 4), _step - count).Fill(((int*)copy)[count - 1]); break;
            default: new Span<long>(copy + (count * 8), _step - count).Fill(((long*)copy)[count - 1]); break;
        }
    }
}
