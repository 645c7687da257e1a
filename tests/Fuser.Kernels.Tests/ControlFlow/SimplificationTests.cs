using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.ControlFlow;

/// <summary>What is decided before a call is taken out before a plan is made.</summary>
public sealed class SimplificationTests
{
    [Fact]
    public void A_branch_on_a_constant_is_its_side()
    {
        var branch = "graph(%x : Tensor):\n  %c : bool = prim::Constant[value=1]()\n  %y : Tensor = prim::If(%c)\n    block0():\n      %a : Tensor = aten::exp(%x)\n      -> (%a)\n    block1():\n      -> (%x)\n  return (%y)\n";
        Programs.KeyOf(branch).ShouldBe(Programs.KeyOf("graph(%x : Tensor):\n  %a : Tensor = aten::exp(%x)\n  return (%a)\n"));
    }

    [Fact]
    public void A_loop_of_few_trips_is_one_kernel()
    {
        var text = Loop("%k", "%k : int = prim::Constant[value=40]()");
        var plan = Programs.Plan(text, Programs.Range(9), 40);
        plan.Groups.ShouldHaveSingleItem().Operations.ShouldBe(80);
        Properties.Bits.ShouldBeSame(Programs.Run(text, Programs.Range(9), 40), Programs.Run(Loop("%n", ""), Programs.Range(9), 40), "unrolled");
    }

