using Fuser.Compare.Workloads;

namespace Fuser.Compare.Tests.Workloads;

/// <summary>The expected values are what the Python workers make.</summary>
public sealed class InputValuesTests
{
    [Theory]
    [InlineData("f32", -2, 4, new[] { -1.9223132133483887, -0.941089391708374, 1.0277526378631592, -1.8159434795379639, 1.7253601551055908 })]
    [InlineData("f16", -2, 4, new[] { -1.923828125, -0.94140625, 1.02734375, -1.81640625, 1.724609375 })]
    [InlineData("u8", 0, 256, new[] { 4.0, 67, 193, 11, 238 })]
    [InlineData("f64", 10, 32, new[] { 10.62149429321289, 18.471284866333008, 34.22202110290527, 11.472452163696289, 39.80288124084473 })]
    public void Every_language_makes_the_same_elements(string type, double low, double width, double[] expected)
    {
        var array = new ArraySpec(ArrayKind.Input, Enum.Parse<ElementType>(type, ignoreCase: true), [expected.Length], low, width);
        Enumerable.Range(0, expected.Length).Select(i => InputValues.At(array, 1, i)).ShouldBe(expected);
    }

    [Fact]
    public unsafe void A_filled_array_holds_the_elements()
    {
        var array = new ArraySpec(ArrayKind.Input, ElementType.F32, [70_000], -2, 4);
        var memory = new float[70_000];
        fixed (float* address = memory)
        {
            InputValues.Fill(array, 3, (byte*)address);
        }

        foreach (var i in new[] { 0, 1, 65_535, 65_536, 69_999 })
        {
            memory[i].ShouldBe((float)InputValues.At(array, 3, i));
        }

        memory.Min().ShouldBeInRange(-2, -1.99f);
        memory.Max().ShouldBeInRange(1.99f, 2);
    }
}
