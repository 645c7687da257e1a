using System.Collections.Immutable;
using Fuser.Actors;
using Fuser.Host.Cluster.Passes;
using Fuser.Host.Npy;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Cluster;

/// <summary>Runs with reductions over their first axis, or over everything, in parts: the whole has the bits of a run in one piece.</summary>
public sealed class PassTests
{
    private const string Frame = """
          %i0 : int = prim::Constant[value=0]()
          %i1 : int = prim::Constant[value=1]()
          %i2 : int = prim::Constant[value=2]()
          %im1 : int = prim::Constant[value=-1]()
          %i7 : int = prim::Constant[value=7]()
          %third : float = prim::Constant[value=0.33333]()
          %none : NoneType = prim::Constant()
          %false : bool = prim::Constant[value=0]()
          %true : bool = prim::Constant[value=1]()
          %d0 : int[] = prim::ListConstruct(%i0)
          %d1 : int[] = prim::ListConstruct(%i1)
          %d01 : int[] = prim::ListConstruct(%i0, %i1)

        """;

    private static readonly DType[] Floats = [DType.Float32, DType.Float16, DType.BFloat16, DType.Float64];

    private static readonly DType[] Numbers = [.. Floats, DType.Int32, DType.Int64];

    private static readonly DType[] All = [.. Numbers, DType.Bool];

    public static TheoryData<string, string, int> Reductions()
    {
        var data = new TheoryData<string, string, int>();
        foreach (var (body, dtypes, passes) in new (string, DType[], int)[]
        {
            ("%y : Tensor = aten::sum(%x, %none)", All, 1),
            ("%y : Tensor = aten::mean(%x, %none)", Floats, 1),
            ("%y : Tensor = aten::prod(%x, %none)", All, 1),
            ("%y : Tensor = aten::max(%x)", All, 1),
            ("%y : Tensor = aten::min(%x)", All, 1),
            ("%y : Tensor = aten::amax(%x, %d01, %true)", All, 1),
            ("%y : Tensor = aten::amin(%x, %d01, %false)", All, 1),
            ("%y : Tensor = aten::any(%x)", All, 1),
            ("%y : Tensor = aten::all(%x)", All, 1),
            ("%y : Tensor = aten::count_nonzero(%x, %none)", All, 1),
            ("%y : Tensor = aten::nansum(%x, %d01, %false, %none)", Numbers, 1),
            ("%y : Tensor = aten::argmax(%x, %none, %false)", Numbers, 2),
            ("%y : Tensor = aten::argmin(%x, %none, %true)", Numbers, 2),
            ("%y : Tensor = aten::var(%x, %true)", Floats, 2),
            ("%y : Tensor, %z : Tensor = aten::std_mean(%x, %false)", Floats, 2),
            ("%y : Tensor = aten::logsumexp(%x, %d01, %false)", Floats, 2),
            ("%y : Tensor = aten::norm(%x, %i2)", Floats, 1),
            ("%y : Tensor = aten::mse_loss(%x, %w, %i1)", Floats, 1),
            ("%y : Tensor = aten::mse_loss(%x, %w, %i2)", Floats, 1),
            ("%y : Tensor = aten::mse_loss(%x, %x, %i1)", Floats, 1),

            // Over the first axis alone, and with rows that have work of their own.
            ("%y : Tensor = aten::sum(%x, %d0, %false, %none)", All, 1),
            ("%y : Tensor = aten::mean(%x, %d0, %true, %none)", Floats, 1),
            ("%y : Tensor = aten::amax(%x, %d0, %false)", All, 1),
            ("%y : Tensor, %z : Tensor = aten::max(%x, %i0, %false)", Numbers, 2),
            ("%y : Tensor, %z : Tensor = aten::var_mean(%x, %d0, %false, %true)", Floats, 2),
            ("%y : Tensor = aten::softmax(%x, %i0, %none)", Floats, 3),
            ("%s : Tensor = aten::softmax(%x, %i1, %none)\n  %y : Tensor = aten::sum(%s, %none)", Floats, 1),
            ("%m : Tensor = aten::mul(%x, %w)\n  %y : Tensor = aten::sum(%m, %none)", Numbers, 1),
            ("%s : Tensor = aten::sum(%x, %d1, %false, %none)\n  %y : Tensor = aten::prod(%s, %none)", Numbers, 1),
            ("%t : Tensor = aten::t(%x)\n  %y : Tensor = aten::sum(%t, %d1, %false, %none)", Numbers, 0),
            ("%e : Tensor = aten::unsqueeze(%x, %i1)\n  %f : Tensor = aten::flip(%e, %im1)\n  %y : Tensor = aten::sum(%f, %none)", Numbers, 1),
            ("%e : Tensor = aten::narrow(%x, %i1, %i1, %i2)\n  %y : Tensor = aten::sum(%e, %d0, %false, %none)", Numbers, 1),

            // What stands behind a reduction, beside it and between two.
            ("%s : Tensor = aten::mean(%x, %none)\n  %r : Tensor = aten::abs(%s)\n  %y : Tensor = aten::sqrt(%r)", Floats, 1),
            ("%e : Tensor = aten::mul(%x, %i7)\n  %y : Tensor = aten::sum(%e, %none)\n  %z : Tensor = aten::neg(%e)", Numbers, 1),
            ("%m : Tensor = aten::mean(%x, %none)\n  %y : Tensor = aten::sub(%x, %m, %i1)", Floats, 2),
            ("%m : Tensor = aten::mean(%x, %none)\n  %c : Tensor = aten::gt(%x, %m)\n  %y : Tensor = aten::sum(%c, %none)\n  %z : Tensor = aten::gt(%m, %third)", Floats, 2),
            ("%z : Tensor = aten::exp(%w)\n  %m : Tensor = aten::mul(%x, %z)\n  %y : Tensor = aten::sum(%m, %d0, %true, %none)", Floats, 1),
            ("%s : Tensor = aten::sum(%x, %none)\n  %n : int = aten::size(%x, %i0)\n  %q : Tensor = aten::div(%x, %n)\n  %y : Tensor = aten::max(%q)\n  %z : Tensor = aten::add(%s, %y, %i1)", Floats, 1),
        })
        {
            foreach (var dtype in dtypes.Where(_ => passes > 0))
            {
                data.Add(body, dtype.ToString(), passes);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Reductions))]
    public async Task Parts_come_to_the_bits_of_the_whole(string body, string dtype, int passes)
    {
        var graph = Parse(body);
        (long Rows, long Columns)[] sizes = [(2, 3), (37, 3), (64, 4), (101, 6), (257, 1), (1, 300), (130, 5)];
        for (var i = 0; i < sizes.Length; i++)
        {
            var (rows, columns) = sizes[i];
            if (columns < 3 && body.Contains("narrow", StringComparison.Ordinal))
            {
                continue;
            }

            FuserValue[] inputs = [Data(Enum.Parse<DType>(dtype), i, rows, columns), Data(Enum.Parse<DType>(dtype), 5, columns)];
            if (PassPlan.Of(graph, inputs) is not { } plan)
            {
                rows.ShouldBe(1, $"{body} over {rows} rows is not taken apart");
                continue;
            }

            if (rows > 1 && columns > 1)
            {
                plan.Passes.Length.ShouldBe(passes, body);
            }

            foreach (var part in new long[] { 1, 8, 64 })
            {
                await SameBitsAsync(graph, plan, inputs, part, $"{body} over {dtype}[{rows}, {columns}] in parts of {part}");
            }
        }
    }

