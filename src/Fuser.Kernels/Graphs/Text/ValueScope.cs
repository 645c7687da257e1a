namespace Fuser.Kernels.Graphs.Text;

/// <summary>The names of one graph while it is read: what is defined, and what is visible at this place.</summary>
internal sealed class ValueScope
{
    // A value that went out of scope with its block stays known: its name is taken, and the error for a use can say why.
    private readonly Dictionary<string, (Value Value, bool Visible)> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Value Value, bool Visible)>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly List<Value> _order = [];

    public ValueScope() => _byName = _values.GetAlternateLookup<ReadOnlySpan<char>>();

    public void Define(Value value)
    {
        if (!_values.TryAdd(value.Name, (value, true)))
        {
            throw GraphTextReader.Error(
                ErrorCodes.DuplicateValue,
                $"%{value.Name} is already defined at {_values[value.Name].Value.Position}. Every value is defined once: rename one of them.",
                value.Position);
        }

        _order.Add(value);
    }

    public Value Find(ReadOnlySpan<char> name, SourcePosition use)
    {
        if (!_byName.TryGetValue(name, out var found))
        {
            throw GraphTextReader.Error(
                ErrorCodes.UndefinedValue,
                $"%{name} is not defined before this use. Define it as an input or by an operation above, or correct the name.",
                use);
        }

        return found.Visible
            ? found.Value
            : throw GraphTextReader.Error(
                ErrorCodes.UndefinedValue,
                $"%{name} is defined inside a block at {found.Value.Position} and is not visible here. Hand it out of the block with '-> (...)'.",
                use);
    }

    /// <summary>Enters a block; the result is for <see cref="Close"/>.</summary>
    public int Open() => _order.Count;

    public void Close(int opened)
    {
        for (var i = opened; i < _order.Count; i++)
        {
            _values[_order[i].Name] = (_order[i], false);
        }

        _order.RemoveRange(opened, _order.Count - opened);
    }
}
