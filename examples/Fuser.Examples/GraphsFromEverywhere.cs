using Fuser.Actors;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Examples;

/// <summary>One function, x * sigmoid(1.702 x), written in three ways. They share one kernel, because their graphs mean the same.</summary>
internal static class GraphsFromEverywhere
{
    public static async Task RunAsync()
    {
        await using var fuser = await FuserSystem.StartAsync();

        // As PyTorch prints it.
        var text = GraphText.Parse("""
            graph(%input.1 : Tensor):
              %1 : float = prim::Constant[value=1.702]()
              %2 : Tensor = aten::mul(%input.1, %1)
              %3 : Tensor = aten::sigmoid(%2)
              %4 : Tensor = aten::mul(%input.1, %3)
              return (%4)
            """);

        // As a lambda over tensors.
        var lambda = GraphExpression.From(x => x * (x * 1.702).Sigmoid());

        // Step by step, for programs that make graphs.
        var builder = new GraphBuilder();
        var input = builder.Input("x");
        builder.Output(input * (input * 1.702).Sigmoid());

        var values = NdArray.From([-2f, -1f, 0f, 1f, 2f, 3f], 2, 3);
        foreach (var graph in new[] { text, lambda, builder.Build() })
        {
            var function = await fuser.RegisterAsync(graph);
            var report = await function.RunWithReportAsync(new FuserValue[] { values });
            Console.WriteLine($"{function.Key}: {report.Outputs[0].AsSpan<float>()[5]}, {(report.Kernels[0].Cached ? "kernel was there" : "compiled")}");
        }
    }
}
