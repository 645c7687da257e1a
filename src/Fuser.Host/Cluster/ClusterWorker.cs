using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Microsoft.Extensions.Logging;

namespace Fuser.Host.Cluster;

/// <summary>Does requests that come through the broker: each once, whoever sends it again, and only as long as its caller waits.</summary>
internal sealed class ClusterWorker(FuserNode node, ClusterOptions options, TensorTransfer transfer, TimeProvider time, ILogger logger)
{
    /// <summary>Between two tries to get into a node that is full: the broker hands out no more than the node can do, so it is HTTP callers who are ahead.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly RecentAnswers _recent = new(options);

    /// <summary>The answer to a request. Every error that has to do with the request is an answer too.</summary>
    /// <exception cref="HostException">The message is no request.</exception>
    public async Task<RunReply> AnswerAsync(RunRequest request, CancellationToken stopping)
    {
        WireFormat.RequireVersion(request.Version);
        WireFormat.RequireFew(request.Inputs);
        var id = WireFormat.Id(request.Id);
        var (answer, isRepeated) = _recent.Get(id, () => DoAsync(id, request, stopping), reply => reply.OutcomeCase == RunReply.OutcomeOneofCase.Result);
        if (isRepeated)
        {
            ClusterLog.Repeated(logger, id);
        }

        return await answer.ConfigureAwait(false);
    }

    private async Task<RunReply> DoAsync(Guid id, RunRequest request, CancellationToken stopping)
    {
        var reply = new RunReply { Version = WireFormat.Version, Id = WireFormat.Bytes(id), Node = node.Name };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            var left = DateTimeOffset.FromUnixTimeMilliseconds(request.Deadline) - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                throw new HostException(ErrorCodes.ClusterTimeout, $"the request came {-left.TotalSeconds:0.#} s after its caller had given up. The cluster has more to do than it can; add nodes.");
            }

            limit.CancelAfter(left);
            if (node.Graphs.Find(request.GraphKey) is null && request.GraphText.Length == 0)
            {
                reply.GraphWanted = new GraphWanted();
                return reply;
            }

            // Arrays may come slowly from whoever holds them: they are fetched before the request takes a place of those that wait or compute.
            using var ticket = node.Receive();
            var inputs = request.WarmUp ? [] : await FetchAsync(ticket, request, limit.Token).ConfigureAwait(false);
            await EnterAsync(ticket, limit.Token).ConfigureAwait(false);
            if (await GraphAsync(ticket, request, limit.Token).ConfigureAwait(false) is not { } graph)
            {
                reply.GraphWanted = new GraphWanted();
                return reply;
            }

            reply.Result = request.WarmUp
                ? await WarmUpAsync(graph, request, limit.Token).ConfigureAwait(false)
                : await RunAsync(ticket, graph, inputs, request, limit.Token).ConfigureAwait(false);
            node.Telemetry.Done();
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            reply.Error = WireFormat.Describe(new HostException(ErrorCodes.ClusterTimeout, "the caller's time was over before the run was. Split the work, give it more time, or add nodes."));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            node.Telemetry.Failed(error is FuserException known ? known.Code : ErrorCodes.Internal);
            if (error is not FuserException)
            {
                ClusterLog.RequestFailed(logger, id, error);
            }

            reply.Error = WireFormat.Describe(error);
        }

        return reply;
    }

    private async Task EnterAsync(WorkTicket ticket, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                ticket.Enter();
                return;
            }
            catch (NodeBusyException)
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false); // HTTP callers take turns with these, and nothing says when one has gone
            }
        }
    }

    /// <summary>The graph that is to be run; null when its text is needed.</summary>
    private async Task<NodeGraph?> GraphAsync(WorkTicket ticket, RunRequest request, CancellationToken cancellationToken)
    {
        if (node.Graphs.Find(request.GraphKey) is { } known)
        {
            return known;
        }

        if (request.GraphText.Length == 0)
        {
            return null;
        }

        var (graph, _) = await node.RegisterAsync(ticket, request.GraphText, cancellationToken).ConfigureAwait(false);
        return graph.Key == request.GraphKey ? graph : throw WireFormat.Malformed($"the graph sent has key {graph.Key}, the request is for {request.GraphKey}");
    }

    private async Task<RunResult> WarmUpAsync(NodeGraph graph, RunRequest request, CancellationToken cancellationToken)
    {
        var inputs = new FuserValue[request.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = request.Inputs[i] is { KindCase: Value.KindOneofCase.Tensor } value ? Shadow(value.Tensor) : Number(request.Inputs[i]);
        }

        await graph.Function.WarmUpAsync(inputs, WireFormat.Read(request.Settings), cancellationToken).ConfigureAwait(false);
        return new RunResult();
    }

    private static NdArray Shadow(Tensor tensor)
    {
        var (dtype, shape, _) = WireFormat.Read(tensor);
        return NdArray.Shadow(dtype, shape);
    }

    private async Task<FuserValue[]> FetchAsync(WorkTicket ticket, RunRequest request, CancellationToken cancellationToken)
    {
        var inputs = new FuserValue[request.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = request.Inputs[i] is { KindCase: Value.KindOneofCase.Tensor } value
                ? await transfer.UnpackAsync(value.Tensor, ticket.ClaimInputs, cancellationToken).ConfigureAwait(false)
                : Number(request.Inputs[i]);
        }

        return inputs;
    }

    private async Task<RunResult> RunAsync(WorkTicket ticket, NodeGraph graph, FuserValue[] inputs, RunRequest request, CancellationToken cancellationToken)
    {
        var report = await node.RunAsync(ticket, graph, inputs, WireFormat.Read(request.Settings), cancellationToken).ConfigureAwait(false);
        var result = WireFormat.Describe(report);
        foreach (var output in report.Outputs)
        {
            result.Outputs.Add(transfer.Pack(output));
        }

        return result;
    }

    private static FuserValue Number(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.Integer => value.Integer,
        Value.KindOneofCase.Number => value.Number,
        Value.KindOneofCase.Truth => value.Truth,
        _ => throw WireFormat.Malformed("an input is neither an array nor a number"),
    };
}
