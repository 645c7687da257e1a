using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.ControlFlow;

/// <summary>Branches and loops give what Python would, fused or not, and errors are named.</summary>
public sealed class ControlFlowTests
{
    /// <summary>Doubles x as often as n says.</summary>
    private const string Doubling = """
        graph(%x : Tensor, %n : int):
          %true : bool = prim::Constant[value=1]()
          %two : float = prim::Constant[value=2.]()
          %y : Tensor = prim::Loop(%n, %true, %x)
            block0(%i : int, %a : Tensor):
              %b : Tensor = aten::mul(%a, %two)
              -> (%true, %b)
          return (%y)
        """;

    /// <summary>A loop that nothing in it ends.</summary>
    private const string Endless = """
        graph(%x : Tensor):
          %true : bool = prim::Constant[value=1]()
          %ever : int = prim::Constant[value=9223372036854775807]()
          %y : Tensor = prim::Loop(%ever, %true, %x)
            block0(%i : int, %a : Tensor):
              %b : Tensor = aten::neg(%a)
              -> (%true, %b)
          return (%y)
        """;

    [Theory]
    [InlineData(-3, new[] { 1f, 2f })]
    [InlineData(0, new[] { 1f, 2f })]
    [InlineData(1, new[] { 2f, 4f })]
    [InlineData(10, new[] { 1024f, 2048f })]
    public void A_loop_runs_as_often_as_its_input_says(long trips, float[] expected) =>
        Run(Doubling, NdArray.From([1f, 2f]), trips).ToArray<float>().ShouldBe(expected);

    [Theory]
    [InlineData(true, new[] { 2f, 3f })]
    [InlineData(false, new[] { 1f, 4f })]
    public void A_branch_on_an_input_runs_one_side(bool condition, float[] expected)
    {
        var text = """
            graph(%x : Tensor, %c : bool):
              %one : int = prim::Constant[value=1]()
              %y : Tensor = prim::If(%c)
                block0():
                  %a : Tensor = aten::add(%x, %one, %one)
                  -> (%a)
                block1():
                  %b : Tensor = aten::mul(%x, %x)
                  -> (%b)
              return (%y)
            """;
        Run(text, NdArray.From([1f, 2f]), condition).ToArray<float>().ShouldBe(expected);
    }

    [Fact]
    public void Carried_values_may_change_places()
    {
        var text = """
            graph(%x : Tensor, %y : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %a : Tensor, %b : Tensor = prim::Loop(%n, %true, %x, %y)
                block0(%i : int, %p : Tensor, %q : Tensor):
                  %s : Tensor = aten::add(%p, %q)
                  -> (%true, %q, %s)
              return (%a, %b)
            """;
        FuserValue[] inputs = [NdArray.From([1f]), NdArray.From([1f]), 10];
        Programs.Run(text, inputs).Select(result => result.ToArray<float>()[0]).ShouldBe([89f, 144f]);
    }

    [Fact]
    public void Numbers_lists_tuples_and_None_are_carried()
    {
        var text = """
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %none : NoneType = prim::Constant()
              %zero : int = prim::Constant[value=0]()
              %one : int = prim::Constant[value=1]()
              %half : float = prim::Constant[value=0.5]()
              %list : int[] = prim::ListConstruct(%one)
              %pair : (int, Tensor) = prim::TupleConstruct(%zero, %x)
              %k : int, %f : float, %l : int[], %t : (int, Tensor), %o : Tensor? = prim::Loop(%n, %true, %zero, %half, %list, %pair, %none)
                block0(%i : int, %k0 : int, %f0 : float, %l0 : int[], %t0 : (int, Tensor), %o0 : Tensor?):
                  %k1 : int = aten::add(%k0, %i)
                  %f1 : float = aten::mul(%f0, %half)
                  %more : int[] = prim::ListConstruct(%k1)
                  %l1 : int[] = aten::add(%l0, %more)
                  %c : int, %v : Tensor = prim::TupleUnpack(%t0)
                  %c1 : int = aten::add(%c, %one)
                  %missing : bool = aten::__is__(%o0, %none)
                  %v1 : Tensor = prim::If(%missing)
                    block0():
                      -> (%v)
                    block1():
                      %u : Tensor = prim::unchecked_cast(%o0)
                      %w : Tensor = aten::add(%v, %u, %one)
                      -> (%w)
                  %t1 : (int, Tensor) = prim::TupleConstruct(%c1, %v1)
                  -> (%true, %k1, %f1, %l1, %t1, %v1)
              %length : int = aten::len(%l)
              return (%k, %f, %length, %t, %l)
            """;
        var results = Programs.Run(text, NdArray.From([1f, 3f]), 4);
        results.Length.ShouldBe(3 + 2 + 5);
        results[0].ToArray<long>().ShouldBe([6]);
        results[1].ToArray<double>().ShouldBe([0.03125]);
        results[2].ToArray<long>().ShouldBe([5]);
        results[3].ToArray<long>().ShouldBe([4]);
        results[4].ToArray<float>().ShouldBe([8f, 24f]);
        results[5..].Select(item => item.ToArray<long>()[0]).ShouldBe([1L, 0, 1, 3, 6]);
    }

