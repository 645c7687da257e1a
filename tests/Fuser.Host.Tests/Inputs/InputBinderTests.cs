using Fuser.Host.Inputs;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Inputs;

public sealed class InputBinderTests
{
    private static readonly NdArray SomeArray = NdArray.Scalar(1f);

    [Fact]
    public void Values_go_to_inputs_in_order()
    {
        var values = Bind("%x : Tensor, %f : float, %i : int, %b : bool", "x.npy", "2.5", "-3", "true");
        values[0].Array.ShouldBeSameAs(SomeArray);
        values[1].ShouldBe((FuserValue)2.5);
        values[2].ShouldBe((FuserValue)(-3));
        values[3].ShouldBe((FuserValue)true);
    }

    [Fact]
    public void An_integer_given_for_a_float_becomes_a_float() => Bind("%f : float", "3")[0].ShouldBe((FuserValue)3.0);

    [Fact]
    public void An_optional_input_takes_what_its_element_takes() => Bind("%f : float?", "3.5")[0].ShouldBe((FuserValue)3.5);

    [Theory]
    [InlineData("1", "integer")]
    [InlineData("1.5", "float")]
    [InlineData("false", "truth value")]
    public void A_scalar_input_takes_any_number(string text, string because) => Should.NotThrow(() => Bind("%s : Scalar", text), because);

    [Theory]
    [InlineData("%x : Tensor", "2.5", "input 0 (%x : Tensor) wants an array", "the float 2.5")]
    [InlineData("%x : Float(3, 4, device=cpu)", "3", "input 0 (%x : Tensor) wants an array", "the integer 3")]
    [InlineData("%f : float", "x.npy", "input 0 (%f : float) wants a number", "'x.npy', which is no number")]
    [InlineData("%f : float", "true", "wants a number", "the truth value true")]
    [InlineData("%i : int", "2.5", "input 0 (%i : int) wants an integer", "the float 2.5")]
    [InlineData("%b : bool", "1", "wants true or false", "the integer 1")]
    [InlineData("%l : Tensor[]", "x.npy", "cannot be given on the command line", "x.npy")]
    public void A_value_of_the_wrong_kind_is_refused_by_the_name_of_its_input(string input, string text, string wanted, string got)
    {
        var error = Should.Throw<InputException>(() => Bind(input, text));
        error.Code.ShouldBe(ErrorCodes.InputKind);
        error.Message.ShouldContain(wanted);
        error.Message.ShouldContain(got);
    }

    [Theory]
    [InlineData()]
    [InlineData("a.npy", "b.npy", "c.npy")]
    public void A_wrong_count_is_refused_with_what_the_graph_wants(params string[] texts)
    {
        var error = Should.Throw<InputException>(() => Bind("%x : Tensor, %f : float", texts));
        error.Code.ShouldBe(ErrorCodes.InputCount);
        error.Message.ShouldContain("(%x : Tensor, %f : float)");
        error.Message.ShouldContain($"got {texts.Length}");
    }

    [Fact]
    public void No_file_is_opened_before_every_kind_fits()
    {
        var graph = GraphText.Parse("graph(%x : Tensor, %f : float):\n  return (%x)\n");
        Should.Throw<InputException>(() => InputBinder.Bind(graph, ["x.npy", "y.npy"], _ => throw new InvalidOperationException("opened")));
    }

    private static FuserValue[] Bind(string inputs, params string[] texts)
    {
        var first = inputs.Split(' ')[0];
        return InputBinder.Bind(GraphText.Parse($"graph({inputs}):\n  return ({first})\n"), texts, _ => SomeArray);
    }
}