    [Theory]
    [InlineData("%y : Tensor = aten::nll_loss(%x, %t, %none, %i1, %im1)", 1)]
    [InlineData("%y : Tensor = aten::cross_entropy_loss(%x, %t, %w, %i1, %im1, %third)", 1)]
    [InlineData("%y : Tensor = aten::cross_entropy_loss(%x, %t, %none, %i2, %im1, %i0)", 1)]
    [InlineData("%y : Tensor = aten::batch_norm(%x, %w, %w, %none, %none, %true, %third, %third, %false)", 3)]
    public async Task Losses_over_rows_and_statistics_over_columns(string body, int passes)
    {
        var graph = Normaliser.Normalise(GraphText.Parse($"graph(%x : Tensor, %w : Tensor, %t : Tensor):\n{Frame}  {body}\n  return (%y)\n"));
        foreach (var rows in new[] { 2, 3, 50, 77 })
        {
            FuserValue[] inputs = [Data(DType.Float32, 1, rows, 7), Data(DType.Float32, 2, 7), NdArray.From([.. Enumerable.Range(0, rows).Select(i => i % 5 == 4 ? -1L : i % 7)])];
            var plan = PassPlan.Of(graph, inputs).ShouldNotBeNull();
            plan.Passes.Length.ShouldBe(passes);
            foreach (var part in new long[] { 1, 8, 64 })
            {
                await SameBitsAsync(graph, plan, inputs, part, $"{body} over {rows} rows in parts of {part}");
            }
        }
    }

