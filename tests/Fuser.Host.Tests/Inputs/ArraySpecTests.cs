using Fuser.Host.Inputs;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Inputs;

public sealed class ArraySpecTests
{
    [Theory]
    [InlineData("f32[20000000]", DType.Float32, new long[] { 20_000_000 })]
    [InlineData("f64[1000,1000]", DType.Float64, new long[] { 1000, 1000 })]
    [InlineData("f16[2, 3, 4]", DType.Float16, new long[] { 2, 3, 4 })]
    [InlineData("bf16[0]", DType.BFloat16, new long[] { 0 })]
    [InlineData("i64[]", DType.Int64, new long[0])]
    [InlineData("bool[7]", DType.Bool, new long[] { 7 })]
    [InlineData("u8[1]", DType.UInt8, new long[] { 1 })]
    [InlineData("i8[1]", DType.Int8, new long[] { 1 })]
    [InlineData("i16[1]", DType.Int16, new long[] { 1 })]
    [InlineData("i32[1]", DType.Int32, new long[] { 1 })]
    public void Specs_are_read(string text, DType dtype, long[] shape)
    {
        ArraySpec.TryParse(text, out var spec).ShouldBeTrue();
        spec!.DType.ShouldBe(dtype);
        spec.Shape.ShouldBe(shape);
    }

    [Theory]
    [InlineData("x.npy")]
    [InlineData("dir[1]/x.npy")]
    [InlineData("dir/f32[1]")]
    [InlineData("[1]")]
    public void File_names_are_no_specs(string text) => ArraySpec.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("f33[1]", ErrorCodes.InputDType)]
    [InlineData("f32[-1]", ErrorCodes.InvalidShape)]
    [InlineData("f32[1,]", ErrorCodes.InvalidShape)]
    [InlineData("f32[x]", ErrorCodes.InvalidShape)]
    [InlineData("f32[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", ErrorCodes.InvalidShape)]
    [InlineData("f32[3000000000]", ErrorCodes.SizeLimit)]
    [InlineData("f64[4294967296,4294967296]", ErrorCodes.SizeLimit)]
    [InlineData("f32[99999999999999999999]", ErrorCodes.InvalidShape)]
    public void Impossible_specs_are_refused_before_memory_is_taken(string text, string code) =>
        Should.Throw<InputException>(() => ArraySpec.TryParse(text, out _)).Code.ShouldBe(code);
}
