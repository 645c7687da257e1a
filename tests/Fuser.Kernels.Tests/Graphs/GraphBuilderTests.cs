using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class GraphBuilderTests
{
    [Fact]
    public void A_graph_is_built_as_PyTorch_would_print_it()
    {
        var g = new GraphBuilder();
        var x = g.Input("x");
        var y = g.Input("y");
        g.Output((x + (y * 2.0)).Relu());

        g.Build().ToString().ShouldBe("""
            graph(%x : Tensor,
                  %y : Tensor):
              %0 : float = prim::Constant[value=2.]()
              %2 : int = prim::Constant[value=1]()
              %1 : Tensor = aten::mul(%y, %0)
              %3 : Tensor = aten::add(%x, %1, %2)
              %4 : Tensor = aten::relu(%3)
              return (%4)

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void What_is_built_can_be_printed_and_read()
    {
        var g = new GraphBuilder();
        var x = g.Input("x", new TensorType { ScalarType = "Float", Shape = [null, 4] });
        var s = g.ScalarInput("0", ScalarKind.Float);
        var parts = x.Chunk(2, 1);
        var joined = GraphTensor.Cat([parts[0] * -s, parts[1].To(DType.Float64), 1 - x], 1);
        g.Output(joined.View(2, -1), x.Gelu(tanhApproximation: true), g.Op("aten::clamp", x, 0.5, GraphOperand.None), x);
        var graph = g.Build();

        var text = graph.ToString();

        GraphText.Parse(text).ShouldBe(graph);
        text.ShouldContain("%0 : float)");
        text.ShouldContain("= aten::to(%5, %");
        text.ShouldContain(" : int[] = prim::Constant[value=[2, -1]]()");
        text.ShouldContain(" : str = prim::Constant[value=\"tanh\"]()");
        text.ShouldContain(" = prim::TupleConstruct(");
    }

    [Fact]
    public void Equal_constants_are_one_value()
    {
        var g = new GraphBuilder();
        var x = g.Input("x");
        g.Output((x * 2.0) + (x * 2.0) + (x * 2) + (x * double.NaN) + (x * -double.NaN) + (x * 0.0) + (x * -0.0));

        g.Build().Nodes.Count(node => node.IsConstant).ShouldBe(6);
    }

    [Fact]
    public void Scalars_have_arithmetic()
    {
        var g = new GraphBuilder();
        var x = g.Input("x");
        var i = g.ScalarInput("i", ScalarKind.Int);
        var f = g.ScalarInput("f", ScalarKind.Float);
        g.Output((x * (i + i)) + (x * (i * f)) + (x * (i / i)) + (x * (i - -f)));

        var types = g.Build().Nodes.SelectMany(node => node.Outputs).Where(value => value.Type.IsScalar).Select(value => value.Type.ToString());
        types.ShouldBe(["int", "int", "float", "float", "float", "float"]);
    }

    [Fact]
    public void Numbers_on_the_left_follow_TorchScript()
    {
        var g = new GraphBuilder();
        var x = g.Input("x");
        g.Output(3.0 - x);
        g.Output(3.0 / x);
        g.Output(2 * x);
        g.Output(1 + x);

        g.Build().Nodes.Select(node => node.Kind).Where(kind => kind.StartsWith("aten::"))
            .ShouldBe(["aten::neg", "aten::add", "aten::reciprocal", "aten::mul", "aten::mul", "aten::add"]);
    }

    [Fact]
    public void Every_operation_of_a_tensor_makes_a_node_with_its_name()
    {
        // Each public method is called once with plain arguments. What a name means is checked where operations are defined.
        var methods = typeof(GraphTensor).GetMethods().Where(method => method.ReturnType == typeof(GraphTensor) && !method.IsSpecialName && !method.IsStatic).ToArray();
        methods.Length.ShouldBeGreaterThan(100);
        foreach (var method in methods)
        {
            var g = new GraphBuilder();
            var x = g.Input("x");
            var arguments = method.GetParameters().Select(parameter => Argument(parameter.ParameterType, x)).ToArray();

            g.Output((GraphTensor)method.Invoke(x, arguments)!);

            var node = g.Build().Nodes[^1];
            Plain(node.Kind).ShouldBe(Expected(method.Name), method.ToString());
            node.Inputs.ShouldContain(x.Value);
        }

        static string Plain(string kind) => kind["aten::".Length..].Replace("_", "");

        static string Expected(string method) => method switch
        {
            "DegreesToRadians" => "deg2rad",
            "RadiansToDegrees" => "rad2deg",
            "ShiftLeft" => "bitwiseleftshift",
            "ShiftRight" => "bitwiserightshift",
            "PowOf" => "pow",
            _ => method.ToLowerInvariant(),
        };

        static object? Argument(Type type, GraphTensor x) =>
            type == typeof(GraphTensor) ? x
            : type == typeof(GraphOperand) ? (GraphOperand)2.0
            : type == typeof(string) ? "floor"
            : type == typeof(long[]) ? new long[] { 2, 3 }
            : type == typeof(double?) ? 0.5
            : Activator.CreateInstance(type);
    }

    [Fact]
    public void Misuse_is_named()
    {
        var g = new GraphBuilder();
        var x = g.Input("x");
        var foreign = new GraphBuilder().Input("x");

        Code(() => g.Build()).ShouldBe(ErrorCodes.BuilderMisuse);
        Code(() => g.Input("x")).ShouldBe(ErrorCodes.BuilderMisuse);
        Code(() => g.Input("not a name")).ShouldBe(ErrorCodes.GraphSyntax);
        Code(() => g.Output(foreign)).ShouldBe(ErrorCodes.BuilderMisuse);
        Code(() => _ = x + foreign).ShouldBe(ErrorCodes.BuilderMisuse);
        Code(() => GraphTensor.Cat([x, foreign], 0)).ShouldBe(ErrorCodes.BuilderMisuse);
        Code(() => GraphTensor.Cat([], 0)).ShouldBe(ErrorCodes.BuilderMisuse);
        Code(() => x.Chunk(-2, 0)).ShouldBe(ErrorCodes.BuilderMisuse);
        Code(() => x.Clamp(null, null)).ShouldBe(ErrorCodes.OperationArgument);
        Code(() => g.Op("no spaces", x)).ShouldBe(ErrorCodes.GraphSyntax);
    }

    [Fact]
    public void A_builder_can_go_on_after_a_graph_was_taken()
    {
        var g = new GraphBuilder();
        var x = g.Input("x");
        g.Output(x.Exp());
        var first = g.Build();
        g.Output(x.Log());
        var second = g.Build();

        first.Outputs[0].Type.ShouldBeOfType<TensorType>();
        second.Outputs[0].Type.ShouldBeOfType<TupleType>();
    }

    private static string Code(Action action) => Should.Throw<GraphException>(action).Code;
}