    [Fact]
    public void A_condition_read_from_a_tensor_ends_a_while_loop()
    {
        var text = """
            graph(%x : Tensor, %limit : float):
              %ever : int = prim::Constant[value=9223372036854775807]()
              %zero : int = prim::Constant[value=0]()
              %two : float = prim::Constant[value=2.]()
              %true : bool = prim::Constant[value=1]()
              %y : Tensor = prim::Loop(%ever, %true, %x)
                block0(%i : int, %a : Tensor):
                  %b : Tensor = aten::mul(%a, %two)
                  %first : Tensor = aten::select(%b, %zero, %zero)
                  %small : Tensor = aten::lt(%first, %limit)
                  %go : bool = aten::Bool(%small)
                  -> (%go, %b)
              return (%y)
            """;
        Run(text, NdArray.From([1f, 3f]), 100.0).ToArray<float>().ShouldBe([128f, 384f]);
    }

    [Theory]
    [InlineData("aten::Int(%e)", "int", 3L)]
    [InlineData("aten::IntImplicit(%e)", "int", 3L)]
    [InlineData("aten::Float(%e)", "float", 3.75)]
    [InlineData("aten::item(%e)", "Scalar", 3.75)]
    [InlineData("aten::FloatImplicit(%e)", "float", 3.75)]
    [InlineData("aten::ScalarImplicit(%e)", "Scalar", 3.75)]
    [InlineData("aten::is_nonzero(%e)", "bool", true)]
    [InlineData("aten::Bool(%e)", "bool", true)]
    public void An_element_is_read_as_a_number(string read, string type, object expected)
    {
        var text = Programs.Text("x", $"%e : Tensor = aten::select(%x, %i0, %i1); %n : {type} = {read}", "n");
        var result = Programs.Run(text, NdArray.From([1f, 3.75f]))[0];
        (result.DType switch { DType.Int64 => (object)result.ToArray<long>()[0], DType.Bool => result.ToArray<bool>()[0], _ => result.ToArray<double>()[0] }).ShouldBe(expected);
    }

    [Fact]
    public void Only_one_element_is_read_as_a_number()
    {
        var text = Programs.Text("x", "%n : int = aten::Int(%x)", "n");
        var error = Should.Throw<GraphException>(() => Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, NdArray.From([1f, 2f])));
        error.Message.ShouldContain("2 elements");
        error.Line.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_graphs_own_error_has_its_message_and_place_and_comes_before_errors_it_guards_against()
    {
        var text = """
            graph(%x : Tensor, %y : Tensor):
              %kind : str = prim::Constant[value="builtins.ValueError"]()
              %pattern : str = prim::Constant[value="sizes {} and {}"]()
              %zero : int = prim::Constant[value=0]()
              %a : int = aten::size(%x, %zero)
              %b : int = aten::size(%y, %zero)
              %differ : bool = aten::ne(%a, %b)
               = prim::If(%differ)
                block0():
                  %message : str = aten::format(%pattern, %a, %b)
                   = prim::RaiseException(%message, %kind)
                  -> ()
                block1():
                  -> ()
              %s : Tensor = aten::add(%x, %y)
              return (%s)
            """;
        Run(text, NdArray.From([1f, 2f]), NdArray.From([3f, 4f])).ToArray<float>().ShouldBe([4f, 6f]);
        var error = Should.Throw<LaunchException>(() => Programs.Run(text, NdArray.From([1f, 2f]), NdArray.From([3f, 4f, 5f])));
        error.Code.ShouldBe(ErrorCodes.GraphRaised);
        error.Message.ShouldBe("line 11, col 8: the graph raised ValueError: sizes 2 and 3");
    }

