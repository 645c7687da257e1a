using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class GraphTextFormsTests
{
    [Theory]
    [InlineData("Tensor")]
    [InlineData("Float(*, *, requires_grad=0, device=cpu)")]
    [InlineData("Float(4, 8, strides=[8, 1], requires_grad=0, device=cpu)")]
    [InlineData("Float(requires_grad=0, device=cpu)")]
    [InlineData("Float()")]
    [InlineData("FloatTensor(device=cuda:0)")]
    [InlineData("BFloat16(2, *)")]
    [InlineData("ComplexFloat(2)")]
    [InlineData("Tensor(device=cpu)")]
    [InlineData("Tensor(*, 3)")]
    [InlineData("Tensor()")]
    [InlineData("Tensor[Undefined]")]
    [InlineData("Tensor?")]
    [InlineData("Tensor[]")]
    [InlineData("Tensor?[]")]
    [InlineData("int[][]?")]
    [InlineData("float")]
    [InlineData("bool")]
    [InlineData("str")]
    [InlineData("NoneType")]
    [InlineData("Device")]
    [InlineData("Any")]
    [InlineData("Generator")]
    [InlineData("complex")]
    [InlineData("Dict(str, int)")]
    [InlineData("Dict(str, Tensor[])[]")]
    [InlineData("Future[Tensor]")]
    [InlineData("NamedTuple(x : Tensor, y : int)")]
    [InlineData("__torch__.torch.nn.modules.linear.___torch_mangle_3.Linear")]
    [InlineData("(Float(*, device=cpu), (int, str)[], Tensor?)")]
    [InlineData("()")]
    public void Every_type_prints_as_it_was_written(string type)
    {
        var text = $"graph(%x : {type}):\n  return (%x)\n";

        GraphText.Parse(text).ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("List[int]", "int[]")]
    [InlineData("Optional[Tensor]", "Tensor?")]
    [InlineData("Tuple[int, List[Optional[float]]]", "(int, float?[])")]
    [InlineData("Float(SS(-2), 3)", "Float(*, 3)")]
    [InlineData("Float( 2 ,\n 3 )", "Float(2, 3)")]
    public void Other_spellings_of_types_are_understood(string written, string printed)
        => GraphText.Parse($"graph(%x : {written}):\n  return (%x)\n").Inputs[0].Type.ToString().ShouldBe(printed);

    [Fact]
    public void A_tensor_type_says_what_is_known()
    {
        var type = GraphText.Parse("graph(%x : Half(4, *, strides=[8, 1], requires_grad=1, device=cuda:0)):\n  return (%x)\n").Inputs[0].Type.ShouldBeOfType<TensorType>();

        type.DType.ShouldBe(DType.Float16);
        type.Rank.ShouldBe(2);
        type.Shape!.Value.ShouldBe([4L, null]);
        type.Strides!.Value.ShouldBe([8L, 1L]);
        type.RequiresGrad.ShouldBe(true);
        type.Device.ShouldBe("cuda:0");
    }

    [Theory]
    [InlineData("int", "value=1")]
    [InlineData("int", "value=-9223372036854775808")]
    [InlineData("float", "value=1.")]
    [InlineData("float", "value=-0.")]
    [InlineData("float", "value=1e-08")]
    [InlineData("float", "value=0.10000000000000001")]
    [InlineData("float", "value=10000000000")]
    [InlineData("float", "value=inf")]
    [InlineData("float", "value=-inf")]
    [InlineData("float", "value=nan")]
    [InlineData("bool", "value=0")]
    [InlineData("bool", "value=1")]
    [InlineData("str", "value=\"\"")]
    [InlineData("str", "value=\"a\\n\\\"\\'\\\\\\t\\344\\270\\255]\"")]
    [InlineData("str", "value=\"\\000\\177\"")]
    [InlineData("Device", "value=\"cpu\"")]
    [InlineData("int[]", "value=[1, -1, 1]")]
    [InlineData("int[]", "value=[]")]
    [InlineData("float[]", "value=[1., 0.5, 1e-08]")]
    [InlineData("bool[]", "value=[1, 0]")]
    [InlineData("str[]", "value=[\"a\", \"b, ]\"]")]
    [InlineData("Tensor", "value={0.5}")]
    [InlineData("Tensor", "value={0.1}")]
    [InlineData("Tensor", "value={1}")]
    [InlineData("Tensor", "value=<Tensor>")]
    [InlineData("Tensor[]", "value=[<Tensors>]")]
    [InlineData("Float(2)", "value= 1  2 [ CPUFloatType{2} ]")]
    [InlineData("Float(2, 2)", "value= 1 -2  3  4 [ CPUFloatType{2,2} ]")]
    [InlineData("complex", "value=1.-2.j")]
    [InlineData("Dict(str, int)", "value={\"a\": 1, \"b\": 2}")]
    [InlineData("int[]", "value=annotate(List[int], [])")]
    [InlineData("Function", "name=\"relu\"")]
    [InlineData("int", "value=1, other=[2, [3.5, True]], name=\"x\"")]
    public void Every_literal_prints_as_it_was_written(string type, string attributes)
    {
        var text = $"graph():\n  %1 : {type} = prim::Constant[{attributes}]() # m.py:1:2\n  return (%1)\n";

        GraphText.Parse(text).ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("bool", "1", typeof(BoolConstant))]
    [InlineData("int", "1", typeof(IntConstant))]
    [InlineData("float", "1", typeof(FloatConstant))]
    [InlineData("float?", "1", typeof(FloatConstant))]
    [InlineData("bool", "True", typeof(BoolConstant))]
    [InlineData("Tensor", "{1}", typeof(TensorConstant))]
    public void The_declared_type_decides_what_a_literal_is(string type, string literal, Type expected)
        => Constant($"%1 : {type} = prim::Constant[value={literal}]()").ShouldBeOfType(expected);

    [Theory]
    [InlineData("prim::Constant[value=1]()", "int")]
    [InlineData("prim::Constant[value=1.]()", "float")]
    [InlineData("prim::Constant[value=\"a\"]()", "str")]
    [InlineData("prim::Constant[value=[1, 2]]()", "int[]")]
    [InlineData("prim::Constant()", "NoneType")]
    [InlineData("prim::ListConstruct(%x, %x)", "Tensor[]")]
    [InlineData("prim::TupleConstruct(%x, %s)", "(Tensor, float)")]
    [InlineData("aten::chunk(%x)", "Tensor[]")]
    [InlineData("aten::add(%x, %x)", "Tensor")]
    public void A_value_without_a_type_gets_the_one_its_operation_says(string operation, string type)
        => GraphText.Parse($"graph(%x, %s : float):\n  %1 = {operation}\n  return (%1)\n").Nodes[0].Outputs[0].Type.ToString().ShouldBe(type);

    [Fact]
    public void Nodes_without_outputs_scopes_comments_and_Python_operations_print_as_PyTorch_prints_them()
    {
        const string text = """
            graph(%x.1 : Tensor,
                  %s : str):
              %1 : Tensor = ^Dropout(0.5, False)(%x.1), scope: Net::/Dropout[drop] # m.py:1:2
               = prim::Print(%s, %1)
              %2 : Tensor, %3 : Tensor = prim::ConstantChunk[chunks=2, dim=-1](%1), scope: Net::
              return (%2, %3)

            """;

        var graph = GraphText.Parse(text.ReplaceLineEndings("\n"));

        graph.ToString().ShouldBe(text.ReplaceLineEndings("\n"));
        graph.Nodes[0].Kind.ShouldBe("^Dropout(0.5, False)");
        graph.Nodes[0].Scope.ShouldBe("Net::/Dropout[drop]");
        graph.Nodes[0].SourceComment.ShouldBe("m.py:1:2");
        graph.Nodes[1].Outputs.ShouldBeEmpty();
        graph.Nodes[2].TryGetInt("dim", out var dim).ShouldBeTrue();
        dim.ShouldBe(-1);
    }

    [Theory]
    [InlineData("prim::Print(%x)")]
    [InlineData("() = prim::Print(%x)")]
    [InlineData("= prim::Print(%x) # here")]
    public void A_node_without_outputs_may_be_written_in_three_ways(string node)
        => GraphText.Parse($"graph(%x):\n  {node}\n  return (%x)").Nodes[0].Outputs.ShouldBeEmpty();

    [Fact]
    public void Blocks_nest_and_print_as_they_were_written()
    {
        const string text = """
            graph(%x : Tensor,
                  %n : int,
                  %c : bool):
              %z : Tensor = prim::Loop(%n, %c, %x) # m.py:1:2
                block0(%i : int, %z.1 : Tensor):
                  %y : Tensor = prim::If(%c)
                    block0():
                      %a : Tensor = aten::neg(%z.1)
                      -> (%a)
                    block1():
                      -> (%z.1)
                  -> (%c, %y)
              return (%z)

            """;

        GraphText.Parse(text.ReplaceLineEndings("\n")).ToString().ShouldBe(text.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Bodies_belong_to_the_innermost_graph_that_calls_them()
    {
        // PyTorch numbers the groups of every graph from 0, so the same name can mean two bodies.
        const string text = """
            graph(%x : Tensor):
              %1 : Tensor = prim::DifferentiableGraph_0(%x)
              %2 : Tensor = prim::FusionGroup_1(%1)
              return (%2)
            with prim::DifferentiableGraph_0 = graph(%x : Tensor):
              %1 : Tensor = prim::FusionGroup_0(%x)
              return (%1)
            with prim::FusionGroup_0 = graph(%x : Tensor):
              %1 : Tensor = aten::neg(%x)
              return (%1)
            with prim::FusionGroup_1 = graph(%x : Tensor):
              %1 : Tensor = aten::abs(%x)
              return (%1)

            """;

        var graph = GraphText.Parse(text.ReplaceLineEndings("\n"));

        graph.ToString().ShouldBe(text.ReplaceLineEndings("\n"));
        graph.Subgraphs.Select(s => s.Name).ShouldBe(["prim::DifferentiableGraph_0", "prim::FusionGroup_1"]);
        graph.FindSubgraph("prim::DifferentiableGraph_0")!.FindSubgraph("prim::FusionGroup_0")!.Nodes[0].Kind.ShouldBe("aten::neg");
        graph.FindSubgraph("prim::FusionGroup_1")!.Nodes[0].Kind.ShouldBe("aten::abs");
    }

    [Fact]
    public void Positions_are_kept_and_do_not_matter_for_equality()
    {
        var graph = GraphText.Parse("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x)\n  return (%1)\n");
        var shifted = GraphText.Parse("\uFEFF# a comment\n\ngraph(%x\t: Tensor): # another\n\n\n    %1 : Tensor\n      = aten::neg( %x )\n return (%1) # last");

        graph.Nodes[0].Position.ShouldBe(new SourcePosition(2, 3));
        graph.Inputs[0].Position.ShouldBe(new SourcePosition(1, 7));
        shifted.Nodes[0].Position.ShouldBe(new SourcePosition(6, 5));
        shifted.ShouldBe(graph);
    }

    [Theory]
    [InlineData("graph(%y : Tensor):\n  %1 : Tensor = aten::neg(%y) # a\n  return (%1)\n")]
    [InlineData("graph(%x : Tensor?):\n  %1 : Tensor = aten::neg(%x) # a\n  return (%1)\n")]
    [InlineData("graph(%x : Tensor):\n  %1 : Tensor = aten::abs(%x) # a\n  return (%1)\n")]
    [InlineData("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x) # b\n  return (%1)\n")]
    [InlineData("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x), scope: a # a\n  return (%1)\n")]
    [InlineData("graph(%x : Tensor):\n  %1 : Tensor = aten::neg[a=1](%x) # a\n  return (%1)\n")]
    [InlineData("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x, %x) # a\n  return (%1)\n")]
    [InlineData("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x) # a\n  return (%x)\n")]
    [InlineData("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x) # a\n  %2 : int = aten::dim(%x)\n  return (%1)\n")]
    public void Every_difference_makes_graphs_unequal(string other)
        => GraphText.Parse(other).ShouldNotBe(GraphText.Parse("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x) # a\n  return (%1)\n"));

    private static ConstantValue Constant(string node) => GraphText.Parse($"graph():\n  {node}\n  return (%1)\n").Nodes[0].Attribute("value")!;
}
