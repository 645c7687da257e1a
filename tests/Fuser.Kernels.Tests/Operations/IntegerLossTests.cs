using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>Losses of integers: the loss of an element wraps in its dtype, sums are int64 whether they stay in a kernel or go through memory.</summary>
public sealed class IntegerLossTests
{
    /// <summary>Every (a - b)^2 is a number of int16, their sum is not.</summary>
    private static readonly (NdArray A, NdArray B) Short = (NdArray.From(Enumerable.Repeat((short)181, 9).ToArray()), NdArray.From(Enumerable.Range(0, 9).Select(i => (short)i).ToArray()));

    [Fact]
    public void A_mean_is_the_sum_in_int64_over_the_number_of_elements()
    {
        var exact = Enumerable.Range(0, 9).Select(i => (181.0 - i) * (181 - i)).Average();
        Programs.Run(Programs.Text("a b", "%y = aten::mse_loss(%a, %b, %i1)", "y"), Short.A, Short.B)[0].ToArray<float>().ShouldBe([(float)exact]);
    }

    [Fact]
    public void A_sum_is_int64_as_eager_PyTorchs()
    {
        Programs.Run(Programs.Text("a b", "%y = aten::l1_loss(%a, %b, %i2)", "y"), Short.A, Short.B)[0].ToArray<long>().ShouldBe([(9 * 181) - 36]);
        Programs.Run(Programs.Text("a b", "%y = aten::l1_loss(%a, %b, %i2)", "y"), NdArray.From(new byte[] { 120, 3, 100, 7 }), NdArray.From(new byte[] { 0, 100, 2, 120 }))[0].ToArray<long>().ShouldBe([520]);
    }
}
