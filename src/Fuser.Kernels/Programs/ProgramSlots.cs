using System.Collections.Immutable;

namespace Fuser.Kernels.Programs;

/// <summary>The values of a run, one per slot, with a count of the slots that lead to each array.</summary>
/// <param name="memory">Where arrays go that no slot leads to; none in a forecast.</param>
internal sealed class ProgramSlots(int count, ProgramMemory? memory)
{
    private readonly ProgramValue[] _values = new ProgramValue[count];

    public ref readonly ProgramValue this[int slot] => ref _values[slot];

    public void Set(int slot, ProgramValue value)
    {
        Hold(value); // before the old value goes: it may be the same
        Drop(_values[slot]);
        _values[slot] = value;
    }

    public void Set(ImmutableArray<int> slots, ReadOnlySpan<ProgramValue> values)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            Set(slots[i], values[i]);
        }
    }

    public ProgramValue[] Read(ImmutableArray<int> slots)
    {
        var values = new ProgramValue[slots.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _values[slots[i]];
        }

        return values;
    }

    public void Clear(ImmutableArray<int> slots)
    {
        foreach (var slot in slots)
        {
            Drop(_values[slot]);
            _values[slot] = default;
        }
    }

    /// <summary>Keeps a value that is on its way from one slot to another.</summary>
    public static void Hold(ProgramValue value)
    {
        if (value is { Kind: ProgramValueKind.Tensor, Tensor.Storage: { } storage })
        {
            storage.Slots++;
        }
    }

    /// <summary>Gives back what <see cref="Hold"/> kept.</summary>
    public void Drop(ProgramValue value)
    {
        if (value is { Kind: ProgramValueKind.Tensor, Tensor.Storage: { } storage } && --storage.Slots == 0 && !storage.IsShared)
        {
            memory?.Return(storage.Array);
        }
    }

    /// <summary>Lists and tuples are not counted: what they may hold is kept to the end.</summary>
    public static void Share(ReadOnlySpan<ProgramValue> values)
    {
        foreach (var value in values)
        {
            if (value is { Kind: ProgramValueKind.Tensor, Tensor.Storage: { } storage })
            {
                storage.IsShared = true;
            }
        }
    }
}