    [Fact]
    public async Task What_of_the_corpus_can_be_taken_apart_comes_to_the_same_bits()
    {
        var taken = new List<string>();
        foreach (var (name, file) in CorpusCase.All())
        {
            var @case = CorpusCase.Load(name);
            var graph = GraphText.Parse(await File.ReadAllTextAsync(Path.Combine(@case.Folder, file)));
            var inputs = Host.Inputs.InputBinder.Bind(graph, @case.Values, NpyReader.Load);
            var normalised = Normaliser.Normalise(graph);
            if (PassPlan.Of(normalised, inputs) is not { } plan)
            {
                continue;
            }

            taken.Add($"{name} {plan.Passes.Length}");
            await SameBitsAsync(normalised, plan, inputs, 1, name);
            await SameBitsAsync(normalised, plan, inputs, 4, name);
        }

        taken.Count.ShouldBeGreaterThan(20, string.Join(", ", taken));
    }

    [Fact]
    public async Task Every_size_around_powers_of_two_and_every_size_of_parts()
    {
        var graph = Parse("%y : Tensor = aten::sum(%x, %none)\n  %z : Tensor = aten::prod(%x, %d0, %false, %none)");
        for (long rows = 2; rows < 70; rows++)
        {
            FuserValue[] inputs = [Data(DType.Float64, rows, rows, 3), Data(DType.Float64, 0, 3)]; // in float32 the last rounding hides the order
            var plan = PassPlan.Of(graph, inputs).ShouldNotBeNull();
            for (long part = 1; part < 2 * rows; part *= 2)
            {
                await SameBitsAsync(graph, plan, inputs, part, $"{rows} rows in parts of {part}");
            }
        }
    }

    [Fact]
    public async Task Inputs_whose_memory_is_no_row_are_cut_between_rows()
    {
        var graph = Parse("%y : Tensor = aten::sum(%x, %none)\n  %z : Tensor = aten::amax(%x, %d0, %true)");
        var strided = NdArray.From(Enumerable.Range(0, 1000).Select(i => MathF.Sin(i)).ToArray().AsMemory(), new TensorLayout([100, 3], [-1, 200], 300));
        FuserValue[] inputs = [strided, Data(DType.Float32, 0, 3)];
        var plan = PassPlan.Of(graph, inputs).ShouldNotBeNull();
        plan.Inputs.Rows.ShouldBe(100);
        await SameBitsAsync(graph, plan, inputs, 16, "strided");
    }

    [Fact]
    public void A_full_reduction_of_elementwise_work_is_cut_anywhere_whatever_its_axes()
    {
        var plan = PassPlan.Of(Parse("%e : Tensor = aten::exp(%x)\n  %y : Tensor = aten::sum(%e, %none)"), (FuserValue[])[Data(DType.Float32, 0, 1, 3, 50), Data(DType.Float32, 0, 50)]).ShouldNotBeNull();
        plan.Inputs.Rows.ShouldBe(150);

        // One number of a part, in the type that the whole is added in.
        plan.SubtreeBytes(64).ShouldBe(3 * sizeof(double));
    }

    [Theory]
    [InlineData("%y : Tensor = aten::rand_like(%x, %none, %none, %none, %none, %none)\n  %z : Tensor = aten::sum(%y, %none)")]
    [InlineData("%y : Tensor = aten::cumsum(%x, %i0, %none)\n  %z : Tensor = aten::sum(%y, %none)")]
    [InlineData("%y : Tensor = aten::matmul(%x, %w)\n  %z : Tensor = aten::sum(%y, %none)")]
    [InlineData("%y : Tensor = aten::flip(%x, %d0)\n  %s : Tensor = aten::sum(%x, %none)")]
    [InlineData("%t : Tensor = aten::t(%x)\n  %y : Tensor = aten::softmax(%t, %i0, %none)")]
    [InlineData("%s : Tensor = aten::select(%x, %i0, %i1)\n  %d : Tensor = aten::sub(%x, %s, %i1)\n  %y : Tensor = aten::sum(%d, %none)")]
    [InlineData("%y : Tensor = aten::sum(%x, %none)\n  %z : int = aten::size(%x, %i0)")]
    [InlineData("%y : Tensor = aten::sum(%w, %none)")]
    [InlineData("%d : Tensor = aten::diagonal(%x, %i0, %i0, %i1)\n  %y : Tensor = aten::sum(%d, %none)")]
    public void What_needs_more_of_other_rows_than_their_sum_runs_in_one_piece(string body) =>
        PassPlan.Of(Parse(body), (FuserValue[])[Data(DType.Float32, 0, 10, 6), Data(DType.Float32, 0, 6)]).ShouldBeNull();

