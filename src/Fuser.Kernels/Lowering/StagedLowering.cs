using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Specs;

namespace Fuser.Kernels.Lowering;

/// <summary>
/// Turns the spec of a group with reductions and the types of its arguments into stages: before sweep k, what is per row and needs the k sweeps before; then
/// sweep k with the reductions and the outputs per element that need no more. A later sweep computes again what is cheap, and keeps what is not.
/// </summary>
internal sealed class StagedLowering
{
    /// <summary>Primitives that cost about as much as writing a value to the first-level cache and reading it again.</summary>
    private const int CheapToRepeat = 6;

    private readonly KernelSpec _spec;
    private readonly ArgSpec _arguments;
    private readonly Graph _graph;
    private readonly GroupValues _info;
    private readonly Dictionary<Value, int> _inputs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, int> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, int> _rows = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, int> _wideRows = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, Node> _literals = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, Value> _widened = new(ReferenceEqualityComparer.Instance);
    private readonly List<IrType> _keptTypes = [];
    private readonly List<IrType> _rowTypes = [];
    private readonly List<SweepPlan> _sweeps = [];
    private readonly bool _keeps;

    private StagedLowering(KernelSpec spec, ArgSpec arguments, bool keeps)
    {
        _keeps = keeps;
        _spec = spec;
        _arguments = arguments;
        _graph = spec.Graph;
        _info = new GroupValues(spec, arguments);
        for (var i = 0; i < _graph.Inputs.Length; i++)
        {
            _inputs.Add(_graph.Inputs[i], i);
        }

        foreach (var node in _graph.Nodes.Where(IsConstant))
        {
            _literals.Add(node.Outputs[0], node);
        }

        foreach (var node in _graph.Nodes.Where(node => node.Kind == "aten::to" && _info[node.Outputs[0]].IrType == IrType.Float64 && _info[node.Inputs[0]].IrType == IrType.Float32))
        {
            _widened.Add(node.Outputs[0], node.Inputs[0]);
        }
    }

