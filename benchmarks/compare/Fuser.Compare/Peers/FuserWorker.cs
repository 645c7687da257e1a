using System.Collections.Immutable;
using System.Diagnostics;
using Fuser.Actors;
using Fuser.Compare.Measuring;
using Fuser.Compare.Protocol;
using Fuser.Compare.Workloads;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Compare.Peers;

/// <summary>This runtime, and the bare loop over the same arrays in the same process.</summary>
internal sealed class FuserWorker : IWorker, IDisposable
{
    /// <summary>.NET compiles hot code a second time after about a tenth of a second.</summary>
    private const double WarmUpSeconds = 0.7;
    private const int WarmUpSize = 100_000;

    private readonly FuserSystem _fuser;
    private readonly Dictionary<int, Action> _calls = [];
    private PeerArrays? _arrays;
    private BareLoopSubject? _limit;
    private string _workload = "";
    private FusedFunction? _function;
    private FuserValue[] _inputs = [];
    private NdArray[] _outputs = [];

    private FuserWorker(FuserSystem fuser) => _fuser = fuser;

    public static async Task<FuserWorker> StartAsync() => new(await FuserSystem.StartAsync());

    /// <summary>Brings the runtime's own code to its final form, before anything is measured.</summary>
    public async Task WarmUpAsync()
    {
        var function = await _fuser.RegisterAsync(GraphText.Parse(Graphs.Chain(5, 0)));
        FuserValue[] inputs = [new float[WarmUpSize], new float[WarmUpSize]];
        NdArray[] outputs = [NdArray.From(new float[WarmUpSize])];
        await function.RunAsync(inputs, outputs);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds; i++)
        {
            await function.RunAsync(inputs, outputs, Threads(1 + (i % Environment.ProcessorCount)));
        }
    }

    public IEnumerable<string> Hello() => [$"Fuser={typeof(FuserSystem).Assembly.GetName().Version!.ToString(3)}", $".NET={Environment.Version}"];

    public void Prepare(string workload, IReadOnlyList<string> arrays)
    {
        Release();
        _workload = workload;
        _arrays = new PeerArrays(arrays);
        _limit = new BareLoopSubject(_arrays);
        _inputs = [.. _arrays.Inputs.Select(i => (FuserValue)ArrayOf(_arrays, i))];
        _outputs = [.. _arrays.Outputs.Select(i => ArrayOf(_arrays, i))];
    }

    public string Check(string subject, int threads, long stride, string path)
    {
        if (subject == PeerNames.Limit)
        {
            return _limit!.Describe(threads);
        }

        try
        {
            _function ??= Sync(_fuser.RegisterAsync(GraphText.Parse(Graphs.Read(_workload))));
            _arrays!.Poison();
            Sync(_function.RunAsync(_inputs, _outputs, Threads(threads)));
            _arrays.WriteOutputs(path, stride);
            return Describe(Sync(_function.ExplainAsync(_inputs)));
        }
        catch (FuserException error)
        {
            throw new RefusedException($"{error.Code}: {error.Message}");
        }
    }

    public (double Nanoseconds, long Calls) Time(string subject, int threads, double milliseconds) =>
        Clock.Measure(subject == PeerNames.Limit ? _limit!.Call(threads) : Call(threads), milliseconds / 1000);

    public double Cold(int operations, int number)
    {
        FuserValue[] inputs = [new float[16], new float[16]];
        var start = Stopwatch.GetTimestamp();
        var function = Sync(_fuser.RegisterAsync(GraphText.Parse(Graphs.Chain(operations, number))));
        Sync(function.RunAsync(inputs));
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public IEnumerable<string> Figures(IReadOnlyList<string> arguments) => RuntimeFigures.Of(_fuser, arguments);

    public void Release()
    {
        _limit?.Dispose();
        _arrays?.Dispose();
        (_limit, _arrays, _function) = (null, null, null);
        _calls.Clear();
    }

    public void Dispose()
    {
        Release();
        Sync(_fuser.DisposeAsync());
    }

    private static RunOptions Threads(int threads) => new() { Threads = threads };

    private static string Describe(Explanation explanation) =>
        string.Join("; ", explanation.NotFused.Select(step => $"{step.Where}: {step.Reason}").Prepend(explanation.Groups.Length == 1 ? "1 kernel" : $"{explanation.Groups.Length} kernels"));

    private static NdArray ArrayOf(PeerArrays arrays, int index)
    {
        var spec = arrays.Specs[index];
        return spec.Type switch
        {
            ElementType.U8 => Of<byte>(),
            ElementType.F16 => Of<Half>(),
            ElementType.F32 => Of<float>(),
            _ => Of<double>(),
        };

        NdArray Of<T>()
            where T : unmanaged
        {
            // The sum of everything has no axes in the graph's eyes; other peers want somewhere to put it.
            ImmutableArray<long> shape = spec is { Kind: ArrayKind.Output, Count: 1 } ? [] : [.. spec.Shape];
            var layout = TensorLayout.Contiguous(shape);
            var seen = spec.Kind == ArrayKind.Transposed ? new TensorLayout([.. shape.Reverse()], [.. layout.Strides.Reverse()]) : layout;
            return NdArray.From(new TypedView<T>(arrays.Memories[index], checked((int)spec.Count)).Memory, seen);
        }
    }

    private Action Call(int threads)
    {
        if (!_calls.TryGetValue(threads, out var call))
        {
            var (function, inputs, outputs, options) = (_function!, _inputs, _outputs, Threads(threads));
            _calls.Add(threads, call = () => Sync(function.RunAsync(inputs, outputs, options)));
        }

        return call;
    }

    /// <summary>Warm runs complete before they return; the wait is for the first.</summary>
    private static void Sync(ValueTask task)
    {
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
        }
        else
        {
            task.AsTask().GetAwaiter().GetResult();
        }
    }

    private static T Sync<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
