using FsCheck;
using FsCheck.Fluent;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tests.Graphs;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Normalisation;

public sealed class NormaliserTests
{
    [Fact]
    public void Normalising_twice_changes_nothing() => ForSeeds(500, seed =>
    {
        var once = Normaliser.Normalise(RandomProgram.Create(seed, drawsNumbers: true).Graph);
        var twice = Normaliser.Normalise(once.Graph);
        twice.Text.ShouldBe(once.Text);
        twice.Key.ShouldBe(once.Key);
    });

    [Fact]
    public void The_corpus_is_normalised_idempotently()
    {
        foreach (var file in Corpus.GraphFiles())
        {
            var graph = GraphText.Parse(Corpus.Read(file));
            if (Offered(graph))
            {
                var once = Normaliser.Normalise(graph);
                Normaliser.Normalise(GraphText.Parse(once.Text)).Text.ShouldBe(once.Text, file);
            }
        }
    }

    [Fact]
    public void Normalising_changes_no_bit() => ForSeeds(150, seed =>
    {
        var program = RandomProgram.Create(seed, drawsNumbers: true);
        var normalised = Normaliser.Normalise(program.Graph).Graph;
        Bits.ShouldBeSame(
            KernelCompiler.Compile(normalised, program.Inputs, InterpreterTarget.Instance).Run(program.Inputs, 3),
            KernelCompiler.Compile(program.Graph, program.Inputs, InterpreterTarget.Instance).Run(program.Inputs, 3),
            program.ToString());
    });

    [Fact]
    public void Names_do_not_change_the_key() => ForSeeds(300, seed =>
    {
        var program = RandomProgram.Create(seed);
        var renamed = program.Text.Replace("%", "%value.");
        Programs.KeyOf(renamed).ShouldBe(Programs.KeyOf(program.Text));
    });

    [Fact]
    public void Dead_code_does_not_change_the_key() => ForSeeds(300, seed =>
    {
        var program = RandomProgram.Create(seed);
        var longer = program.Text.Replace("  return", "  %dead : Tensor = aten::exp(%0)\n  %deader : Tensor = aten::add(%dead, %dead)\n  return");
        Programs.KeyOf(longer).ShouldBe(Programs.KeyOf(program.Text));
    });

    [Fact]
    public void Types_comments_and_the_place_of_constants_do_not_change_the_key()
    {
        var plain = "graph(%x : Tensor):\n  %c : float = prim::Constant[value=2.5]()\n  %1 : Tensor = aten::relu(%x)\n  %2 : Tensor = aten::mul(%1, %c)\n  return (%2)\n";
        var other = "graph(%x : Float(4, 4, strides=[4, 1], device=cuda:0)):\n  %1 : Float(*, *) = aten::relu(%x) # model.py:3:1\n  %c : float = prim::Constant[value=2.5]()\n  %2 : Tensor = aten::mul(%1, %c)\n  return (%2)\n";
        Programs.KeyOf(other).ShouldBe(Programs.KeyOf(plain));
    }

    [Fact]
    public void Equal_subexpressions_are_shared()
    {
        var shared = Programs.Text("x y", "%a = aten::add(%x, %y, %i1); %b = aten::mul(%a, %a)", "b");
        var repeated = Programs.Text("x y", "%a = aten::add(%x, %y, %i1); %c = aten::add(%x, %y, %i1); %b = aten::mul(%a, %c)", "b");
        Programs.KeyOf(repeated).ShouldBe(Programs.KeyOf(shared));
    }

    [Fact]
    public void Random_operations_are_never_shared()
    {
        var text = Programs.Text("x", "%a = aten::rand_like(%x, %none, %none, %none, %none, %none); %b = aten::rand_like(%x, %none, %none, %none, %none, %none); %c = aten::sub(%a, %b, %i1)", "c");
        Normaliser.Normalise(GraphText.Parse(text)).Graph.Nodes.Count(node => node.Kind == "aten::rand_like").ShouldBe(2);
    }

