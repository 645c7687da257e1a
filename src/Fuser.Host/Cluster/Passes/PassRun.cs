using System.Collections.Immutable;
using System.Diagnostics;
using Fuser.Actors;
using Fuser.Kernels;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster.Passes;

/// <summary>Who runs the graphs of a run in passes.</summary>
internal interface IPartRunner
{
    /// <summary>Runs a part, wherever that is.</summary>
    Task<RunReport> RunPartAsync(Graph graph, ReadOnlyMemory<FuserValue> inputs, CancellationToken cancellationToken);

    /// <summary>Runs what is left to do with the results of parts, here.</summary>
    ValueTask<ImmutableArray<NdArray>> FinishAsync(Graph graph, ReadOnlyMemory<FuserValue> inputs, CancellationToken cancellationToken);
}

/// <summary>One run in passes, each in parts that nodes take as they are free.</summary>
internal sealed class PassRun
{
    private readonly PassGraphs _graphs;
    private readonly PartInputs _inputs;
    private readonly FuserValue[] _values;
    private readonly IPartRunner _runner;

    private readonly Dictionary<ReducedTensor, NdArray> _subtrees = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PlanTensor, NdArray> _carried = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PlanTensor, NdArray> _outputs = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _lock = new();
    private RunReport? _first;

    public PassRun(PassGraphs graphs, ReadOnlySpan<FuserValue> inputs, IPartRunner runner)
    {
        _graphs = graphs;
        _inputs = graphs.Plan.Inputs;
        _values = inputs.ToArray();
        _runner = runner;
        for (var i = 0; i < _values.Length; i++)
        {
            if (_values[i].Kind == FuserValueKind.Array && !_values[i].Array.Shape.AsSpan().SequenceEqual(_inputs.Shapes[i].AsSpan()))
            {
                _values[i] = _values[i].Array.WithLayout(Reshaping.TryReshape(_values[i].Array.Layout, _inputs.Shapes[i])!.Value);
            }
        }
    }

    /// <summary>Runs all parts. When one fails, the others are given up.</summary>
    public async Task<RunReport> RunAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var parts = (_inputs.Rows + _graphs.Rows - 1) / _graphs.Rows;
        for (var pass = 0; pass < _graphs.Parts.Length; pass++)
        {
            await RunPassAsync(pass, parts, cancellationToken).ConfigureAwait(false);
        }

        var passes = _graphs.Parts.Length;
        return _first! with
        {
            Outputs = _graphs.Plan.Outputs(_outputs),
            Steps = [$"{(passes > 1 ? $"{passes} passes of " : "")}{parts} parts of up to {_graphs.Rows} of {_inputs.Rows} {_graphs.Plan.Unit}, by the nodes of the cluster", .. _first.Steps],
            RunTime = Stopwatch.GetElapsedTime(start),
        };
    }

    private async Task RunPassAsync(int number, long parts, CancellationToken cancellationToken)
    {
        var pass = _graphs.Plan.Passes[number];
        foreach (var reduction in pass.Reductions)
        {
            var trees = new Subtrees(reduction, _graphs.Rows);
            ImmutableArray<long> results = [.. reduction.Source.Shape.Where((_, axis) => !reduction.Axes[axis])];
            _subtrees.Add(reduction, NdArray.Allocate(Subtrees.TypeOf(reduction), [trees.In(_inputs.Rows), .. results]));
        }

        foreach (var output in pass.Rows)
        {
            _outputs.Add(output, NdArray.Allocate(output.DType, output.Shape));
        }

        await Parallel.ForAsync(0, parts, new ParallelOptions { MaxDegreeOfParallelism = SplitRun.Together, CancellationToken = cancellationToken }, async (part, token) =>
        {
            var first = part * _graphs.Rows;
            var rows = Math.Min(_graphs.Rows, _inputs.Rows - first);
            var graph = (part == parts - 1 ? _graphs.Last : _graphs.Parts)[number];
            Keep(pass, first, await _runner.RunPartAsync(graph.Graph, Bind(graph, first, rows), token).ConfigureAwait(false));
        }).ConfigureAwait(false);
        await FinishAsync(pass, _graphs.Finish[number], cancellationToken).ConfigureAwait(false);
    }

    private void Keep(Pass pass, long first, RunReport report)
    {
        lock (_lock)
        {
            _first ??= report;
        }

        for (var i = 0; i < report.Outputs.Length; i++)
        {
            var (got, place) = (report.Outputs[i], first);
            var whole = i < pass.Reductions.Length ? _subtrees[pass.Reductions[i]] : _outputs[pass.Rows[i - pass.Reductions.Length]];
            var rows = got.Shape is [var size, ..] ? size : 1;
            if (i < pass.Reductions.Length)
            {
                var trees = new Subtrees(pass.Reductions[i], _graphs.Rows);
                (place, rows) = (first * trees.PerRow / trees.Stretch, trees.Results == 0 ? 0 : got.ElementCount / trees.Results);
            }

            var to = RowSplit.RowsOf(whole, place, rows);
            ArrayCopy.Copy(got.WithLayout(TensorLayout.Contiguous(to.Shape)), to);
        }
    }

    private async Task FinishAsync(Pass pass, PartGraph finish, CancellationToken cancellationToken)
    {
        if (finish.Graph.Outputs.IsEmpty)
        {
            return;
        }

        var results = await _runner.FinishAsync(finish.Graph, Bind(finish, 0, _inputs.Rows), cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < results.Length; i++)
        {
            if (i < pass.Carried.Length)
            {
                _carried.Add(pass.Carried[i], results[i]);
            }
            else
            {
                _outputs.Add(pass.Outputs[i - pass.Carried.Length], results[i]);
            }
        }
    }

    private FuserValue[] Bind(PartGraph graph, long first, long rows) =>
    [
        .. graph.Operands.Select(operand => operand switch
        {
            InputOperand { Index: var i } when _inputs.Sliced[i] => RowSplit.RowsOf(_values[i].Array, first, rows),
            InputOperand { Index: var i } => _values[i],
            NumberOperand number => number.Value,
            FirstRowOperand => first,
            RowCountOperand => rows,
            SubtreesOperand subtrees => _subtrees[subtrees.Reduction],
            FinishedOperand finished => _carried[finished.Tensor],
            _ => throw new InternalFuserException(ErrorCodes.Internal, $"a part has an input that is {operand}"),
        }),
    ];
}
