namespace Fuser.Kernels.Programs;

/// <summary>A list of a running program: changed in place, and the same list by every name.</summary>
internal sealed class ProgramList
{
    /// <summary>Items of one list; a loop that appends without end meets this and not the end of memory.</summary>
    public const int MostItems = 65_536;

    private readonly List<ProgramValue> _items;

    public ProgramList(IEnumerable<ProgramValue> items)
    {
        _items = [.. items];
        CheckCount(_items.Count);
    }

    public int Count => _items.Count;

    public IReadOnlyList<ProgramValue> Items => _items;

    /// <summary>In a forecast: changed a number of times that only a run can tell.</summary>
    public bool IsUncertain { get; set; }

    public void Add(ProgramValue item)
    {
        CheckCount(_items.Count + 1L);
        _items.Add(item);
    }

    public void AddRange(ProgramList other)
    {
        CheckCount((long)_items.Count + other.Count);
        _items.AddRange([.. other._items]);
    }

    /// <summary>As Python: positions beyond the ends are the ends.</summary>
    public void Insert(long index, ProgramValue item)
    {
        CheckCount(_items.Count + 1L);
        _items.Insert((int)Math.Clamp(index < 0 ? index + _items.Count : index, 0, _items.Count), item);
    }

    public ProgramValue RemoveAt(long index)
    {
        var at = Position(index);
        var item = _items[at];
        _items.RemoveAt(at);
        return item;
    }

    public void Set(long index, ProgramValue item) => _items[Position(index)] = item;

    public ProgramValue Get(long index) => _items[Position(index)];

    public void Reverse() => _items.Reverse();

    public void Clear() => _items.Clear();

    private int Position(long index)
    {
        var at = index < 0 ? index + _items.Count : index;
        return at >= 0 && at < _items.Count
            ? (int)at
            : throw new InputException(ErrorCodes.InvalidShape, $"index {index} is out of range for a list of {_items.Count}");
    }

    private static void CheckCount(long count)
    {
        if (count > MostItems)
        {
            throw new InputException(ErrorCodes.SizeLimit, $"a list would have more than {MostItems} items; stack or join them on the way");
        }
    }
}
