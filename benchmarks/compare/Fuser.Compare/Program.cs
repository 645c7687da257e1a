using System.Diagnostics;
using System.Globalization;
using Fuser.Actors;
using Fuser.Compare;
using Fuser.Compare.Peers;
using Fuser.Compare.Protocol;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

switch (args)
{
    case ["worker", PeerNames.Fuser]:
        using (var worker = await FuserWorker.StartAsync())
        {
            await worker.WarmUpAsync();
            WorkerHost.Serve(worker, Console.In, Console.Out);
        }

        return 0;
    case ["worker", PeerNames.TensorPrimitives]:
        using (var worker = new TensorPrimitivesWorker())
        {
            WorkerHost.Serve(worker, Console.In, Console.Out);
        }

        return 0;
    case ["cold", var operations]:
        await ColdAsync(int.Parse(operations, CultureInfo.InvariantCulture));
        return 0;
    default:
        return await CompareAsync();
}

// In this process nothing has been compiled yet: not the graph, and not most of the runtime.
static async Task ColdAsync(int operations)
{
    var start = Stopwatch.GetTimestamp();
    await using var fuser = await FuserSystem.StartAsync();
    var function = await fuser.RegisterAsync(GraphText.Parse(Graphs.Chain(operations, 1)));
    await function.RunAsync(new FuserValue[] { new float[16], new float[16] });
    Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString("R", CultureInfo.InvariantCulture));
}

async Task<int> CompareAsync()
{
    if (args is ["--help" or "-h"])
    {
        Console.WriteLine(ComparisonOptions.Usage);
        return 0;
    }

    ComparisonOptions options;
    try
    {
        options = ComparisonOptions.Parse(args);
    }
    catch (FormatException error)
    {
        await Console.Error.WriteLineAsync($"error: {error.Message}\n\n{ComparisonOptions.Usage}");
        return 2;
    }

    using var cancelled = new CancellationTokenSource();
    Console.CancelKeyPress += (_, key) =>
    {
        key.Cancel = true;
        cancelled.Cancel();
    };
    try
    {
        Console.WriteLine($"results are in {await Driver.RunAsync(options, RepositoryRoot(), TimeProvider.System, cancelled.Token)}");
        return 0;
    }
    catch (OperationCanceledException)
    {
        await Console.Error.WriteLineAsync("cancelled; nothing was written");
        return 1;
    }
}

static string RepositoryRoot()
{
    var folder = AppContext.BaseDirectory;
    while (folder is not null && !File.Exists(Path.Combine(folder, "Fuser.sln")))
    {
        folder = Path.GetDirectoryName(folder);
    }

    return folder ?? throw new InvalidOperationException("run this from a checkout: the peers' sources are there");
}
