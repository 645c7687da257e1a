using System.Reflection;
using Fuser.Actors;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Node;

/// <summary>
/// A runtime with limits around it: graphs are registered once and run by key, no more at a time than the node takes on. It knows nothing of how requests come
/// and go; whatever brings them admits each, hands its parts in, and disposes the ticket when the answer is out.
/// </summary>
internal sealed class FuserNode : IDisposable
{
    private readonly IFuser _fuser;
    private readonly HostOptions _options;
    private readonly TimeProvider _time;
    private readonly GraphTextLimits _textLimits;

    public FuserNode(IFuser fuser, HostOptions options, TimeProvider? time = null)
    {
        _fuser = fuser;
        _options = options;
        _time = time ?? TimeProvider.System;
        _textLimits = GraphTextLimits.Default with { MaxCharacters = (int)options.Limits.MaxGraphBytes };
        Started = _time.GetUtcNow();
        Graphs = new GraphRegistry(options.Limits);
        Gate = new WorkGate(options.Limits, _time, new KeptMemory(fuser as FuserSystem, Graphs));
        Telemetry = new NodeTelemetry(options.Node.Name, Gate, Graphs);
    }

    /// <summary>Distinguishes this start of a node from every other.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("n");

    public string Name => _options.Node.Name;

    /// <summary>Version of the product.</summary>
    public static string Version { get; } =
        typeof(FuserNode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public DateTimeOffset Started { get; }

    public TimeSpan Uptime => _time.GetUtcNow() - Started;

    public LimitOptions Limits => _options.Limits;

    public IFuser Fuser => _fuser;

    public WorkGate Gate { get; }

    public GraphRegistry Graphs { get; }

    public NodeTelemetry Telemetry { get; }

    /// <summary>Takes a request on that is all there.</summary>
    /// <exception cref="NodeBusyException">The node has enough to do, or shuts down.</exception>
    public WorkTicket Admit() => Counted(Gate.Admit);

    /// <summary>Takes a request on whose body, or arrays, are still to come; see <see cref="WorkTicket.Reception"/>.</summary>
    /// <param name="caller">Who sends it; null where whoever brings requests bounds how many are on their way, as a broker does.</param>
    /// <exception cref="NodeBusyException">The node has enough to do or to receive, or shuts down.</exception>
    public WorkTicket Receive(string? caller = null) => Counted(() => Gate.Receive(caller));

    /// <summary>Parses and registers a graph.</summary>
    /// <returns>The graph, and whether it was not there before.</returns>
    /// <exception cref="GraphException">The text is no graph, or has an operation that is not known.</exception>
    public Task<(NodeGraph Graph, bool IsNew)> RegisterAsync(WorkTicket ticket, string text, CancellationToken cancellationToken) => WorkAsync(
        ticket,
        async () =>
        {
            var function = await _fuser.RegisterAsync(GraphText.Parse(text, _textLimits, cancellationToken), cancellationToken).ConfigureAwait(false);
            return Graphs.Add(new NodeGraph(GraphIdentity.KeyOf(function.Graph, function.Key), function, text, _time.GetUtcNow()));
        },
        cancellationToken);

    /// <summary>A registered graph.</summary>
    /// <exception cref="HostException">The node does not hold it.</exception>
    public NodeGraph Find(string key) => Graphs.Find(key) ?? throw new HostException(
        ErrorCodes.UnknownGraph,
        $"the node holds no graph '{OutsideText.Shown(key, 64)}': it was never registered here, or made room for others. Register it again, then repeat.");

    /// <summary>Waits for the request's turn and runs a graph. Then the place inside is another's: the results are still counted, however slowly they are taken.</summary>
    /// <param name="inputs">In the graph's order; their memory has been claimed.</param>
    /// <exception cref="NodeBusyException">Its body is there now, and the node has enough to do.</exception>
    /// <exception cref="InputException">The inputs do not fit the graph.</exception>
    /// <exception cref="LaunchException">A kernel failed.</exception>
    /// <exception cref="HostException">The results would take more memory than there is, or the run more time than it may.</exception>
    public async Task<RunReport> RunAsync(WorkTicket ticket, NodeGraph graph, FuserValue[] inputs, RunOptions options, CancellationToken cancellationToken)
    {
        var done = await WorkAsync(ticket, ComputeAsync, cancellationToken).ConfigureAwait(false);
        ticket.Exit();
        return done;

        async Task<RunReport> ComputeAsync()
        {
            using var limit = new CancellationTokenSource(Limits.RunTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                var claimed = graph.Function.RunBytes(inputs, options, either.Token);
                ticket.Claim(claimed);
                var counted = options with { Expect = ClaimUpTo };
                var report = await graph.Function.RunWithReportAsync(inputs, counted, either.Token).ConfigureAwait(false);
                graph.Ran(inputs, report);
                Telemetry.Ran(report.RunTime);
                return report;

                // What is given back on the way stays the request's: it may need it again.
                void ClaimUpTo(long bytes)
                {
                    if (bytes > claimed)
                    {
                        ticket.Claim(bytes - claimed);
                        claimed = bytes;
                    }
                }
            }
            catch (FuserException error) when (error is not NodeBusyException)
            {
                graph.Failed();
                throw;
            }
            catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                graph.Failed();
                throw new HostException(ErrorCodes.RunTimeout, $"the run took longer than {Limits.RunTimeout.TotalSeconds:0.#} s. Split the work, end the graph's loops earlier, or raise fuser.limits.run-timeout.", error);
            }
        }
    }

    /// <summary>Takes no new work on, and waits until what was accepted is done.</summary>
    /// <returns>Whether it was done before the token was cancelled.</returns>
    public async Task<bool> DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Gate.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Ends the node's own parts; the runtime belongs to whoever made it.</summary>
    public void Dispose() => Telemetry.Dispose();

    private WorkTicket Counted(Func<WorkTicket> admit)
    {
        try
        {
            return admit();
        }
        catch (NodeBusyException busy)
        {
            Telemetry.Refused(busy.Code);
            throw;
        }
    }

    private async Task<T> WorkAsync<T>(WorkTicket ticket, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        ticket.Enter();
        var arrived = _time.GetTimestamp();
        using (NodeTelemetry.Start("wait"))
        {
            await ticket.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            Telemetry.Waited(_time.GetElapsedTime(arrived));
            return await work().ConfigureAwait(false);
        }
        finally
        {
            ticket.EndTurn();
        }
    }
}
