namespace Fuser.Kernels.Devices.Cuda;

/// <summary>
/// Starts the kernels of a plan with one call, once the plan has come with the same parameters twice: a loop over the same buffers does, and then pays for one
/// start instead of many. Building a graph costs more than starting the kernels, so what comes once is started as it is.
/// </summary>
internal sealed unsafe class CudaGraphs(CudaSession session, nint stream) : IDisposable
{
    private const int MostGraphs = 16;

    private readonly LinkedList<(List<CudaLaunch> Plan, nint Executable)> _graphs = [];
    private readonly Queue<List<CudaLaunch>> _seen = [];

    public void Start(List<CudaLaunch> plan)
    {
        for (var node = _graphs.First; node is not null; node = node.Next)
        {
            if (Matches(node.Value.Plan, plan))
            {
                _graphs.Remove(node);
                _graphs.AddFirst(node);
                session.Check(session.Api.GraphLaunch(node.Value.Executable, stream), "cuGraphLaunch");
                return;
            }
        }

        if (_seen.Any(known => Matches(known, plan)) && Build(plan) is var executable and not 0)
        {
            _graphs.AddFirst((plan, executable));
            if (_graphs.Count > MostGraphs)
            {
                _ = session.Api.GraphExecDestroy(_graphs.Last!.Value.Executable);
                _graphs.RemoveLast();
            }

            session.Check(session.Api.GraphLaunch(executable, stream), "cuGraphLaunch");
            return;
        }

        _seen.Enqueue(plan);
        if (_seen.Count > MostGraphs)
        {
            _seen.Dequeue();
        }

        plan.ForEach(launch => launch.Start(session, stream));
    }

    public void Dispose()
    {
        foreach (var (_, executable) in _graphs)
        {
            _ = session.Api.GraphExecDestroy(executable);
        }

        _graphs.Clear();
    }

    private static bool Matches(List<CudaLaunch> known, List<CudaLaunch> plan)
    {
        if (known.Count != plan.Count)
        {
            return false;
        }

        for (var i = 0; i < plan.Count; i++)
        {
            if (!known[i].Matches(plan[i]))
            {
                return false;
            }
        }

        return true;
    }

    private nint Build(List<CudaLaunch> plan)
    {
        var api = session.Api;
        nint graph, executable;
        session.Check(api.StreamBeginCapture(stream, CudaCodes.CaptureOfThread), "cuStreamBeginCapture");
        try
        {
            plan.ForEach(launch => launch.Start(session, stream));
        }
        catch (LaunchException)
        {
            _ = api.StreamEndCapture(stream, &graph); // the stream must not stay in capture
            throw;
        }

        session.Check(api.StreamEndCapture(stream, &graph), "cuStreamEndCapture");
        var result = api.GraphInstantiate(&executable, graph, 0);
        _ = api.GraphDestroy(graph);
        if (CudaCodes.IsLost(result))
        {
            session.Check(result, "cuGraphInstantiate");
        }

        return result == CudaCodes.Success ? executable : 0; // without a graph the kernels are started one by one
    }
}
