using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices;

/// <summary>From one thread to 64 the bits are the same, over arrays that are large enough to be shared, however they are walked.</summary>
public sealed class ThreadCountTests
{
    private const string Norm = "%e : float = prim::Constant[value=1e-5](); %n : int = aten::size(%x, %in1); %s : int[] = prim::ListConstruct(%n); %y = aten::layer_norm(%x, %s, %none, %none, %e, %false)";

    [Theory]
    [InlineData("a long array", "%a = aten::tanh(%x); %y = aten::exp(%a)", 1, 300_007)]
    [InlineData("rows with something of their own", "%m = aten::sum(%x, %d1, %true, %none); %t = aten::tanh(%x); %y = aten::mul(%t, %m)", 5003, 61)]
    [InlineData("rows beside one row for all", "%t = aten::t(%x); %c = aten::contiguous(%t, %none); %e = aten::erf(%c); %y = aten::add(%e, %i1, %i1)", 1511, 203)]
    [InlineData("many rows", "%y = aten::softmax(%x, %in1, %none)", 4001, 130)]
    [InlineData("a few long rows", "%y = aten::softmax(%x, %in1, %none)", 3, 200_003)]
    [InlineData("rows normalised", Norm, 2003, 257)]
    [InlineData("columns", "%y = aten::sum(%x, %d0, %false, %none)", 2047, 1001)]
    [InlineData("columns, computed before and after", "%e = aten::exp(%x); %s = aten::sum(%e, %d0, %true, %none); %y = aten::div(%e, %s)", 911, 333)]
    [InlineData("everything", "%e = aten::sin(%x); %y = aten::sum(%e, %none)", 1999, 503)]
    public void From_one_thread_to_64_the_bits_are_the_same(string what, string body, long rows, long columns)
    {
        var text = Programs.Text("x", $"%d0 : int[] = prim::ListConstruct(%i0); %d1 : int[] = prim::ListConstruct(%i1); {body}", "y");
        FuserValue[] inputs = [NdArray.From([.. Enumerable.Range(0, (int)(rows * columns)).Select(i => ((i * 2654435761L % 1009) * 0.01f) - 5)], rows, columns)];
        var compiled = KernelCompiler.Compile(GraphText.Parse(text), inputs, SimdTarget.Best);
        var wanted = compiled.Run(inputs);
        foreach (var threads in new[] { 2, 3, 7, 64 })
        {
            // Who does what is left to chance.
            for (var turn = 0; turn < 3; turn++)
            {
                Properties.Bits.ShouldBeSame(compiled.Run(inputs, threads: threads), wanted, $"{what}, {threads} threads");
            }
        }
    }
}