    [Fact]
    public void Unknown_operations_inside_blocks_are_refused_before_anything_runs_and_all_named()
    {
        var text = """
            graph(%x : Tensor, %c : bool, %n : int):
              %true : bool = prim::Constant[value=1]()
              %y : Tensor = prim::If(%c)
                block0():
                  %a : Tensor = my::first(%x)
                  -> (%a)
                block1():
                  %l : Tensor = prim::Loop(%n, %true, %x)
                    block0(%i : int, %p : Tensor):
                      %q : Tensor = my::second(%p)
                      -> (%true, %q)
                  -> (%l)
              return (%y)
            """;
        var error = Should.Throw<GraphException>(() => Programs.Run(text, NdArray.From([1f]), true, 0));
        error.Code.ShouldBe(ErrorCodes.UnknownOperation);
        error.Message.ShouldContain("my::first (line 5); my::second (line 10)");
    }

    [Fact]
    public void An_error_on_a_trip_has_the_place_of_its_node()
    {
        var text = """
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %zero : int = prim::Constant[value=0]()
              %y : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %a : Tensor):
                  %row : Tensor = aten::select(%x, %zero, %i)
                  %b : Tensor = aten::add(%a, %row)
                  -> (%true, %b)
              return (%y)
            """;
        var error = Should.Throw<InputException>(() => Programs.Run(text, NdArray.From([1f, 2f]), 3));
        error.Message.ShouldContain("line 6, col 7: aten::select");
        error.Message.ShouldContain("index 2 is out of range");
    }

    [Fact]
    public void An_endless_loop_is_ended_by_its_token()
    {
        using var source = new CancellationTokenSource();
        var compiled = KernelCompiler.Compile(GraphText.Parse(Endless), [NdArray.From([1f])], new CountingTarget { AfterRun = runs => { if (runs == 100) { source.Cancel(); } } });
        Should.Throw<OperationCanceledException>(() => compiled.Run([NdArray.From([1f])], cancellationToken: source.Token));
    }

    [Fact]
    public void A_list_that_grows_without_end_meets_a_named_limit()
    {
        var text = """
            graph(%n : int):
              %true : bool = prim::Constant[value=1]()
              %list : int[] = prim::ListConstruct()
               = prim::Loop(%n, %true)
                block0(%i : int):
                  %same : int[] = aten::append(%list, %i)
                  -> (%true)
              %length : int = aten::len(%list)
              return (%length)
            """;
        Run(text, 5000).ToArray<long>().ShouldBe([5000]);
        var error = Should.Throw<InputException>(() => Programs.Run(text, long.MaxValue));
        error.Code.ShouldBe(ErrorCodes.SizeLimit);
        error.Message.ShouldContain("line 6");
        error.Message.ShouldContain("65536");
    }

    [Fact]
    public void Growing_shapes_grow()
    {
        var text = """
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %zero : int = prim::Constant[value=0]()
              %y : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %a : Tensor):
                  %b : Tensor = aten::mul(%x, %i)
                  %parts : Tensor[] = prim::ListConstruct(%a, %b)
                  %c : Tensor = aten::cat(%parts, %zero)
                  -> (%true, %c)
              return (%y)
            """;
        Run(text, NdArray.From([1f, 2f]), 3).ToArray<float>().ShouldBe([1f, 2, 0, 0, 1, 2, 2, 4]);
    }

