using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Programs;

/// <summary>A region while its block is scheduled.</summary>
internal sealed class RegionDraft
{
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _outputs = [];
    private readonly HashSet<Value> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>By place in the block: operands come before their users.</summary>
    public SortedDictionary<int, Node> Nodes { get; } = [];

    public Dictionary<Value, Node> Constants { get; } = new(ReferenceEqualityComparer.Instance);

    public void AddInput(Value value)
    {
        if (_known.Add(value))
        {
            _inputs.Add(value);
        }
    }

    public void AddOutput(Value value)
    {
        if (_known.Add(value))
        {
            _outputs.Add(value);
        }
    }

    public Region Build(ProgramBuilder builder) => builder.AddRegion([.. _inputs], [.. Constants.Values, .. Nodes.Values], _outputs.ToImmutableArray());
}
