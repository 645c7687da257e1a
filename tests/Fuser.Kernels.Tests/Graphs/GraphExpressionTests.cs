using System.Linq.Expressions;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class GraphExpressionTests
{
    [Fact]
    public void A_lambda_over_tensors_is_the_graph_its_builder_calls_make()
    {
        var scale = 0.5;

        var graph = GraphExpression.From((x, y) => (x.Tanh() * y * scale) + 1);

        var g = new GraphBuilder();
        var (a, b) = (g.Input("x"), g.Input("y"));
        g.Output((a.Tanh() * b * 0.5) + 1);
        graph.ShouldBe(g.Build());
    }

    [Fact]
    public void Lambdas_have_one_to_eight_tensors_and_several_results()
    {
        GraphExpression.From(a => a.Exp()).Inputs.Length.ShouldBe(1);
        GraphExpression.From((a, b, c) => a + b + c).Inputs.Select(v => v.Name).ShouldBe(["a", "b", "c"]);
        GraphExpression.From((a, b, c, d, e, f, g, h) => a + b + c + d + e + f + g + h).Inputs.Length.ShouldBe(8);
        GraphExpression.From(x => ValueTuple.Create(x.Exp(), x.Log(), x)).Nodes[^1].Inputs.Length.ShouldBe(3);
        GraphExpression.From(x => x.Chunk(4, 0)).Nodes[^1].Inputs.Length.ShouldBe(4);
        GraphExpression.From((x, y) => new[] { x, y }).Nodes[^1].Kind.ShouldBe("prim::TupleConstruct");
        GraphExpression.From((GraphTensor x, GraphScalar s) => x * s).Inputs[1].Type.ShouldBe(GraphType.Float);
        GraphExpression.From((x, _) => Twice(x)).Inputs.Select(v => v.Name).ShouldBe(["x", "_"]);
    }

    [Fact]
    public void A_lambda_over_numbers_is_applied_to_every_element()
    {
        var rate = 0.05f;

        var graph = GraphExpression.From((float s, float k, float t) => MathF.Max(s - (k * MathF.Exp(-rate * t)), 0f));

        graph.ToString().ShouldBe("""
            graph(%s : Tensor,
                  %k : Tensor,
                  %t : Tensor):
              %0 : float = prim::Constant[value=-0.05000000074505806]()
              %4 : int = prim::Constant[value=1]()
              %6 : float = prim::Constant[value=0.]()
              %7 : NoneType = prim::Constant()
              %1 : Tensor = aten::mul(%t, %0)
              %2 : Tensor = aten::exp(%1)
              %3 : Tensor = aten::mul(%k, %2)
              %5 : Tensor = aten::sub(%s, %3, %4)
              %8 : Tensor = aten::clamp(%5, %6, %7)
              return (%8)

            """.ReplaceLineEndings("\n"));
    }

    public static TheoryData<string, LambdaExpression> Bodies => new()
    {
        { "neg(x)", (float x) => -x },
        { "x", (float x) => +x },
        { "add(x, 1., 1)", (float x) => 1f + x },
        { "sub(x, 1., 1)", (float x) => x - 1f },
        { "add(neg(x), 1., 1)", (float x) => 1f - x },
        { "div(x, 3.)", (float x) => x / 3f },
        { "reciprocal(x)", (double x) => 1 / x },
        { "div(where(eq(x, x), 3., x), x)", (float x) => 3f / x },
        { "div(x, 3, \"trunc\")", (int x) => x / 3 },
        { "fmod(x, y)", (int x, int y) => x % y },
        { "fmod(where(eq(x, x), 7, x), x)", (long x) => 7L % x },
        { "mul(to(x, 7, False, False, None), 0.10000000000000001)", (float x) => x * 0.1 },
        { "to(div(x, 2, \"trunc\"), 6, False, False, None)", (int x) => (float)(x / 2) },
        { "add(to(x, 3, False, False, None), to(y, 3, False, False, None), 1)", (byte x, short y) => x + y },
        { "where(lt(x, y), x, y)", (float x, float y) => x < y ? x : y },
        { "where(gt(x, 0.), x, 0.)", (float x) => 0f < x ? x : 0f },
        { "where(ge(x, 0.), 1., -1.)", (float x) => x >= 0f ? 1f : -1f },
        { "where(ge(x, 0.), where(ge(x, 0.), 0.10000000000000001, to(ge(x, 0.), 7, False, False, None)), 0.20000000000000001)", (double x) => x >= 0 ? 0.1 : 0.2 },
        { "logical_and(gt(x, 0.), logical_not(isnan(y)))", (float x, float y) => x > 0 && !float.IsNaN(y) },
        { "logical_or(ne(x, 0.), le(y, 1.))", (float x, float y) => x != 0 || y <= 1 },
        { "bitwise_xor(bitwise_and(x, 15), bitwise_or(y, bitwise_not(x)))", (int x, int y) => (x & 15) ^ (y | ~x) },
        { "bitwise_right_shift(bitwise_left_shift(x, 3), 1)", (int x) => x << 35 >> 1 },
        { "pow(x, 3.)", (float x) => MathF.Pow(x, 3f) },
        { "pow(2., x)", (double x) => Math.Pow(2.0, x) },
        { "atan2(where(eq(x, x), 1., x), x)", (float x) => MathF.Atan2(1f, x) },
        { "clamp(x, -1., 1.)", (float x) => Math.Clamp(x, -1f, 1f) },
        { "minimum(clamp(x, 0., None), y)", (float x, float y) => Math.Clamp(x, 0f, y) },
        { "maximum(x, y)", (float x, float y) => MathF.Max(x, y) },
        { "clamp(x, None, 2.)", (float x) => Math.Min(2f, x) },
        { "round(log1p(exp2(deg2rad(x))))", (float x) => MathF.Round(float.LogP1(float.Exp2(float.DegreesToRadians(x)))) },
        { "sqrt(x)", (double x) => Math.Sqrt(x) },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void CSharp_means_on_tensors_what_it_means_on_numbers(string expected, LambdaExpression lambda)
    {
        var graph = GraphExpression.From(lambda);

        Formula(graph, graph.Outputs[0]).ShouldBe(expected);
        GraphText.Parse(graph.ToString()).ShouldBe(graph);
    }

    [Fact]
    public void Choices_that_depend_on_no_parameter_are_made_once()
    {
        var flag = true;

        Body((float x) => flag ? x : -x).ShouldBe("x");
        Body((float x) => flag && x > 0).ShouldBe("gt(x, 0.)");
        Body((float x) => !flag || x > 0).ShouldBe("gt(x, 0.)");
        Body((float x) => (flag || x > 0 ? x : -x) * 2).ShouldBe("mul(x, 2.)");
        Body((float x) => (x > 0 && !flag ? 5f : 6f) * x).ShouldBe("mul(x, 6.)");
    }

    [Fact]
    public void What_is_captured_is_read_once()
    {
        var calls = 0;
        var count = () => (float)++calls;

        Body((float x) => x * count()).ShouldBe("mul(x, 1.)");
        calls.ShouldBe(1);
    }

    public static TheoryData<string, LambdaExpression> Meaningless => new()
    {
        { "Math.Sign", (float x) => Math.Sign(x) },
        { "Math.Round", (double x) => Math.Round(x, 2) },
        { "MathF.FusedMultiplyAdd", (float x) => MathF.FusedMultiplyAdd(x, x, x) },
        { "MemberAccess", (int x) => string.Concat(x, x).Length > 3 ? 1 : x },
        { "Decimal", (decimal x) => x },
        { "UInt32", (uint x) => x },
        { "DayOfWeek", (DayOfWeek x) => x },
        { "Nullable", (int? x) => x },
        { "AddChecked", (int x) => checked(x + 1) },
        { "a shift by a count that is not constant", (int x) => 1 + (x << x) },
        { "LeftShift of a constant", (int x) => 1 << x },
        { "a result that depends on no parameter", (float x) => 1f },
        { "GraphExpressionTests.Sum", (float x) => Sum(new[] { x }) + x },
        { "Invoke", (float x) => ((Func<float, float>)(y => y))(x) },
    };

    [Theory]
    [MemberData(nameof(Meaningless))]
    public void What_has_no_meaning_as_a_graph_is_named(string named, LambdaExpression lambda)
    {
        var error = Should.Throw<GraphException>(() => GraphExpression.From(lambda));

        error.Code.ShouldBe(ErrorCodes.UnsupportedExpression);
        error.Message.ShouldContain(named);
    }

    [Fact]
    public void Errors_of_the_body_come_through()
    {
        Should.Throw<GraphException>(() => GraphExpression.From(x => x.Chunk(0, 0))).Code.ShouldBe(ErrorCodes.BuilderMisuse);
        Should.Throw<GraphException>(() => GraphExpression.From(x => "text")).Code.ShouldBe(ErrorCodes.UnsupportedExpression);
        Should.Throw<GraphException>(() => GraphExpression.From((GraphTensor x, float y) => x)).Code.ShouldBe(ErrorCodes.UnsupportedExpression);
        Should.Throw<GraphException>(() => GraphExpression.From((float x) => x * Fail())).Message.ShouldContain("on purpose");
    }

    private static GraphTensor Twice(GraphTensor x) => x + x;

    private static float Sum(float[] values) => values.Sum();

    private static float Fail() => throw new InvalidOperationException("on purpose");

    private static string Body(LambdaExpression lambda)
    {
        var graph = GraphExpression.From(lambda);
        return Formula(graph, graph.Outputs[0]);
    }

    /// <summary>The graph as nested calls, constants in place.</summary>
    private static string Formula(Graph graph, Value value)
    {
        var node = graph.Nodes.SingleOrDefault(candidate => candidate.Outputs.Contains(value));
        if (node is null)
        {
            return value.Name;
        }

        if (!node.IsConstant)
        {
            return $"{node.Kind["aten::".Length..]}({string.Join(", ", node.Inputs.Select(input => Formula(graph, input)))})";
        }

        return node.Attribute("value") switch
        {
            null => "None",
            FloatConstant number => FloatText.Print(number.Value),
            IntConstant number => number.Value.ToString(),
            BoolConstant truth => truth.Value.ToString(),
            StringConstant text => $"\"{text.Value}\"",
            var other => other.ToString(),
        };
    }
}
