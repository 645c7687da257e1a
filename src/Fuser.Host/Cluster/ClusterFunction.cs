using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;
using Fuser.Actors;
using Fuser.Host.Cluster.Passes;
using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;
using Graph = Fuser.Kernels.Graphs.Graph;

namespace Fuser.Host.Cluster;

/// <summary>A function that is run by the nodes of a cluster.</summary>
internal sealed class ClusterFunction : FusedFunction
{
    /// <summary>Nodes that may be lost with the results of one run in hand, before that is an error.</summary>
    private const int MostAttempts = 4;

    private readonly FuserCluster _cluster;
    private readonly FusedFunction _local;
    private readonly Lazy<string> _text;
    private readonly string _key;

    /// <param name="local">The same function here, to be explained.</param>
    public ClusterFunction(FuserCluster cluster, FusedFunction local)
        : base(local.Graph, local.Normalised)
    {
        _cluster = cluster;
        _local = local;
        _text = new Lazy<string>(() => GraphText.Print(local.Graph));
        _key = GraphIdentity.KeyOf(local.Graph, local.Key);
    }

    public override async ValueTask<ImmutableArray<NdArray>> RunAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        (await RunWithReportAsync(inputs, options, cancellationToken).ConfigureAwait(false)).Outputs;

    public override async ValueTask RunAsync(ReadOnlyMemory<FuserValue> inputs, ReadOnlyMemory<NdArray> outputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var results = await RunAsync(inputs, options, cancellationToken).ConfigureAwait(false);
        OutputCheck.Check(results.AsSpan(), outputs.Span);
        for (var i = 0; i < results.Length; i++)
        {
            ArrayCopy.Copy(results[i], outputs.Span[i]);
        }
    }

    /// <summary>No: whether a node is ready takes asking.</summary>
    public override bool TryRun(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs) => false;