    [Theory]
    [InlineData("%k : float = prim::Constant[value=0.]()", "%k : float = prim::Constant[value=-0.]()")]
    [InlineData("%k : float = prim::Constant[value=1.]()", "%k : int = prim::Constant[value=1]()")]
    [InlineData("%k : bool = prim::Constant[value=1]()", "%k : int = prim::Constant[value=1]()")]
    [InlineData("%k : float = prim::Constant[value=0.1]()", "%k : float = prim::Constant[value=0.10000000000000002]()")]
    public void Constants_that_differ_in_any_bit_or_type_change_the_key(string one, string another) =>
        Programs.KeyOf(Programs.Text("x", one + "; %y = aten::mul(%x, %k)", "y")).ShouldNotBe(Programs.KeyOf(Programs.Text("x", another + "; %y = aten::mul(%x, %k)", "y")));

    [Fact]
    public void Arithmetic_on_literals_is_folded()
    {
        var folded = Programs.Text("x", "%k : int = prim::Constant[value=7]();  %y = aten::mul(%x, %k)", "y");
        var computed = Programs.Text("x", "%a : int = aten::add(%i3, %i4); %y = aten::mul(%x, %a)", "y");
        Normaliser.Normalise(GraphText.Parse(computed)).Text.ShouldBe(Normaliser.Normalise(GraphText.Parse(folded)).Text);
    }

    [Fact]
    public void A_division_of_literals_by_zero_fails_at_the_call_and_only_when_it_is_needed()
    {
        var dead = Programs.Text("x", "%k : int = aten::floordiv(%i1, %i0); %y = aten::relu(%x)", "y");
        Programs.Run(dead, Programs.Range(3)).Length.ShouldBe(1);
        var needed = Programs.Text("x", "%k : int = aten::floordiv(%i1, %i0); %y = aten::mul(%x, %k)", "y");
        Should.Throw<InputException>(() => Programs.Run(needed, Programs.Range(3))).Message.ShouldContain("aten::floordiv");
    }

    [Fact]
    public void Groups_of_another_compiler_are_inlined_whatever_their_nesting()
    {
        var text = """
            graph(%x : Tensor):
              %1 : Tensor = prim::FusionGroup_0(%x)
              %2 : Tensor = prim::FusionGroup_0(%1)
              return (%2)
            with prim::FusionGroup_0 = graph(%a : Tensor):
              %b : Tensor = prim::FusionGroup_1(%a)
              return (%b)
            with prim::FusionGroup_1 = graph(%c : Tensor):
              %d : Tensor = aten::exp(%c)
              return (%d)
            """;
        Programs.KeyOf(text).ShouldBe(Programs.KeyOf("graph(%x : Tensor):\n  %1 : Tensor = aten::exp(%x)\n  %2 : Tensor = aten::exp(%1)\n  return (%2)\n"));
    }

    [Fact]
    public void Unknown_operations_are_all_named_with_their_lines()
    {
        var error = Should.Throw<GraphException>(() => Normaliser.Normalise(GraphText.Parse("graph(%x : Tensor):\n  %1 : Tensor = my::one(%x)\n  %2 : Tensor = my::two(%1)\n  return (%2)\n")));
        error.Code.ShouldBe(ErrorCodes.UnknownOperation);
        error.Message.ShouldContain("my::one (line 2)");
        error.Message.ShouldContain("my::two (line 3)");
    }

    [Fact]
    public void Every_kernel_spec_reads_back_as_itself() => ForSeeds(400, seed =>
    {
        var program = RandomProgram.Create(seed, drawsNumbers: true);
        foreach (var group in Partitioner.Plan(Normaliser.Normalise(program.Graph), program.Inputs, FusionMode.Fused).Groups)
        {
            var spec = new KernelSpec(group.Graph);
            var again = new KernelSpec(GraphText.Parse(spec.Text));
            again.Text.ShouldBe(spec.Text);
            again.ShouldBe(spec);
        }
    });

    internal static bool Offered(Graph graph)
    {
        try
        {
            Normaliser.Normalise(graph);
            return true;
        }
        catch (GraphException error) when (error.Code is ErrorCodes.UnsupportedOperation or ErrorCodes.UnknownOperation)
        {
            return false;
        }
    }

    private static void ForSeeds(int count, Action<int> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), check));
}
