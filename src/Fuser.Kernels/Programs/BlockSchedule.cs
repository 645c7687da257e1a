using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Programs;

/// <summary>
/// Puts a block's nodes into steps. Operations on tensors that wait for nothing interpreted are one region, whatever stands between
/// them in the text; those that do are the next. So a block is: interpret, region 1, interpret, region 2, and so on.
/// </summary>
internal sealed class BlockSchedule
{
    private readonly ProgramBuilder _builder;
    private readonly List<Item> _items = [];
    private readonly Dictionary<Value, Item> _makers = new(ReferenceEqualityComparer.Instance);
    private readonly List<RegionDraft> _drafts = [];

    private BlockSchedule(ProgramBuilder builder) => _builder = builder;

    /// <summary>A node with its place.</summary>
    /// <param name="Level">The region it is in, or the region after which it is interpreted; 0 for before the first.</param>
    /// <param name="Inner">The first region that can use its result.</param>
    /// <param name="IsLiteral">Whether it follows from literals alone.</param>
    private sealed record Item(Node Node, NodeRole Role, int Position, int Level, int Inner, bool IsLiteral)
    {
        /// <summary>Whether it is interpreted; always, unless it is light and only regions use it.</summary>
        public bool IsInterpreted { get; set; }
    }

    public static ProgramBlock Build(ProgramBuilder builder, Block block)
    {
        var schedule = new BlockSchedule(builder);
        schedule.Place(block.Nodes);
        schedule.FindUses(block.Outputs);
        return SlotLifetimes.Block(schedule.Emit(), builder.SlotsOf(block.Inputs), builder.SlotsOf(block.Outputs));
    }

    private void Place(ImmutableArray<Node> nodes)
    {
        var (lastOrdered, lastRaise) = (0, 0);
        foreach (var original in nodes)
        {
            var role = _builder.Roles.Of(original);
            if (role == NodeRole.Constant)
            {
                continue;
            }

            var node = role == NodeRole.Planned ? WithSnapshots(original, ref lastOrdered) : original;
            var uses = role == NodeRole.Control ? BlockUses.Of(node) : node.Inputs;
            var interpretedAfter = uses.Select(value => _makers.TryGetValue(value, out var maker) ? maker.Level : 0).Append(0).Max();
            var inner = uses.Select(value => _makers.TryGetValue(value, out var maker) ? maker.Inner : 1).Append(1).Max();
            switch (role)
            {
                case NodeRole.Light:
                    var isLiteral = uses.All(value => _builder.Constant(value) is not null || (_makers.TryGetValue(value, out var maker) && maker.IsLiteral));
                    Add(node, role, interpretedAfter, inner, isLiteral);
                    break;
                case NodeRole.Planned:
                    // Never before a check that raises the graph's own error: its message is the one to see.
                    var level = Math.Max(inner, lastRaise + 1);
                    Add(node, role, level, level);
                    break;
                case NodeRole.Interpreted:
                    Add(node, role, interpretedAfter, interpretedAfter + 1);
                    break;
                default:
                    var isOrdered = role == NodeRole.Ordered || _builder.Roles.IsOrdered(node);
                    var place = isOrdered ? Math.Max(interpretedAfter, lastOrdered) : interpretedAfter;
                    lastOrdered = isOrdered ? place : lastOrdered;
                    lastRaise = NodeRoles.MayRaise(node) ? Math.Max(lastRaise, place) : lastRaise;
                    Add(node, role, place, place + 1);
                    break;
            }
        }
    }

    /// <summary>An operation on tensors reads a list that may change later: it gets the list as it is at this place.</summary>
    private Node WithSnapshots(Node node, ref int lastOrdered)
    {
        if (!node.Inputs.Any(_builder.Roles.MayChange))
        {
            return node;
        }

        var inputs = ImmutableArray.CreateBuilder<Value>(node.Inputs.Length);
        foreach (var input in node.Inputs)
        {
            if (!_builder.Roles.MayChange(input))
            {
                inputs.Add(input);
                continue;
            }

            var snapshot = new Value($"{input.Name}.{_items.Count}", input.Type, input.Position);
            _builder.Roles.Freeze(snapshot);
            lastOrdered = Math.Max(lastOrdered, _makers.TryGetValue(input, out var maker) ? maker.Level : 0);
            Add(new Node("aten::copy", [input], [snapshot], position: node.Position), NodeRole.Ordered, lastOrdered, lastOrdered + 1);
            inputs.Add(snapshot);
        }

        return new Node(node.Kind, inputs.MoveToImmutable(), node.Outputs, node.Attributes, node.Blocks, node.SourceComment, node.Scope, node.Position);
    }

