using Fuser.Host.Cluster;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Cluster;

/// <summary>What may be taken apart along its first axis, and what must not be: a split run has the bits of a whole one.</summary>
public sealed class RowSplitTests
{
    private const string Frame = """
          %i0 : int = prim::Constant[value=0]()
          %i1 : int = prim::Constant[value=1]()
          %in1 : int = prim::Constant[value=-1]()
          %none : NoneType = prim::Constant()
          %false : bool = prim::Constant[value=0]()

        """;

    [Theory]
    [InlineData("%y : Tensor = aten::mul(%x, %w)")]
    [InlineData("%y : Tensor = aten::softmax(%x, %in1, %none)")]
    [InlineData("%d : int[] = prim::ListConstruct(%i1)\n  %s : Tensor = aten::sum(%x, %d, %false, %none)\n  %y : Tensor = aten::exp(%s)")]
    [InlineData("%n : int = aten::size(%x, %i1)\n  %y : Tensor = aten::div(%x, %n)")]
    [InlineData("%y : Tensor = aten::argmax(%x, %i1, %false)")]
    [InlineData("%e : Tensor = aten::exp(%x)\n  %u : Tensor = aten::unsqueeze(%e, %i1)\n  %y : Tensor = aten::relu(%u)")]
    public void Rows_that_need_nothing_of_each_other_are_taken_apart(string body)
    {
        var graph = Parse(body);
        FuserValue[] inputs = [Data(10, 6), Data(6)];
        var split = RowSplit.Of(graph, inputs).ShouldNotBeNull();
        split.Rows.ShouldBe(10);
        split.Sliced.ShouldBe([true, false]);
        split.Allows(4).ShouldBeTrue();
        split.Allows(2).ShouldBeTrue();

        var whole = Run(graph, inputs);
        var parts = new[] { (0L, 4L), (4L, 4L), (8L, 2L) }.Select(part => Run(graph, split.Slice(inputs, part.Item1, part.Item2))).ToList();
        for (var i = 0; i < whole.Length; i++)
        {
            var joined = NdArray.Allocate(whole[i].DType, whole[i].Shape);
            long first = 0;
            foreach (var part in parts)
            {
                ArrayCopy.Copy(part[i], RowSplit.RowsOf(joined, first, part[i].Shape[0]));
                first += part[i].Shape[0];
            }

            joined.ShouldHaveTheBitsOf(whole[i], body);
        }
    }

    [Theory]
    [InlineData("%y : Tensor = aten::softmax(%x, %i0, %none)")]
    [InlineData("%y : Tensor = aten::sum(%x, %none)")]
    [InlineData("%d : int[] = prim::ListConstruct(%i0)\n  %y : Tensor = aten::sum(%x, %d, %false, %none)")]
    [InlineData("%d : int[] = prim::ListConstruct(%i0)\n  %m : Tensor = aten::mean(%x, %d, %false, %none)\n  %y : Tensor = aten::sub(%x, %m, %i1)")]
    [InlineData("%y : Tensor = aten::rand_like(%x, %none, %none, %none, %none, %none)")]
    [InlineData("%y : Tensor = aten::t(%x)")]
    [InlineData("%t : Tensor = aten::t(%x)\n  %z : Tensor = aten::exp(%t)\n  %y : Tensor = aten::relu(%z)")]
    [InlineData("%y : Tensor = aten::cumsum(%x, %i0, %none)")]
    [InlineData("%y : Tensor = aten::neg(%w)")]
    public void Rows_that_need_each_other_are_not(string body)
    {
        var split = RowSplit.Of(Parse(body), (FuserValue[])[Data(10, 6), Data(6)]);
        (split is null || split.Sliced is [false, true]).ShouldBeTrue(); // a vector's elements are its rows
    }

    [Theory]
    [InlineData("%n : int = aten::size(%x, %i0)\n  %y : Tensor = aten::div(%x, %n)")]
    [InlineData("%n : int = aten::size(%x, %i0)\n  %m : int = aten::mul(%n, %n)\n  %y : Tensor = aten::mul(%x, %m)")]
    public void A_number_that_follows_from_the_number_of_rows_forbids_it(string body)
    {
        var graph = Parse(body);
        FuserValue[] inputs = [Data(10, 6), Data(6)];
        (RowSplit.Of(graph, inputs)?.Allows(5) ?? false).ShouldBeFalse();
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_left_to_who_runs_them() =>
        RowSplit.Of(Parse("%y : Tensor = aten::mul(%x, %w)"), (FuserValue[])[Data(10, 6), Data(5)]).ShouldBeNull();

    private static NormalisedGraph Parse(string body) => Normaliser.Normalise(GraphText.Parse($"graph(%x : Tensor, %w : Tensor):\n{Frame}  {body}\n  return (%y)\n"));

    private static NdArray Data(params long[] shape) => NdArray.From([.. Enumerable.Range(0, (int)Shapes.ElementCount(shape)).Select(i => ((i * 37 % 101) * 0.25f) - 9)], shape);

    private static System.Collections.Immutable.ImmutableArray<NdArray> Run(NormalisedGraph graph, FuserValue[] inputs) => KernelCompiler.Compile(graph.Graph, inputs, SimdTarget.Best).Run(inputs, seed: 3);
}
