using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Programs;

/// <summary>What the schedules of a program's blocks share: slots, constants, numbers of regions, and what is known of values.</summary>
internal sealed class ProgramBuilder
{
    private readonly Dictionary<Value, int> _slots = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, Node> _constants = new(ReferenceEqualityComparer.Instance);
    private readonly List<ProgramConstant> _used = [];
    private readonly List<Region> _regions = [];
    private readonly NodeRoles _roles;

    private ProgramBuilder(Graph graph, ValueTypes types)
    {
        _roles = new NodeRoles(graph, types);
        Find(graph.Nodes);
    }

    public NodeRoles Roles => _roles;

    public static GraphProgram Build(NormalisedGraph graph, ValueTypes types)
    {
        var builder = new ProgramBuilder(graph.Graph, types);
        var body = BlockSchedule.Build(builder, new Block(graph.Graph.Inputs, graph.Graph.Nodes, graph.Graph.Outputs));
        return new GraphProgram(graph, body, [.. builder._used], [.. builder._regions], builder._slots.Count);
    }

    /// <summary>The constant a value is, or null.</summary>
    public Node? Constant(Value value) => _constants.GetValueOrDefault(value);

    public int SlotOf(Value value)
    {
        if (!_slots.TryGetValue(value, out var slot))
        {
            _slots.Add(value, slot = _slots.Count);
            if (Constant(value) is { } constant)
            {
                _used.Add(new ProgramConstant(slot, constant));
            }
        }

        return slot;
    }

    public ImmutableArray<int> SlotsOf(ImmutableArray<Value> values) => ImmutableArray.CreateRange(values, SlotOf);

    /// <summary>Regions are numbered in the order of the text, those of a block before those of the next.</summary>
    public Region AddRegion(ImmutableArray<Value> inputs, ImmutableArray<Node> nodes, ImmutableArray<Value> outputs)
    {
        var region = new Region(_regions.Count, inputs, nodes, outputs);
        _regions.Add(region);
        return region;
    }

    private void Find(ImmutableArray<Node> nodes)
    {
        foreach (var node in nodes)
        {
            if (node.IsConstant)
            {
                _constants[node.Outputs[0]] = node;
            }

            foreach (var block in node.Blocks)
            {
                Find(block.Nodes);
            }
        }
    }
}