    public override async ValueTask<RunReport> RunWithReportAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        // Drawn here, so that a run that is done twice gives one answer.
        var seeded = (options ?? RunOptions.Default) with { Seed = options?.Seed ?? BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long))) };
        var bytes = BytesOf(inputs.Span);
        return bytes <= _cluster.Options.SplitOverBytes ? await RunWholeAsync(inputs, seeded, cancellationToken).ConfigureAwait(false)
            : Parts(inputs.Span, bytes) is { } parts ? await new SplitRun(parts.Split, inputs, parts.Rows, (part, token) => RunWholeAsync(part, seeded, token)).RunAsync(cancellationToken).ConfigureAwait(false)
            : Passes(inputs.Span, bytes) is { } passes ? await new PassRun(passes, inputs.Span, new PartRunner(_cluster, seeded)).RunAsync(cancellationToken).ConfigureAwait(false)
            : await RunWholeAsync(inputs, seeded, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs, and runs again when the node is lost between its answer and the moment its large results are fetched: they were with it alone.
    /// </summary>
    private async Task<RunReport> RunWholeAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(inputs, options, cancellationToken).ConfigureAwait(false);
            }
            catch (ResultLostException) when (attempt < MostAttempts)
            {
                // Another node, or the same one anew, makes them again.
            }
        }
    }

    private async Task<RunReport> RunOnceAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions options, CancellationToken cancellationToken)
    {
        var holds = new List<byte[]>();
        try
        {
            if (NeedsListener(inputs.Span))
            {
                await _cluster.ListenAsync(cancellationToken).ConfigureAwait(false);
            }

            var values = new Value[inputs.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = inputs.Span[i] is { Kind: FuserValueKind.Array } value ? new Value { Tensor = _cluster.Transfer.Pack(value.Array, holds.Add) } : WireFormat.Describe(inputs.Span[i]);
            }

            var reply = await AskAsync(values, options, warmUp: false, cancellationToken).ConfigureAwait(false);
            var outputs = ImmutableArray.CreateBuilder<NdArray>(reply.Result.Outputs.Count);
            foreach (var output in reply.Result.Outputs)
            {
                outputs.Add(await FetchAsync(output, reply.Node, cancellationToken).ConfigureAwait(false));
            }

            return WireFormat.Read(reply.Result, outputs.MoveToImmutable());
        }
        finally
        {
            holds.ForEach(hash => _cluster.Held.Release(hash));
        }
    }

    private async Task<NdArray> FetchAsync(Tensor output, string node, CancellationToken cancellationToken)
    {
        try
        {
            var array = await _cluster.Transfer.UnpackAsync(output, static _ => { }, cancellationToken).ConfigureAwait(false);
            _cluster.Transfer.GiveBack(output);
            return array;
        }
        catch (HostException error) when (error.Code == ErrorCodes.ClusterTransfer)
        {
            throw new ResultLostException($"node {node} answered, and then its results could not be had: {error.Message}", error);
        }
    }

    private static long BytesOf(ReadOnlySpan<FuserValue> inputs)
    {
        long bytes = 0;
        foreach (var input in inputs)
        {
            bytes += input.Kind == FuserValueKind.Array ? input.Array.ElementCount * input.Array.DType.ItemSize() : 0;
        }

        return bytes;
    }

    /// <summary>Half the bound each, so that nodes that are faster, or come later, find something left to do.</summary>
    private long RowsOfPart(long rows, long bytes) => Math.Max(1, (long)(rows * (_cluster.Options.SplitOverBytes / 2.0 / bytes)));

    /// <summary>How the run is taken apart into runs of the graph itself; null when it cannot be.</summary>
    private (RowSplit Split, long Rows)? Parts(ReadOnlySpan<FuserValue> inputs, long bytes)
    {
        if (RowSplit.Of(Normalised, inputs) is not { } split)
        {
            return null;
        }

        var rows = RowsOfPart(split.Rows, bytes);
        var last = split.Rows % rows;
        return rows < split.Rows && split.Allows(rows) && (last == 0 || split.Allows(last)) ? (split, rows) : null;
    }

    /// <summary>How the run is taken apart into parts that are put together; null when it cannot be, or when parts would leave too much to put together.</summary>
    private PassGraphs? Passes(ReadOnlySpan<FuserValue> inputs, long bytes)
    {
        if (PassPlan.Of(Normalised, inputs) is not { } plan)
        {
            return null;
        }

        var rows = (long)BitOperations.RoundUpToPowerOf2((ulong)RowsOfPart(plan.Inputs.Rows, bytes) + 1) / 2;
        return rows < plan.Inputs.Rows && plan.SubtreeBytes(rows) <= bytes / 4 ? plan.Cut(rows) : null;
    }

    public override async ValueTask WarmUpAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        await AskAsync([.. inputs.ToArray().Select(WireFormat.Describe)], options ?? RunOptions.Default, warmUp: true, cancellationToken).ConfigureAwait(false);

    public override ValueTask<ImmutableArray<DeviceTensor>> RunOnDeviceAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new InputException(ErrorCodes.UnknownDevice, "tensors that stay on a device are of the process that has it; a cluster returns arrays. Use RunAsync.");

    /// <summary>The plan as this machine would make it; nodes with other processors may choose other vector widths.</summary>
    public override ValueTask<Explanation> ExplainAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        _local.ExplainAsync(inputs, options, cancellationToken);

    /// <summary>Yes, as far as is known here.</summary>
    public override bool WouldCompile(ReadOnlySpan<FuserValue> inputs) => true;

    internal override long RunBytes(ReadOnlySpan<FuserValue> inputs, RunOptions? options, CancellationToken cancellationToken) => _local.RunBytes(inputs, options, cancellationToken);

    private bool NeedsListener(ReadOnlySpan<FuserValue> inputs)
    {
        foreach (var input in inputs)
        {
            if (input.Kind == FuserValueKind.Array && input.Array.ElementCount * input.Array.DType.ItemSize() > _cluster.Options.MaxInlineBytes)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<RunReply> AskAsync(Value[] inputs, RunOptions options, bool warmUp, CancellationToken cancellationToken)
    {
        var device = options.Device ?? "cpu";
        var deviceClass = Topology.ClassOf(device) ?? throw new InputException(ErrorCodes.UnknownDevice, $"there is no device '{OutsideText.Shown(device)}'; nodes have {string.Join(", ", Topology.Classes)}");
        var id = Guid.NewGuid();
        var request = new RunRequest
        {
            Version = WireFormat.Version,
            Id = WireFormat.Bytes(id),
            GraphKey = _key,
            Settings = WireFormat.Describe(options),
            Deadline = _cluster.Deadline.ToUnixTimeMilliseconds(),
            WarmUp = warmUp,
        };
        request.Inputs.AddRange(inputs);
        var reply = await _cluster.AskAsync(request, id, deviceClass, () => _text.Value, cancellationToken).ConfigureAwait(false);
        return reply.OutcomeCase == RunReply.OutcomeOneofCase.Result ? reply : throw WireFormat.Read(reply.Error ?? new RunError(), reply.Node);
    }

    /// <summary>Has nodes run the graphs of parts, and this process what is left.</summary>
    private sealed class PartRunner(FuserCluster cluster, RunOptions options) : IPartRunner
    {
        private readonly ConcurrentDictionary<Graph, Lazy<ClusterFunction>> _functions = new(ReferenceEqualityComparer.Instance);

        public Task<RunReport> RunPartAsync(Graph graph, ReadOnlyMemory<FuserValue> inputs, CancellationToken cancellationToken) =>
            _functions.GetOrAdd(graph, key => new Lazy<ClusterFunction>(() => new ClusterFunction(cluster, cluster.Local(key)))).Value.RunWholeAsync(inputs, options, cancellationToken);

        public ValueTask<ImmutableArray<NdArray>> FinishAsync(Graph graph, ReadOnlyMemory<FuserValue> inputs, CancellationToken cancellationToken) =>
            cluster.Local(graph).RunAsync(inputs, cancellationToken: cancellationToken);
    }

    /// <summary>The answer came and its arrays did not.</summary>
    private sealed class ResultLostException(string message, Exception cause) : HostException(ErrorCodes.ClusterTransfer, message, cause);
}