    [Fact]
    public void A_result_is_never_the_callers_own_array()
    {
        var text = Programs.Text("x c:bool", "%y : Tensor = prim::If(%c)\nblock0():\n-> (%x)\nblock1():\n%n : Tensor = aten::neg(%x)\n-> (%n)", "y y x");
        float[] data = [1f, 2f];
        var results = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, NdArray.From(data), true);
        data[0] = 7;
        results.ShouldAllBe(result => result.ToArray<float>()[0] == 1f);
        results[0].AsSpan<float>()[1] = 9;
        results[1].ToArray<float>()[1].ShouldBe(2f);
    }

    [Fact]
    public void Sixteen_bit_floats_are_rounded_at_the_output_alone_wherever_regions_end()
    {
        // The same five steps, once known to be five and once by an input: one kernel, and five regions.
        static string Text(string trips) => $"""
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %five : int = prim::Constant[value=5]()
              %f : float = prim::Constant[value=0.3333]()
              %y : Tensor = prim::Loop(%{trips}, %true, %x)
                block0(%i : int, %a : Tensor):
                  %b : Tensor = aten::mul(%a, %f)
                  %c : Tensor = aten::add(%b, %x)
                  -> (%true, %c)
              return (%y)
            """;
        foreach (var dtype in new[] { DType.Float16, DType.BFloat16 })
        {
            var x = Properties.RandomArrays.Create(new Random(3), dtype, TensorLayout.Contiguous([200]));
            var unrolled = Programs.Run(Text("five"), x, 5);
            var looped = Programs.Run(Text("n"), x, 5);
            looped[0].DType.ShouldBe(dtype);
            Properties.Bits.ShouldBeSame(looped, unrolled, dtype.ToString());
        }
    }

    [Fact]
    public void Random_numbers_differ_from_trip_to_trip_and_are_the_same_fused_and_unfused()
    {
        var text = """
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %none : NoneType = prim::Constant()
              %zero : int = prim::Constant[value=0]()
              %y : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %a : Tensor):
                  %b : Tensor = aten::rand_like(%x, %none, %none, %none, %none, %none)
                  %parts : Tensor[] = prim::ListConstruct(%a, %b)
                  %c : Tensor = aten::cat(%parts, %zero)
                  -> (%true, %c)
              return (%y)
            """;
        Run(text, NdArray.From([5f]), 20).ToArray<float>().Distinct().Count().ShouldBe(21);
    }

    [Fact]
    public void A_kernel_is_compiled_once_for_a_thousand_trips_and_the_counter_is_a_number_of_the_call()
    {
        var text = """
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %one : int = prim::Constant[value=1]()
              %y : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %a : Tensor):
                  %s : Tensor = aten::mul(%x, %i)
                  %b : Tensor = aten::add(%a, %s, %one)
                  -> (%true, %b)
              return (%y)
            """;
        var target = new CountingTarget();
        var graph = GraphText.Parse(text);
        FuserValue[] inputs = [NdArray.From([1f, 2f]), 1000];
        KernelCompiler.Compile(graph, inputs, target).Run(inputs)[0].ToArray<float>().ShouldBe([499501f, 999002f]);
        target.Compiles.ShouldBe(1);
        target.Runs.ShouldBe(1000);
    }

    [Fact]
    public void A_view_of_a_trips_own_place_is_no_plan_of_its_own()
    {
        var text = """
            graph(%x : Tensor):
              %true : bool = prim::Constant[value=1]()
              %zero : int = prim::Constant[value=0]()
              %n : int = aten::size(%x, %zero)
              %first : Tensor = aten::select(%x, %zero, %zero)
              %y : Tensor = prim::Loop(%n, %true, %first)
                block0(%i : int, %a : Tensor):
                  %row : Tensor = aten::select(%x, %zero, %i)
                  %b : Tensor = aten::sub(%row, %a)
                  -> (%true, %b)
              return (%y)
            """;
        var program = GraphProgram.Of(Normaliser.Normalise(GraphText.Parse(text))).ShouldNotBeNull();
        var region = program.Regions.ShouldHaveSingleItem();
        region.Nodes.ShouldNotContain(node => node.Kind == "aten::select");
        Run(text, Programs.Range(40, 3)).ElementCount.ShouldBe(3);
    }

    [Fact]
    public void Memory_is_that_of_the_first_trips()
    {
        var memory = new HashSet<NdArray>(ReferenceEqualityComparer.Instance);
        var runner = new RecordingRunner(memory);
        var program = GraphProgram.Of(Normaliser.Normalise(GraphText.Parse(Doubling)))!;
        var run = ProgramRun.RunAsync(program, new FuserValue[] { NdArray.From([1f, 2f]), 500 }, runner, new ProgramMemory(), 0);
        run.IsCompletedSuccessfully.ShouldBeTrue();
        runner.Runs.ShouldBe(500);
        memory.Count.ShouldBeLessThanOrEqualTo(2);
    }

    private static NdArray Run(string text, params FuserValue[] inputs)
    {
        GraphProgram.Of(Normaliser.Normalise(GraphText.Parse(text))).ShouldNotBeNull();
        return Programs.Run(text, inputs)[0];
    }
}
