using Fuser.Host.Outputs;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Outputs;

public sealed class ArrayTextTests
{
    [Fact]
    public void The_first_values_are_shown_in_row_major_order_whatever_the_strides()
    {
        var array = NdArray.From<int>(Enumerable.Range(0, 8).ToArray(), new TensorLayout([4, 2], [1, 4]));
        ArrayText.Type(array).ShouldBe("int32[4, 2]");
        ArrayText.FirstValues(array).ShouldBe("0, 4, 1, 5, 2, 6, ...");
    }

    [Fact]
    public void Numbers_truth_values_and_empty_arrays_have_a_text()
    {
        ArrayText.FirstValues(NdArray.Scalar(2.5)).ShouldBe("2.5");
        ArrayText.Type(NdArray.Scalar(2.5)).ShouldBe("float64[]");
        ArrayText.FirstValues(NdArray.From([true, false])).ShouldBe("True, False");
        ArrayText.FirstValues(NdArray.Allocate(DType.BFloat16, [0, 3])).ShouldBe("");
        ArrayText.FirstValues(NdArray.From([(BFloat16)1.5f])).ShouldBe("1.5");
    }
}
