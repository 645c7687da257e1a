using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.ControlFlow;

/// <summary>Branches and loops give what Python would.</summary>
public sealed class ControlFlowTests
{
    [Theory]
    [InlineData(0, new[] { 1f, 2f })]
    [InlineData(1, new[] { 2f, 4f })]
    [InlineData(10, new[] { 1024f, 2048f })]
    public void A_loop_whose_trips_are_an_input_doubles_as_often(long trips, float[] expected)
    {
        var text = """
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %two : float = prim::Constant[value=2.]()
              %y : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %a : Tensor):
                  %b : Tensor = aten::mul(%a, %two)
                  -> (%true, %b)
              return (%y)
            """;
        Run(text, NdArray.From([1f, 2f]), trips).ToArray<float>().ShouldBe(expected);
    }

    [Theory]
    [InlineData(true, new[] { 2f, 3f })]
    [InlineData(false, new[] { 1f, 4f })]
    public void A_branch_on_an_input_runs_one_side(bool condition, float[] expected)
    {
        var text = """
            graph(%x : Tensor, %c : bool):
              %one : int = prim::Constant[value=1]()
              %y : Tensor = prim::If(%c)
                block0():
                  %a : Tensor = aten::add(%x, %one, %one)
                  -> (%a)
                block1():
                  %b : Tensor = aten::mul(%x, %x)
                  -> (%b)
              return (%y)
            """;
        Run(text, NdArray.From([1f, 2f]), condition).ToArray<float>().ShouldBe(expected);
    }

    private static NdArray Run(string text, params FuserValue[] inputs)
    {
        GraphProgram.Of(Normaliser.Normalise(GraphText.Parse(text))).ShouldNotBeNull();
        return Programs.Run(text, inputs)[0];
    }
}