    /// <summary>What one sweep does.</summary>
    private sealed class SweepPlan
    {
        /// <summary>Values per element it computes.</summary>
        public HashSet<Value> Computed { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>Values it takes from an earlier sweep.</summary>
        public HashSet<Value> Taken { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>Values it leaves for later sweeps.</summary>
        public List<Value> Left { get; } = [];
    }

    /// <param name="keeps">Whether sweeps may leave values for later ones, which takes memory for every element of a row; everything can be computed again instead.</param>
    public static StagedKernelIr Lower(KernelSpec spec, ArgSpec arguments, bool keeps = true, CancellationToken cancellationToken = default) =>
        new StagedLowering(spec, arguments, keeps).Run(cancellationToken);

    private StagedKernelIr Run(CancellationToken cancellationToken)
    {
        var sweeps = 1 + _graph.Nodes.Where(GroupValues.IsReduction).Max(node => _info[node.Inputs[0]].Sweep);
        foreach (var (_, value) in ElementOutputs())
        {
            sweeps = Math.Max(sweeps, _info[value].Sweep + 1);
        }

        foreach (var node in _graph.Nodes.Where(node => _info[node.Outputs[0]] is { IsPerRow: true, IrType: not null } && !IsConstant(node)))
        {
            AddRow(node);
        }

        for (var sweep = 0; sweep < sweeps; sweep++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _sweeps.Add(PlanSweep(sweep));
        }

        var stages = ImmutableArray.CreateBuilder<Stage>();
        for (var sweep = 0; sweep <= sweeps; sweep++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (BuildRows(sweep) is { } rows)
            {
                stages.Add(rows);
            }

            if (sweep < sweeps && BuildSweep(sweep) is { } stage)
            {
                stages.Add(stage);
            }
        }

        return new StagedKernelIr(
            GroupLowering.NameOf(_spec),
            ImmutableArray.CreateRange(_arguments.Arguments, argument => new KernelArgument(argument.Kind, argument.Storage, argument.Access)),
            stages.ToImmutable(),
            [.. _keptTypes],
            [.. _rowTypes],
            ImmutableArray.CreateRange(_arguments.Arguments, argument => argument.IsPerRow));
    }

    /// <summary>Outputs with one value per element, with their argument numbers.</summary>
    private IEnumerable<(int Argument, Value Value)> ElementOutputs() => Outputs().Where(output => !_arguments.Arguments[output.Argument].IsPerRow);

    private IEnumerable<(int Argument, Value Value)> Outputs() => _graph.Outputs.Select((value, i) => (_graph.Inputs.Length + i, value));

    /// <summary>Literals are written where they are used.</summary>
    private static bool IsConstant(Node node) => node.Kind == "prim::Constant";

    private IEnumerable<Node> ReductionsOf(int sweep) => _graph.Nodes.Where(node => GroupValues.IsReduction(node) && _info[node.Inputs[0]].Sweep == sweep);

    /// <summary>What a reduction combines. A sum of float32 values made float64 is made of them as they are, because it is made in float64 anyway.</summary>
    private Value Combined(Node reduction)
    {
        var value = reduction.Inputs[0];
        return GroupValues.KindOf(reduction) == ReductionKind.Sum && _widened.TryGetValue(value, out var narrow) ? narrow : value;
    }

    /// <summary>Room for a value per row; for a reduction that is made in a wider type also for its result before that is rounded.</summary>
    private void AddRow(Node node)
    {
        var value = node.Outputs[0];
        var type = _info[value].IrType!.Value;
        _rows.Add(value, _rowTypes.Count);
        _rowTypes.Add(type);
        if (GroupValues.IsReduction(node) && Reduction.ResultOf(GroupValues.KindOf(node), type) is var wide && wide != type)
        {
            _wideRows.Add(value, _rowTypes.Count);
            _rowTypes.Add(wide);
        }
    }

    private SweepPlan PlanSweep(int sweep)
    {
        var plan = new SweepPlan();
        var needed = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        needed.UnionWith(ReductionsOf(sweep).Select(Combined));
        needed.UnionWith(ElementOutputs().Where(output => _info[output.Value].Sweep == sweep).Select(output => output.Value));
        var costs = CostsOfRepeating();
        foreach (var node in _graph.Nodes.Reverse())
        {
            var value = node.Outputs[0];
            if (!needed.Contains(value) || _info[value].IsPerRow)
            {
                continue;
            }

            if (_info[value].Sweep < sweep && (_kept.ContainsKey(value) || (costs[value] > CheapToRepeat && TryKeep(value))))
            {
                plan.Taken.Add(value);
                continue;
            }

            plan.Computed.Add(value);
            needed.UnionWith(node.Inputs);
        }

        return plan;
    }

    /// <summary>Primitives needed to compute each value again from inputs, values per row, and what is kept.</summary>
    private Dictionary<Value, int> CostsOfRepeating()
    {
        var costs = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        foreach (var node in _graph.Nodes)
        {
            var value = node.Outputs[0];
            var info = _info[value];
            costs[value] = info.IsPerRow || _kept.ContainsKey(value) ? 0
                : (int)Math.Min(CheapToRepeat + 1, info.Cost + node.Inputs.Sum(input => (long)costs.GetValueOrDefault(input)));
        }

        return costs;
    }

    /// <summary>Has the first sweep that computes the value leave it; false when none does, so that nothing is gained, or none may.</summary>
    private bool TryKeep(Value value)
    {
        if (!_keeps || _sweeps.Find(plan => plan.Computed.Contains(value)) is not { } source)
        {
            return false;
        }

        source.Left.Add(value);
        _kept.Add(value, _keptTypes.Count);
        _keptTypes.Add(_info[value].IrType!.Value);
        return true;
    }

    private Stage? BuildSweep(int sweep)
    {
        var plan = _sweeps[sweep];
        var builder = new StageBuilder(StageKind.Sweep, _arguments);
        foreach (var node in _graph.Nodes.Where(node => plan.Computed.Contains(node.Outputs[0])))
        {
            Provide(builder, node.Inputs);
            builder.Lower(node);
        }

        foreach (var value in plan.Left)
        {
            builder.Store(value, new StageOperand(OperandPlace.Kept, _kept[value]));
        }

        foreach (var (argument, value) in ElementOutputs().Where(output => _info[output.Value].Sweep == sweep))
        {
            Provide(builder, [value]);
            builder.StoreOutput(value, argument);
        }

        var combined = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        ImmutableArray<Reduction> reductions =
        [
            .. ReductionsOf(sweep).Select(node =>
                new Reduction(GroupValues.KindOf(node), _info[Combined(node)].IrType!.Value, SourceOf(Combined(node), builder, combined), RowOf(node.Outputs[0]))),
        ];
        var stage = builder.Build($"{GroupLowering.NameOf(_spec)}_sweep{sweep}", reductions);
        return stage.Kernel is null && reductions.IsEmpty ? null : stage;
    }

    /// <summary>Where the values are that a reduction combines: what is in memory as it is needs no copy.</summary>
    private StageOperand SourceOf(Value value, StageBuilder builder, Dictionary<Value, int> combined)
    {
        if (_kept.TryGetValue(value, out var kept))
        {
            return new StageOperand(OperandPlace.Kept, kept);
        }

        if (_inputs.TryGetValue(value, out var input) && _arguments.Arguments[input] is { Kind: ArgumentKind.Input, IsPerRow: false, Access: InnerAccess.Varying } argument
            && argument.Storage == _info[value].IrType!.Value.StorageOf())
        {
            return new StageOperand(OperandPlace.Argument, input);
        }

        if (!combined.TryGetValue(value, out var index))
        {
            index = combined.Count;
            combined.Add(value, index);
            Provide(builder, [value]);
            builder.Store(value, new StageOperand(OperandPlace.Combined, index));
        }

        return new StageOperand(OperandPlace.Combined, index);
    }

    /// <summary>Where a reduction leaves its result.</summary>
    private int RowOf(Value reduced) => _wideRows.TryGetValue(reduced, out var wide) ? wide : _rows[reduced];

    /// <summary>What is per row and can be known after that many sweeps.</summary>
    private Stage? BuildRows(int sweep)
    {
        var builder = new StageBuilder(StageKind.PerRow, _arguments);
        foreach (var node in _graph.Nodes.Where(node => _rows.ContainsKey(node.Outputs[0]) && _info[node.Outputs[0]].Sweep == sweep))
        {
            if (_wideRows.TryGetValue(node.Outputs[0], out var wide))
            {
                builder.LoadNarrowed(node.Outputs[0], new StageOperand(OperandPlace.Row, wide), _rowTypes[wide], _info[node.Outputs[0]]);
            }
            else if (GroupValues.IsReduction(node))
            {
                continue;
            }
            else
            {
                Provide(builder, node.Inputs);
                builder.Lower(node);
            }

            builder.Store(node.Outputs[0], new StageOperand(OperandPlace.Row, _rows[node.Outputs[0]]));
        }

        foreach (var (argument, value) in Outputs().Where(output => _arguments.Arguments[output.Argument].IsPerRow && _info[output.Value].Sweep == sweep))
        {
            Provide(builder, [value]);
            builder.StoreOutput(value, argument);
        }

        var stage = builder.Build($"{GroupLowering.NameOf(_spec)}_rows{sweep}", []);
        return stage.Kernel is null ? null : stage;
    }

    /// <summary>Makes values readable in a stage that does not compute them.</summary>
    private void Provide(StageBuilder builder, ImmutableArray<Value> values)
    {
        foreach (var value in values)
        {
            if (builder.Has(value))
            {
                continue;
            }

            if (_inputs.TryGetValue(value, out var input))
            {
                builder.LoadArgument(value, input, _info[value]);
            }
            else if (_rows.TryGetValue(value, out var row))
            {
                builder.Load(value, new StageOperand(OperandPlace.Row, row), _info[value]);
            }
            else if (_kept.TryGetValue(value, out var kept))
            {
                builder.Load(value, new StageOperand(OperandPlace.Kept, kept), _info[value]);
            }
            else
            {
                builder.Lower(_literals[value]);
            }
        }
    }
}