    private void Add(Node node, NodeRole role, int level, int inner, bool isLiteral = false)
    {
        var item = new Item(node, role, _items.Count, level, inner, isLiteral) { IsInterpreted = role is not (NodeRole.Light or NodeRole.Planned) };
        _items.Add(item);
        foreach (var output in node.Outputs)
        {
            _makers.Add(output, item);
        }

        if (role == NodeRole.Planned)
        {
            while (_drafts.Count <= level)
            {
                _drafts.Add(new RegionDraft());
            }

            _drafts[level].Nodes.Add(item.Position, node);
        }
    }

    /// <summary>Finds which light nodes are interpreted, what goes into each region and what comes out.</summary>
    private void FindUses(ImmutableArray<Value> outputs)
    {
        Interpret(outputs);
        foreach (var item in _items.ToList())
        {
            switch (item.Role)
            {
                case NodeRole.Planned:
                    UseInRegion(item.Node.Inputs, item.Level);
                    break;
                case NodeRole.Interpreted or NodeRole.Ordered:
                    Interpret(item.Node.Inputs);
                    break;
                case NodeRole.Control:
                    Interpret(BlockUses.Of(item.Node));
                    break;
            }
        }
    }

    /// <summary>The values are needed outside of regions.</summary>
    private void Interpret(ImmutableArray<Value> values)
    {
        var open = new Stack<Value>(values);
        while (open.TryPop(out var value))
        {
            if (!_makers.TryGetValue(value, out var maker))
            {
                continue;
            }

            if (maker.Role == NodeRole.Planned)
            {
                _drafts[maker.Level].AddOutput(value);
            }
            else if (!maker.IsInterpreted)
            {
                maker.IsInterpreted = true;
                foreach (var input in maker.Node.Inputs)
                {
                    open.Push(input);
                }
            }
        }
    }

    /// <summary>The values are needed in a region: made there, or handed in.</summary>
    private void UseInRegion(ImmutableArray<Value> values, int level)
    {
        var draft = _drafts[level];
        var open = new Stack<Value>(values.Reverse());
        while (open.TryPop(out var value))
        {
            if (_builder.Constant(value) is { } constant)
            {
                draft.Constants.TryAdd(value, constant);
            }
            else if (_makers.TryGetValue(value, out var maker) && maker.Role == NodeRole.Light && IsMadeInRegion(maker, level))
            {
                if (draft.Nodes.TryAdd(maker.Position, maker.Node))
                {
                    foreach (var input in maker.Node.Inputs.Reverse())
                    {
                        open.Push(input);
                    }
                }
            }
            else if (maker is null || maker.Role != NodeRole.Planned || maker.Level != level)
            {
                draft.AddInput(value);
                Interpret([value]);
            }
        }
    }

    /// <summary>
    /// Views and numbers that are ready before the region come in from outside: a view of a trip's own place (<c>x[i]</c>) is then an array like
    /// any other, and no plan of its own. What must be planned with its user, or says more about it (a literal, a list), is made inside.
    /// </summary>
    private static bool IsMadeInRegion(Item maker, int level) =>
        maker.Level >= level || maker.IsLiteral || maker.Node.Kind is "prim::ListConstruct" or "prim::TupleConstruct" or "prim::dtype";

    private List<ProgramStep> Emit()
    {
        var steps = new List<ProgramStep>();
        var last = _items.Count == 0 ? 0 : _items.Max(item => item.Level);
        var byLevel = _items.Where(item => item.IsInterpreted).ToLookup(item => item.Level);
        for (var level = 0; level <= last; level++)
        {
            if (level < _drafts.Count && _drafts[level].Nodes.Count > 0)
            {
                var region = _drafts[level].Build(_builder);
                steps.Add(new RegionStep(region, _builder.SlotsOf(region.Inputs), _builder.SlotsOf(region.Outputs)));
            }

            steps.AddRange(byLevel[level].Select(item => StepOf(item.Node)));
        }

        return steps;
    }

    private ProgramStep StepOf(Node node)
    {
        switch (node.Kind)
        {
            case "prim::If":
                return new BranchStep(node, _builder.SlotOf(node.Inputs[0]), Build(_builder, node.Blocks[0]), Build(_builder, node.Blocks[1]), _builder.SlotsOf(node.Outputs));
            case "prim::Loop":
                var inputs = _builder.SlotsOf(node.Inputs);
                return new LoopStep(node, inputs[0], inputs[1], inputs[2..], Build(_builder, node.Blocks[0]), _builder.SlotsOf(node.Outputs));
            default:
                var types = _builder.Roles.Types;
                return new HostStep(node, _builder.SlotsOf(node.Inputs), _builder.SlotsOf(node.Outputs))
                {
                    IsArithmetic = Operations.ScalarOperations.Has(node.Kind, node.Inputs.Length) && node.Outputs.Length == 1 && node.Inputs.All(types.IsNumber),
                    IsRead = Operations.ValueOperations.IsRead(node, types),
                    HasEffect = Operations.ValueOperations.HasEffect(node, types),
                };
        }
    }
}
