using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>Forms that traced rather than scripted graphs have: constant tensors, numbers as tensors, tensors like others.</summary>
public sealed class TracedGraphTests
{
    [Theory]
    [InlineData("Double(requires_grad=0, device=cpu)", "{2.5}", DType.Float32, 3.75)]
    [InlineData("Long(requires_grad=0, device=cpu)", "{3}", DType.Float32, 4.5)]
    public void A_constant_tensor_has_no_dimensions_and_does_not_widen_the_result(string type, string literal, DType expected, double product)
    {
        var result = Run($"graph(%x : Tensor):\n  %c : {type} = prim::Constant[value={literal}]()\n  %y : Tensor = aten::mul(%x, %c)\n  return (%y)\n", NdArray.From([1.5f]));
        result.DType.ShouldBe(expected);
        result.ToArray<float>().ShouldBe([(float)product]);
    }

    [Fact]
    public void A_double_constant_tensor_decides_among_integers()
    {
        var result = Run("graph(%x : Tensor):\n  %c : Double() = prim::Constant[value={0.5}]()\n  %y : Tensor = aten::mul(%x, %c)\n  return (%y)\n", NdArray.From([3]));
        result.DType.ShouldBe(DType.Float64);
        result.ToArray<double>().ShouldBe([1.5]);
    }

    [Fact]
    public void A_number_of_the_call_becomes_a_tensor_without_dimensions()
    {
        var result = Run("graph(%x : Tensor, %s : float):\n  %t : Tensor = prim::NumToTensor(%s)\n  %y : Tensor = aten::add(%x, %t)\n  return (%y)\n", NdArray.From([1f, 2f]), 0.25);
        result.DType.ShouldBe(DType.Float32);
        result.ToArray<float>().ShouldBe([1.25f, 2.25f]);
    }

    [Fact]
    public void Tensors_like_others_take_their_shape_and_type()
    {
        var result = Run(
            "graph(%x : Tensor):\n  %n : NoneType = prim::Constant()\n  %z : Tensor = aten::zeros_like(%x, %n, %n, %n, %n, %n)\n  %m : Tensor = aten::gt(%x, %z)\n  %y : Tensor = aten::where(%m, %x, %z)\n  return (%y)\n",
            NdArray.From([-1f, 2f]));
        result.ToArray<float>().ShouldBe([0f, 2f]);
    }

    [Fact]
    public void Split_takes_one_size_or_a_list_of_sizes()
    {
        var result = Run(
            "graph(%x : Tensor):\n  %1 : int = prim::Constant[value=1]()\n  %2 : int = prim::Constant[value=2]()\n  %0 : int = prim::Constant[value=0]()\n  %s : int[] = prim::ListConstruct(%1, %2)\n  %l : Tensor[] = aten::split(%x, %s, %0)\n  %a : Tensor, %b : Tensor = prim::ListUnpack(%l)\n  %y : Tensor = aten::mul(%a, %b)\n  return (%y)\n",
            NdArray.From([2f, 3f, 4f]));
        result.ToArray<float>().ShouldBe([6f, 8f]);
    }

    [Fact]
    public void A_flipped_sum_is_the_sum_of_the_flipped()
    {
        var result = Run(
            "graph(%x : Tensor, %y : Tensor):\n  %0 : int = prim::Constant[value=0]()\n  %d : int[] = prim::ListConstruct(%0)\n  %s : Tensor = aten::add(%x, %y)\n  %f : Tensor = aten::flip(%s, %d)\n  return (%f)\n",
            NdArray.From([1f, 2f, 3f]), NdArray.From([10f, 20f, 30f]));
        result.ToArray<float>().ShouldBe([33f, 22f, 11f]);
    }

    private static NdArray Run(string text, params FuserValue[] inputs)
    {
        var graph = GraphText.Parse(text);
        var fused = KernelCompiler.Compile(graph, inputs, InterpreterTarget.Instance);
        var unfused = KernelCompiler.Compile(graph, inputs, InterpreterTarget.Instance, FusionMode.Unfused);
        var result = fused.Run(inputs)[0];
        unfused.Run(inputs)[0].DType.ShouldBe(result.DType);
        return result;
    }
}
