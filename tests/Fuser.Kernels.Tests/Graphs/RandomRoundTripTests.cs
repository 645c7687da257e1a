using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class RandomRoundTripTests
{
    // The library's own integers grow with the size of the test and stay below a hundred: too few for seeds, too small for bits.
    private static readonly Gen<int> AnyInt = Gen.Choose(int.MinValue, int.MaxValue);

    [Fact]
    public void Reading_what_was_printed_gives_the_same_graph()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(AnyInt.ToArbitrary(), seed =>
            {
                var graph = RandomGraph.Create(seed);
                var text = graph.ToString();
                var again = GraphText.Parse(text);
                again.ShouldBe(graph, text);
                again.GetHashCode().ShouldBe(graph.GetHashCode());
                again.ToString().ShouldBe(text);
            }));

    [Fact]
    public void Doubles_are_printed_exactly()
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(5000),
            Prop.ForAll(AnyInt.Zip(AnyInt, static (high, low) => ((long)high << 32) | (uint)low).ToArbitrary(), bits =>
            {
                var value = BitConverter.Int64BitsToDouble(bits);
                new FloatConstant(FloatText.Parse(Readable(FloatText.Print(value)))).ShouldBe(new FloatConstant(value));
                new FloatConstant(FloatText.Parse(Readable(FloatText.PrintShort(value)))).ShouldBe(new FloatConstant(value));
            }));

    [Theory]
    [InlineData(0.1, "0.10000000000000001")]
    [InlineData(1.0, "1.")]
    [InlineData(-0.0, "-0.")]
    [InlineData(0.0, "0.")]
    [InlineData(1e-08, "1e-08")]
    [InlineData(1e-5, "1.0000000000000001e-05")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.999, "0.999")]
    [InlineData(9999999999, "9999999999.")]
    [InlineData(1e10, "10000000000")]
    [InlineData(12345678901.5, "12345678901.5")]
    [InlineData(1e17, "1e+17")]
    [InlineData(1e16, "10000000000000000")]
    [InlineData(1e100, "1e+100")]
    [InlineData(double.MaxValue, "1.7976931348623157e+308")]
    [InlineData(double.Epsilon, "4.9406564584124654e-324")]
    [InlineData(double.NegativeInfinity, "-inf")]
    [InlineData(double.NaN, "nan")]
    public void Doubles_look_as_in_PyTorch(double value, string text) => FloatText.Print(value).ShouldBe(text);

    private static string Readable(string text) => text switch { "inf" => "Infinity", "-inf" => "-Infinity", "nan" => "NaN", _ => text };
}
