using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>A warm run into the caller's arrays allocates nothing at all.</summary>
public sealed class AllocationTests
{
    private const int Runs = 10_000;

    /// <summary>More than a thread keeps for temporaries.</summary>
    private const int ManyElements = 20_000;

    public static TheoryData<string> Cases =>
    [
        "one kernel", "a number", "two kernels", "in place", "number arithmetic", "a chain through memory", "a reduction", "a routine", "large temporaries",
        "over an input", "columns",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_warm_run_allocates_nothing(string name)
    {
        var (graph, inputs, outputs) = Case(name);
        var runs = outputs[0].ElementCount == ManyElements ? Runs / 20 : Runs;
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(graph);
        await function.WarmUpAsync(inputs);

        // The best of a few: the runtime itself allocates a little now and then while it optimises these methods.
        var rounds = Enumerable.Range(0, 5).Select(_ => Measure()).ToList();
        rounds.ShouldAllBe(round => round.AllDone);
        rounds.Min(round => round.Bytes).ShouldBe(0, $"got {string.Join(", ", rounds.Select(round => round.Bytes))} bytes in {2 * runs} runs");

        (bool AllDone, long Bytes) Measure()
        {
            var allDone = Run();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < runs; i++)
            {
                allDone &= Run();
            }

            return (allDone, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        bool Run()
        {
            var done = function.RunAsync(inputs, outputs);
            return done.IsCompletedSuccessfully & function.TryRun(inputs, outputs);
        }
    }

    private static (Graph Graph, FuserValue[] Inputs, NdArray[] Outputs) Case(string name)
    {
        NdArray x = NdArray.From(Graphs.Data), y = NdArray.From((float[])[1, 2, 3]);
        return name switch
        {
            "one kernel" => (Graphs.Scale(1), [x], Graphs.Room()),
            "a number" => (Graphs.ScalarTimes(), [x, 2.5, x], Graphs.Room()),
            "two kernels" => (Graphs.TwoGroups(), [x, y], [Graphs.Room()[0], Graphs.Room(3)[0]]),
            "in place" => (Graphs.Scale(0), [x], [x]),
            "number arithmetic" => (GraphText.Parse("""
                graph(%x : Tensor, %s : float, %t : float):
                  %u : float = aten::mul(%s, %t)
                  %z : Tensor = aten::mul(%x, %u)
                  return (%z)
                """), [x, 2.5, 3.0], Graphs.Room()),
            "a reduction" => (GraphText.Parse("""
                graph(%x : Tensor):
                  %axis : int = prim::Constant[value=0]()
                  %none : NoneType = prim::Constant()
                  %z : Tensor = aten::softmax(%x, %axis, %none)
                  return (%z)
                """), [x], Graphs.Room()),
            "a routine" => (RunningSums(), [x], Graphs.Room()),
            "large temporaries" => (RunningSums(), [NdArray.From(new float[ManyElements])], Graphs.Room(ManyElements)),
            "over an input" => (RunningSums(), [x], [x]),
            "columns" => (Graphs.Scale(0), [NdArray.From(Graphs.Data, 4, 4)], [NdArray.From(new float[16].AsMemory(), new TensorLayout([4, 4], [1, 4]))]),
            _ => (GraphText.Parse("""
                graph(%x : Tensor):
                  %c : Tensor = aten::neg(%x)
                  %shape : int[] = prim::Constant[value=[4, 4]]()
                  %v : Tensor = aten::reshape(%c, %shape)
                  %t : Tensor = aten::t(%v)
                  %flat : int[] = prim::Constant[value=[16]]()
                  %w : Tensor = aten::reshape(%t, %flat)
                  %z : Tensor = aten::exp(%w)
                  return (%z)
                """), [x], Graphs.Room()),
        };
    }

    /// <summary>Three steps, with a temporary between each two.</summary>
    private static Graph RunningSums() => GraphText.Parse("""
        graph(%x : Tensor):
          %axis : int = prim::Constant[value=0]()
          %none : NoneType = prim::Constant()
          %a : Tensor = aten::cumsum(%x, %axis, %none)
          %b : Tensor = aten::cumsum(%a, %axis, %none)
          %z : Tensor = aten::neg(%b)
          return (%z)
        """);
}