    [Fact]
    public void More_passes_than_pay_run_in_one_piece()
    {
        var body = string.Join("\n  ", Enumerable.Range(0, 5).Select(i => $"%m{i} : Tensor = aten::mean(%x{i}, %none)\n  %x{i + 1} : Tensor = aten::sub(%x{i}, %m{i}, %i1)"));
        PassPlan.Of(Parse($"%x0 : Tensor = aten::exp(%x)\n  {body}\n  %y : Tensor = aten::exp(%x5)"), (FuserValue[])[Data(DType.Float32, 0, 10, 6), Data(DType.Float32, 0, 6)]).ShouldBeNull();
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 1)]
    [InlineData(5, 0)]
    public void Without_rows_there_is_nothing_to_take_apart(long rows, long columns) =>
        PassPlan.Of(Parse("%y : Tensor = aten::sum(%x, %none)"), (FuserValue[])[Data(DType.Float32, 0, rows, columns), Data(DType.Float32, 0, 1)]).ShouldBeNull();

    private static async Task SameBitsAsync(NormalisedGraph graph, PassPlan plan, FuserValue[] inputs, long rows, string what)
    {
        var wanted = KernelCompiler.Compile(graph.Graph, inputs, new InterpreterTarget()).Run(inputs, seed: 3);
        var got = (await new PassRun(plan.Cut(rows), inputs, Local.Instance).RunAsync(default)).Outputs;
        got.Length.ShouldBe(wanted.Length, what);
        for (var i = 0; i < got.Length; i++)
        {
            got[i].ShouldHaveTheBitsOf(wanted[i], $"{what}, output {i}");
        }
    }

    /// <summary>Every result of the body that is called y or z is returned.</summary>
    private static NormalisedGraph Parse(string body)
    {
        var outputs = string.Join(", ", ((string[])["%y", "%z"]).Where(name => body.Contains($"{name} :", StringComparison.Ordinal)));
        return Normaliser.Normalise(GraphText.Parse($"graph(%x : Tensor, %w : Tensor):\n{Frame}  {body}\n  return ({outputs})\n"));
    }

    /// <summary>Numbers that come to something else in another order, also in float64; now and then infinities, NaN and zeros of both signs.</summary>
    private static NdArray Data(DType dtype, long seed, params long[] shape)
    {
        var values = NdArray.From([.. Enumerable.Range(0, (int)Shapes.ElementCount(shape)).Select(i => Number(i, (int)seed, dtype is DType.Float32 or DType.Float64 or DType.BFloat16 ? 80 : 12))], shape);
        var special = dtype.IsFloatingPoint() ? "" : "%z : Tensor = aten::nan_to_num(%x, %none, %none, %none)\n";
        return dtype == DType.Float64
            ? values
            : KernelCompiler.Compile(GraphText.Parse($"graph(%x : Tensor):\n  %none : NoneType = prim::Constant()\n  {special}  %c : int = prim::Constant[value={dtype.TorchCode()}]()\n  %y : Tensor = aten::to({(special.Length > 0 ? "%z" : "%x")}, %c)\n  return (%y)\n"), [values], SimdTarget.Best).Run([values], seed: 0)[0];
    }

    private static double Number(int i, int seed, int binades)
    {
        var random = new Random((i * 7919) + seed);
        var special = (seed % 5, random.Next(200)) switch
        {
            (1, 0) => double.NaN,
            (2, < 2) => double.PositiveInfinity,
            (3, 0) => double.NegativeInfinity,
            (4, < 150) => -0.0,
            _ => 1.0,
        };
        return special == 1 ? (random.NextDouble() - 0.4) * Math.Pow(2, random.Next(binades) - (binades / 2)) : special;
    }

    /// <summary>Runs parts here, from their text, as a node has it.</summary>
    private sealed class Local : IPartRunner
    {
        public static Local Instance { get; } = new();

        public async Task<RunReport> RunPartAsync(Graph graph, ReadOnlyMemory<FuserValue> inputs, CancellationToken cancellationToken) =>
            new(await FinishAsync(graph, inputs, cancellationToken), [], [], [], TimeSpan.Zero);

        public ValueTask<ImmutableArray<NdArray>> FinishAsync(Graph graph, ReadOnlyMemory<FuserValue> inputs, CancellationToken cancellationToken) =>
            ValueTask.FromResult(KernelCompiler.Compile(GraphText.Parse(GraphText.Print(graph), limits: null, cancellationToken), inputs.Span, new InterpreterTarget(), cancellationToken: cancellationToken).Run(inputs.Span, seed: 0, cancellationToken: cancellationToken));
    }
}