    [Theory]
    [InlineData(1003)]
    [InlineData(512)]
    [InlineData(257)]
    [InlineData(100_001)]
    public void A_long_loop_does_several_trips_at_a_time_and_the_rest_behind(int trips)
    {
        var text = Loop("%k", $"%k : int = prim::Constant[value={trips}]()");
        var normalised = Normaliser.Normalise(GraphText.Parse(text));
        var loop = normalised.Graph.Nodes.Where(node => node.Kind == "prim::Loop").ShouldHaveSingleItem();
        loop.TryGetInt("unrolled", out var copies).ShouldBeTrue();
        copies.ShouldBe(32);
        Normaliser.Normalise(GraphText.Parse(normalised.Text)).Text.ShouldBe(normalised.Text);
        if (trips < 2000)
        {
            FuserValue[] inputs = [Programs.Range(9), trips];
            Properties.Bits.ShouldBeSame(
                Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, inputs),
                Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, Loop("%n", ""), inputs),
                $"{trips} trips");
        }
    }

    [Fact]
    public void Decisions_on_the_trip_number_are_made_when_it_is_known()
    {
        var text = """
            graph(%x : Tensor):
              %true : bool = prim::Constant[value=1]()
              %two : int = prim::Constant[value=2]()
              %zero : int = prim::Constant[value=0]()
              %six : int = prim::Constant[value=6]()
              %y : Tensor = prim::Loop(%six, %true, %x)
                block0(%i : int, %a : Tensor):
                  %r : int = aten::remainder(%i, %two)
                  %even : bool = aten::eq(%r, %zero)
                  %c : Tensor = prim::If(%even)
                    block0():
                      %inner : Tensor = prim::Loop(%i, %true, %a)
                        block0(%j : int, %p : Tensor):
                          %q : Tensor = aten::sin(%p)
                          -> (%true, %q)
                      -> (%inner)
                    block1():
                      %neg : Tensor = aten::neg(%a)
                      -> (%neg)
                  -> (%true, %c)
              return (%y)
            """;
        var plan = Programs.Plan(text, Programs.Range(5));
        plan.Groups.ShouldHaveSingleItem().Operations.ShouldBe(3 + 2 + 4);
        Programs.Run(text, Programs.Range(5));
    }

    [Fact]
    public void A_list_that_is_filled_and_joined_needs_no_program()
    {
        var text = Programs.Text(
            "x y",
            "%l : Tensor[] = prim::ListConstruct(%x); %m : Tensor[] = aten::append(%l, %y); %s : Tensor = aten::add(%x, %y); %n : Tensor[] = prim::ListConstruct(%s, %x); %o : Tensor[] = aten::add_(%m, %n); %k : int = aten::len(%o); %c : Tensor = aten::cat(%o, %i0); %z : Tensor = aten::mul(%c, %k)",
            "z");
        GraphProgram.Of(Normaliser.Normalise(GraphText.Parse(text))).ShouldBeNull();
        Programs.Run(text, NdArray.From([1f]), NdArray.From([2f]))[0].ToArray<float>().ShouldBe([4f, 8f, 12f, 4f]);
    }

    [Fact]
    public void Lists_that_make_each_other_longer_do_not_grow_exponentially()
    {
        var lines = new List<string> { "%a : Tensor[] = prim::ListConstruct(%x)", "%b : Tensor[] = prim::ListConstruct(%x, %x)" };
        for (var i = 0; i < 200; i++)
        {
            lines.Add(i % 2 == 0 ? $"%e{i} : Tensor[] = aten::extend(%a, %b)" : $"%e{i} : Tensor[] = aten::extend(%b, %a)");
        }

        lines.Add("%n : int = aten::len(%a)");
        var text = Programs.Text("x", string.Join("\n", lines), "n");
        Should.Throw<InputException>(() => Programs.Run(text, NdArray.From([1f]))).Code.ShouldBe(ErrorCodes.SizeLimit);
    }

    [Fact]
    public void Loops_in_loops_do_not_multiply_without_bound()
    {
        var text = "%y0 : Tensor = aten::relu(%x)\n";
        for (var i = 0; i < 12; i++)
        {
            text += $"%y{i + 1} : Tensor = prim::Loop(%i4, %true, %y{i})\nblock0(%t{i} : int, %a{i} : Tensor):\n";
            text = text.Replace($"prim::Loop(%i4, %true, %y{i})", i == 0 ? "prim::Loop(%i4, %true, %y0)" : $"prim::Loop(%i4, %true, %a{i - 1})");
        }

        text += "%deep : Tensor = aten::sin(%a11)\n-> (%true, %deep)\n";
        for (var i = 11; i > 0; i--)
        {
            text += $"-> (%true, %y{i + 1})\n";
        }

        var graph = Normaliser.Normalise(GraphText.Parse(Programs.Text("x", text, "y1"))).Graph;
        NodeCopies.Count(graph.Nodes).ShouldBeLessThan(20_000);
    }

    [Fact]
    public void Remarks_are_dropped()
    {
        var text = "graph(%x : Tensor):\n  %s : str = prim::Constant[value=\"careful\"]()\n  %n : int = prim::Constant[value=2]()\n   = aten::warn(%s, %n)\n   = prim::Print(%x)\n  %y : Tensor = aten::exp(%x)\n  return (%y)\n";
        Programs.KeyOf(text).ShouldBe(Programs.KeyOf("graph(%x : Tensor):\n  %a : Tensor = aten::exp(%x)\n  return (%a)\n"));
    }

    [Fact]
    public void A_graph_without_control_flow_is_no_program()
    {
        foreach (var file in Graphs.Corpus.GraphFiles().Where(file => file.StartsWith("torchscript")))
        {
            var graph = GraphText.Parse(Graphs.Corpus.Read(file));
            if (Normalisation.NormaliserTests.Offered(graph))
            {
                GraphProgram.Of(Normaliser.Normalise(graph)).ShouldBeNull(file);
            }
        }
    }

    [Fact]
    public void Blocks_are_nested_no_deeper_than_the_limit()
    {
        // Built in code: the text has a limit of its own.
        var (x, condition) = (new Value("x", GraphType.Tensor), new Value("c", GraphType.Bool));
        var block = new Block([], [], [x]);
        for (var i = 0; i < 200; i++)
        {
            var output = new Value($"y{i}", GraphType.Tensor);
            block = new Block([], [new Node("prim::If", [condition], [output], blocks: [block, new Block([], [], [x])])], [output]);
        }

        var error = Should.Throw<GraphException>(() => Normaliser.Normalise(new Graph([x, condition], block.Nodes, block.Outputs)));
        error.Code.ShouldBe(ErrorCodes.GraphLimit);
    }

    private static string Loop(string trips, string constant) => $"""
        graph(%x : Tensor, %n : int):
          {constant}
          %true : bool = prim::Constant[value=1]()
          %f : float = prim::Constant[value=0.97]()
          %y : Tensor = prim::Loop({trips}, %true, %x)
            block0(%i : int, %a : Tensor):
              %b : Tensor = aten::mul(%a, %f)
              %c : Tensor = aten::add(%b, %i)
              -> (%true, %c)
          return (%y)
        """;
}
