using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>The cases PyTorch's own fuser was tested with, as values: computed here by plain loops in the same order of roundings.</summary>
public sealed class LegacyFuserTests
{
    private static readonly Random Seeded = new(42);

    [Fact]
    public void Abs() => Elementwise("x", "%1 = aten::abs(%x); %y = aten::mul(%1, %i2)", [Random(5)], (x, i) => MathF.Abs(x[0][i]) * 2);

    [Fact]
    public void Relu() => Elementwise("x y", Half + "%1 = aten::add(%x, %h, %i1); %y1 = aten::relu(%1)", [Random(4, 4), Random(4, 4)], (x, i) => Math.Max(0, x[0][i] + (x[1][i] * 0.5f)), "y1");

    [Fact]
    public void Addition_and_remainder() => Elementwise("x y", "%1 = aten::remainder(%x, %y); %2 = aten::add(%1, %i1, %i1); %3 = aten::sub(%2, %i1, %i1)", [Positive(512), Positive(512)], (x, i) => x[0][i] % x[1][i] + 1 - 1, "3");

    [Fact]
    public void Threshold() => Values(
        Run("x", "%k = prim::Constant[value=-10](); %1 = aten::threshold(%x, %i0, %k); %2 = aten::add(%1, %x, %i1); %3 = aten::add(%2, %x, %i1); %4 = aten::add(%3, %x, %i1)".Replace("%k =", "%k : int ="), "4", NdArray.From([-1f, -.5f, 0, 1, 2, 3])),
        -13f, -11.5f, -10, 4, 8, 12);

    [Fact]
    public void Scalar_argument_needs_no_new_kernel()
    {
        var text = Programs.Text("x p:float", "%1 = aten::mul(%x, %x); %2 = aten::add(%1, %x, %i1); %3 = aten::mul(%2, %p)", "3");
        var x = Random(4, 4);
        foreach (var p in new[] { 3.0, 0.1, -7.5 })
        {
            var expected = x.ToArray<float>().Select(value => ((value * value) + value) * (float)p).ToArray();
            Programs.Run(text, x, p)[0].ToArray<float>().ShouldBe(expected);
        }

        Programs.Specialise(text, x, 0.1)[0].Arguments.ShouldBe(Programs.Specialise(text, x, 3.0)[0].Arguments);
    }

    [Fact]
    public void Small_constants_keep_their_digits() => Elementwise(
        "x y", "%a : float = prim::Constant[value=1e-08](); %b : float = prim::Constant[value=5e-09](); %c : float = prim::Constant[value=100000000.]();  %1 = aten::mul(%x, %a); %2 = aten::mul(%y, %b); %3 = aten::add(%1, %2, %i1); %4 = aten::mul(%3, %c)",
        [Random(4, 4), Random(4, 4)], (x, i) => ((x[0][i] * 1e-8f) + (x[1][i] * 5e-9f)) * 1e8f, "4");

    [Fact]
    public void A_constant_of_seventeen_digits_is_exact_in_double_precision()
    {
        var x = NdArray.From([1.0, -2.5]);
        Run("x", "%k : float = prim::Constant[value=3.9438292681909304](); %1 = aten::add(%x, %k, %i1)", "1", x)[0].ToArray<double>().ShouldBe([1 + 3.9438292681909304, -2.5 + 3.9438292681909304]);
        Run("x p:float", "%1 = aten::mul(%x, %p)", "1", x, 0.1)[0].ToArray<double>().ShouldBe([0.1, -2.5 * 0.1]);
    }

    [Fact]
    public void Minimum_and_maximum_hand_NaN_on()
    {
        var (a, nan) = (NdArray.From([1f, -2, float.NaN, 4]), NdArray.Scalar(float.NaN));
        var b = NdArray.From([0f, 0, 0, 100]);
        var text = Programs.Text("a b", "%1 = aten::mul(%a, %i2); %x = aten::max(%1, %b); %n = aten::min(%1, %b)", "x n");
        Values([Programs.Run(text, a, b)[0]], 2, 0, float.NaN, 100);
        Values([Programs.Run(text, a, b)[1]], 0, -4, float.NaN, 8);
        Values([Programs.Run(text, a, nan)[0]], float.NaN, float.NaN, float.NaN, float.NaN);
        Values([Programs.Run(text, nan, b)[1]], float.NaN, float.NaN, float.NaN, float.NaN);
    }

    [Fact]
    public void Clamp_with_every_kind_of_bound()
    {
        var x = NdArray.From([-3f, 0.5f, 3, float.NaN, float.PositiveInfinity]);
        Values(Run("x", "%1 = aten::clamp(%x, %i0, %i2)", "1", x), 0, 0.5f, 2, float.NaN, 2);
        Values(Run("x", "%inf : float = prim::Constant[value=inf](); %1 = aten::clamp(%x, %i0, %inf)", "1", x), 0, 0.5f, 3, float.NaN, float.PositiveInfinity);
        Values(Run("x", "%1 = aten::clamp(%x, %none, %i2)", "1", x), -3, 0.5f, 2, float.NaN, 2);
        Values(Run("x", "%1 = aten::clamp(%x, %i0, %none)", "1", x), 0, 0.5f, 3, float.NaN, float.PositiveInfinity);
        Values(Run("x", "%1 = aten::clamp(%x, %i3, %i1)", "1", NdArray.From([2f])), 1);
    }

    [Theory]
    [InlineData("eq", "ne")]
    [InlineData("gt", "lt")]
    [InlineData("ge", "le")]
    public void Comparisons_take_part_as_numbers_after_type_as(string first, string second)
    {
        bool Holds(string kind, float x) => kind switch { "eq" => x == 0, "ne" => x != 0, "gt" => x > 0, "lt" => x < 0, "ge" => x >= 0, _ => x <= 0 };
        float One(bool holds) => holds ? 1 : 0;
        var (x, y) = (NdArray.From([-1f, 0, 2, -0f, 5]), Random(5));
        Elementwise("x y", $"%1 = aten::{first}(%x, %i0); %2 = aten::type_as(%1, %x); %3 = aten::mul(%x, %2); %z = aten::add(%3, %y, %i1); %4 = aten::{second}(%x, %i0); %5 = aten::type_as(%4, %x); %6 = aten::mul(%z, %5)", [x, y], (v, i) => ((v[0][i] * One(Holds(first, v[0][i]))) + v[1][i]) * One(Holds(second, v[0][i])), "6");
    }

    [Fact]
    public void Addcmul_broadcasts_three_ways()
    {
        var (t, t1, t2) = (Random(1, 4), Random(4, 1), Random(1, 4));
        var result = Run("t t1 t2", "%1 = aten::add(%t, %i1, %i1); %k : float = prim::Constant[value=0.1](); %2 = aten::addcmul(%t, %1, %t2, %k); %3 = aten::add(%2, %t1, %i1)", "3", t, t1, t2)[0];
        result.Shape.ShouldBe([4L, 4]);
        var (a, b, c) = (t.ToArray<float>(), t1.ToArray<float>(), t2.ToArray<float>());
        result.ToArray<float>().ShouldBe(Enumerable.Range(0, 16).Select(i => a[i % 4] + (0.1f * (a[i % 4] + 1) * c[i % 4]) + b[i / 4]));
    }

    [Fact]
    public void Lerp_reaches_its_end_exactly()
    {
        Values(Run("a b", "%k : float = prim::Constant[value=1.](); %1 = aten::lerp(%a, %b, %k)", "1", NdArray.From([1e8f]), NdArray.From([1f])), 1);
        Values(Run("a b", "%k : float = prim::Constant[value=0.25](); %1 = aten::add(%a, %i1, %i1); %2 = aten::lerp(%1, %b, %k)", "2", NdArray.From([1f, 3], 2, 1), NdArray.From([6f, 10], 1, 2)), 3, 4, 4.5f, 5.5f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(-1)]
    public void Chunks_of_dense_and_of_transposed_tensors(int axis)
    {
        var dense = Random(12, 8, 16);
        var transposed = NdArray.From(dense.ToArray<float>(), DType.Float32, new TensorLayout([12, 16, 8], [128, 1, 16]));
        foreach (var x in new[] { Random(4, 4, 4), dense, transposed })
        {
            var result = Run("x", $"%d : int = prim::Constant[value={axis}](); %l : Tensor[] = aten::chunk(%x, %i4, %d); %a, %b, %c, %e = prim::ListUnpack(%l); %1 = aten::add(%a, %b, %i1); %2 = aten::add(%1, %c, %i1); %3 = aten::add(%2, %e, %i1)", "3", x)[0];
            var at = (axis + 3) % 3;
            var shape = x.Shape.SetItem(at, x.Shape[at] / 4);
            result.Shape.ShouldBe(shape);
            var (values, actual) = (x.ToArray<float>(), result.ToArray<float>());
            for (var i = 0; i < actual.Length; i++)
            {
                long[] index = [i / (shape[1] * shape[2]), i / shape[2] % shape[1], i % shape[2]];
                float Part(int part)
                {
                    var moved = index.ToArray();
                    moved[at] += part * shape[at];
                    return values[((moved[0] * x.Shape[1]) + moved[1]) * x.Shape[2] + moved[2]];
                }

                actual[i].ShouldBe(Part(0) + Part(1) + Part(2) + Part(3));
            }
        }
    }

    [Fact]
    public void A_chunk_of_a_sum_is_one_kernel()
    {
        var text = Programs.Text("x y", "%s = aten::add(%x, %y, %i1); %l : Tensor[] = aten::chunk(%s, %i2, %i1); %a, %b = prim::ListUnpack(%l); %z = aten::mul(%a, %b)", "z");
        Programs.Plan(text, Random(4, 4), Random(4, 4)).Groups.ShouldHaveSingleItem().Graph.Inputs.Length.ShouldBe(4);
    }

    [Fact]
    public void A_tensor_chunked_into_a_product_with_itself_is_read_through_two_arguments()
    {
        var text = Programs.Text("x", "%z = aten::mul(%x, %x); %l : Tensor[] = aten::chunk(%z, %i2, %i0); %a, %b = prim::ListUnpack(%l); %r = aten::mul(%a, %b)", "r");
        Programs.Plan(text, NdArray.From([1.1f, 1.2f])).Groups.ShouldHaveSingleItem().Graph.Inputs.Length.ShouldBe(2);
        Values(Programs.Run(text, NdArray.From([1.1f, 1.2f])), 1.1f * 1.1f * (1.2f * 1.2f));
    }

    [Fact]
    public void Chunks_of_three_inputs_along_three_axes()
    {
        var (s, x, y, z) = (Random(5, 2, 3), Random(5, 6, 3), Random(10, 2, 3), Random(5, 2, 6));
        var body = "%lz : Tensor[] = aten::chunk(%z, %i2, %i2); %z1, %z2 = prim::ListUnpack(%lz); %lx : Tensor[] = aten::chunk(%x, %i3, %i1); %x1, %x2, %x3 = prim::ListUnpack(%lx); %ly : Tensor[] = aten::chunk(%y, %i2, %i0); %y1, %y2 = prim::ListUnpack(%ly);"
            + "%1 = aten::add(%s, %x1, %i1); %2 = aten::add(%1, %x2, %i1); %3 = aten::add(%2, %x3, %i1); %4 = aten::add(%3, %y1, %i1); %5 = aten::add(%4, %y2, %i1); %6 = aten::add(%5, %z1, %i1); %7 = aten::add(%6, %z2, %i1)";
        var result = Run("s x y z", body, "7", s, x, y, z)[0].ToArray<float>();
        var (vs, vx, vy, vz) = (s.ToArray<float>(), x.ToArray<float>(), y.ToArray<float>(), z.ToArray<float>());
        for (var i = 0; i < 30; i++)
        {
            var (a, b, c) = (i / 6, i / 3 % 2, i % 3);
            var expected = vs[i] + vx[(a * 18) + (b * 3) + c] + vx[(a * 18) + ((b + 2) * 3) + c] + vx[(a * 18) + ((b + 4) * 3) + c] + vy[(a * 6) + (b * 3) + c] + vy[((a + 5) * 6) + (b * 3) + c] + vz[(a * 12) + (b * 6) + c] + vz[(a * 12) + (b * 6) + c + 3];
            result[i].ShouldBe(expected);
        }
    }

    [Fact]
    public void Concatenation_of_two_results_is_one_kernel_where_the_parts_have_one_shape()
    {
        var text = Programs.Text("x y", "%a = aten::add(%x, %y, %i1); %b = aten::mul(%x, %y); %l : Tensor[] = prim::ListConstruct(%a, %b); %c = aten::cat(%l, %i0)", "c");
        var (x, y) = (Random(3, 20), Random(3, 20));
        Programs.Plan(text, x, y).Groups.ShouldHaveSingleItem().Outputs.Length.ShouldBe(2);
        var (vx, vy) = (x.ToArray<float>(), y.ToArray<float>());
        Programs.Run(text, x, y)[0].ToArray<float>().ShouldBe([.. vx.Zip(vy, (a, b) => a + b), .. vx.Zip(vy, (a, b) => a * b)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Concatenation_of_an_input_and_a_result(int axis)
    {
        var (x, y) = (Random(3, 4, 5), Random(3, 4, 5));
        var results = Run("x y", $"%d : int = prim::Constant[value={axis}](); %m = aten::mul(%x, %y); %l : Tensor[] = prim::ListConstruct(%x, %m); %c = aten::cat(%l, %d)", "m c", x, y);
        var (vx, m, c) = (x.ToArray<float>(), results[0].ToArray<float>(), results[1].ToArray<float>());
        var inner = new[] { 60, 20, 5 }[axis];
        for (var i = 0; i < 60; i++)
        {
            var at = (i / inner * 2 * inner) + (i % inner);
            c[at].ShouldBe(vx[i]);
            c[at + inner].ShouldBe(m[i]);
        }
    }

    [Fact]
    public void Parts_of_different_shapes_are_joined_by_several_kernels()
    {
        var text = Programs.Text("x y", "%a = aten::mul(%x, %i2); %b = aten::mul(%y, %i3); %l : Tensor[] = prim::ListConstruct(%a, %b); %c = aten::cat(%l, %i0)", "c");
        Programs.Plan(text, Random(2, 4), Random(1, 4)).Groups.Length.ShouldBe(2);
        Programs.Run(text, Random(2, 4), Random(1, 4))[0].Shape.ShouldBe([3L, 4]);
    }

    [Fact]
    public void A_concatenation_that_is_used_again_is_put_in_memory_between_two_kernels()
    {
        var text = Programs.Text("x y z", "%a = aten::add(%x, %y, %i1); %b = aten::sub(%x, %y, %i1); %l : Tensor[] = prim::ListConstruct(%a, %b); %w = aten::cat(%l, %i0); %r = aten::add(%w, %z, %i1)", "r");
        var (x, y, z) = (Random(2, 2), Random(2, 2), Random(4, 2));
        Programs.Plan(text, x, y, z).Groups.Length.ShouldBe(2);
        var (vx, vy) = (x.ToArray<float>(), y.ToArray<float>());
        float[] w = [.. vx.Zip(vy, (a, b) => a + b), .. vx.Zip(vy, (a, b) => a - b)];
        Programs.Run(text, x, y, z)[0].ToArray<float>().ShouldBe(w.Zip(z.ToArray<float>(), (a, b) => a + b));
    }

    [Fact]
    public void A_concatenation_takes_the_promoted_dtype_of_its_parts()
    {
        var result = Run("m x", "%l : Tensor[] = prim::ListConstruct(%m, %x); %c = aten::cat(%l, %i0)", "c", NdArray.From([true, false]), NdArray.From([0.5f]))[0];
        result.ToArray<float>().ShouldBe([1, 0, 0.5f]);
    }

    [Fact]
    public void Normalisation_by_hand_broadcasts_over_channels()
    {
        var (x, y, m, v, w, b) = (Random(2, 16, 8, 8), Random(2, 16, 8, 8), Random(1, 16, 1, 1), Positive(1, 16, 1, 1), Random(1, 16, 1, 1), Random(1, 16, 1, 1));
        var result = Run("x y m v w b", "%e : float = prim::Constant[value=1e-05](); %1 = aten::add(%v, %e, %i1); %2 = aten::sqrt(%1); %3 = aten::reciprocal(%2); %4 = aten::sub(%x, %m, %i1); %5 = aten::mul(%4, %3); %6 = aten::mul(%5, %w); %7 = aten::add(%6, %b, %i1); %8 = aten::relu(%7); %9 = aten::add(%y, %8, %i1)", "9", x, y, m, v, w, b)[0].ToArray<float>();
        var (vx, vy, vm, vv, vw, vb) = (x.ToArray<float>(), y.ToArray<float>(), m.ToArray<float>(), v.ToArray<float>(), w.ToArray<float>(), b.ToArray<float>());
        for (var i = 0; i < vx.Length; i++)
        {
            var channel = i / 64 % 16;
            result[i].ShouldBe(vy[i] + Math.Max(0, ((vx[i] - vm[channel]) * (1 / MathF.Sqrt(vv[channel] + 1e-5f)) * vw[channel]) + vb[channel]));
        }
    }

    [Fact]
    public void Intersection_over_union_of_boxes()
    {
        var names = "l1 t1 r1 b1 l2 t2 r2 b2";
        var body = "%la = aten::max(%l1, %l2); %ta = aten::max(%t1, %t2); %ra = aten::min(%r1, %r2); %ba = aten::min(%b1, %b2); %w0 = aten::sub(%ra, %la, %i1); %w = aten::clamp(%w0, %i0, %none); %h0 = aten::sub(%ba, %ta, %i1); %h = aten::clamp(%h0, %i0, %none); %inter = aten::mul(%w, %h);"
            + "%w1 = aten::sub(%r1, %l1, %i1); %h1 = aten::sub(%b1, %t1, %i1); %a1 = aten::mul(%w1, %h1); %w2 = aten::sub(%r2, %l2, %i1); %h2 = aten::sub(%b2, %t2, %i1); %a2 = aten::mul(%w2, %h2); %s = aten::add(%a1, %a2, %i1); %u = aten::sub(%s, %inter, %i1); %iou = aten::div(%inter, %u)";
        NdArray[] boxes = [.. Enumerable.Range(0, 8).Select(i => (i % 4 < 2 ? Random : (Func<long[], NdArray>)Far)(i < 4 ? [5, 1] : [1, 5]))];
        var result = Run(names, body, "iou", [.. boxes.Select(box => (FuserValue)box)])[0].ToArray<float>();
        var v = boxes.Select(box => box.ToArray<float>()).ToArray();
        for (var i = 0; i < 25; i++)
        {
            var (a, b) = (i / 5, i % 5);
            var width = Math.Max(0, Math.Min(v[2][a], v[6][b]) - Math.Max(v[0][a], v[4][b]));
            var height = Math.Max(0, Math.Min(v[3][a], v[7][b]) - Math.Max(v[1][a], v[5][b]));
            var inter = width * height;
            result[i].ShouldBe(inter / (((v[2][a] - v[0][a]) * (v[3][a] - v[1][a])) + ((v[6][b] - v[4][b]) * (v[7][b] - v[5][b])) - inter));
        }
    }

    [Fact]
    public void Outputs_of_two_dtypes()
    {
        var (x, y) = (NdArray.From([1.0, 5, -2]), NdArray.From([2.0, 4, -2]));
        var results = Run("x y", "%m = aten::gt(%x, %y); %w = aten::where(%m, %x, %y)", "m w", x, y);
        results[0].ToArray<bool>().ShouldBe([false, true, false]);
        results[1].ToArray<double>().ShouldBe([2, 5, -2]);
    }

    [Fact]
    public void Equal_outputs_each_get_their_own_memory()
    {
        var results = Run("x", "%a = aten::mul(%x, %i2); %b = aten::mul(%x, %i2)", "a b", NdArray.From([1f, 2]));
        results[0].AsSpan<float>()[0] = 9;
        results[1].ToArray<float>().ShouldBe([2, 4]);
    }

    [Fact]
    public void Zero_dimensional_tensors()
    {
        var result = Run("x y", "%1 = aten::mul(%x, %i2); %2 = aten::add(%1, %y, %i1)", "2", NdArray.Scalar(0.1f), NdArray.Scalar(1f))[0];
        result.Shape.ShouldBeEmpty();
        result.ToArray<float>().ShouldBe([(0.1f * 2) + 1]);
    }

    [Fact]
    public void Tensors_without_elements_run_nothing_and_have_their_shape()
    {
        var results = Run("s c", "%1 = aten::atan2(%s, %c); %2 = aten::add(%s, %i1, %i1)", "1 2", NdArray.From(Array.Empty<float>()), NdArray.From(Array.Empty<float>()));
        results[0].Shape.ShouldBe([0L]);
        results[1].ElementCount.ShouldBe(0);
    }

    [Fact]
    public void Half_precision_is_computed_in_float_and_rounded_once()
    {
        var (x, y) = (NdArray.From(new[] { 1.0, 2049, 3e4, -2.5 }.Select(v => (Half)v).ToArray()), NdArray.From(new[] { 2e-4, 1, 3e4, 1e-7 }.Select(v => (Half)v).ToArray()));
        var result = Run("x y", Half + "%1 = aten::add(%x, %h, %i1); %2 = aten::mul(%1, %i3)", "2", x, y)[0].ToArray<Half>();
        result.ShouldBe(x.ToArray<Half>().Zip(y.ToArray<Half>(), (a, b) => (Half)(((float)a + ((float)b * 0.5f)) * 3)));
    }

    [Fact]
    public void Bfloat16_is_computed_in_float_and_rounded_once()
    {
        var (x, y) = (NdArray.From(new[] { 1f, -3, 100 }.Select(v => (BFloat16)v).ToArray()), NdArray.From(new[] { 0.001f, 2.5f, 0.3f }.Select(v => (BFloat16)v).ToArray()));
        var result = Run("x y", "%1 = aten::add(%x, %y, %i1); %2 = aten::relu(%1)", "2", x, y)[0].ToArray<BFloat16>();
        result.ShouldBe(x.ToArray<BFloat16>().Zip(y.ToArray<BFloat16>(), (a, b) => (BFloat16)Math.Max(0, (float)a + (float)b)));
    }

    [Fact]
    public void Transposed_operands() =>
        Run("a b", "%t = aten::t(%b); %c = aten::mul(%a, %t)", "c", Programs.Range(3, 4), Programs.Range(4, 3))[0].ToArray<float>()
            .ShouldBe(Enumerable.Range(0, 12).Select(i => ((i * 0.25f) - 1) * (((((i % 4) * 3) + (i / 4)) * 0.25f) - 1)));

    [Theory]
    [InlineData(new long[] { 4, 4 }, new long[] { 4 }, new long[] { 4, 4 })]
    [InlineData(new long[] { 4, 1 }, new long[] { 1, 5 }, new long[] { 4, 5 })]
    [InlineData(new long[0], new long[0], new long[0])]
    [InlineData(new long[] { 0, 3 }, new long[] { 1, 3 }, new long[] { 0, 3 })]
    [InlineData(new long[] { 1, 1, 2 }, new long[] { 3, 1 }, new long[] { 1, 3, 2 })]
    public void Shapes_broadcast_into_one_kernel(long[] a, long[] b, long[] expected)
    {
        var text = Programs.Text("a b", "%c = aten::add(%a, %b, %i1)", "c");
        Programs.Plan(text, Programs.Range(a), Programs.Range(b)).Groups.ShouldHaveSingleItem().MapShape.ShouldBe(expected);
        Programs.Run(text, Programs.Range(a), Programs.Range(b))[0].Shape.ShouldBe(expected);
    }

    [Fact]
    public void Outputs_of_one_shape_share_a_kernel_and_others_get_their_own()
    {
        var text = Programs.Text("a b c", "%1 = aten::add(%a, %b, %i1); %2 = aten::mul(%c, %i2)", "1 2");
        Programs.Plan(text, Random(4, 4), Random(4), Random(4, 4)).Groups.ShouldHaveSingleItem();
        Programs.Plan(text, Random(4, 4), Random(4), Random(4)).Groups.Length.ShouldBe(2);
        Programs.Run(text, Random(4, 4), Random(4), Random(4))[1].Shape.ShouldBe([4L]);
    }

    [Fact]
    public void A_chunk_that_does_not_divide_gives_a_smaller_last_part()
    {
        var results = Run("a", "%l : Tensor[] = aten::chunk(%a, %i4, %i0); %1, %2, %3, %4 = prim::ListUnpack(%l); %5 = aten::relu(%4)", "1 5", Programs.Range(7, 2));
        results[0].Shape.ShouldBe([2L, 2]);
        results[1].Shape.ShouldBe([1L, 2]);
    }

    [Fact]
    public void A_chunk_broadcasts_with_a_row()
    {
        var text = Programs.Text("a b", "%l : Tensor[] = aten::chunk(%a, %i2, %i1); %1, %2 = prim::ListUnpack(%l); %3 = aten::add(%1, %b, %i1); %4 = aten::add(%2, %b, %i1)", "3 4");
        Programs.Plan(text, Random(4, 6), Random(3)).Groups.ShouldHaveSingleItem().MapShape.ShouldBe([4L, 3]);
    }

    private const string Half = "%k : float = prim::Constant[value=0.5](); %h = aten::mul(%y, %k);";

    private static NdArray Far(params long[] shape) => Make(shape, () => 2 + (float)Seeded.NextDouble());

    private static NdArray Positive(params long[] shape) => Make(shape, () => 0.1f + (float)Seeded.NextDouble());

    private static NdArray Random(params long[] shape) => Make(shape, () => (float)((Seeded.NextDouble() * 4) - 2));

    private static NdArray Make(long[] shape, Func<float> next)
    {
        lock (Seeded)
        {
            return NdArray.From([.. Enumerable.Range(0, (int)Shapes.ElementCount(shape)).Select(_ => next())], shape);
        }
    }

    private static NdArray[] Run(string inputs, string body, string outputs, params FuserValue[] values) => [.. Programs.Run(Programs.Text(inputs, body, outputs), values)];

    private static void Elementwise(string inputs, string body, NdArray[] values, Func<float[][], int, float> expected, string output = "y")
    {
        var result = Run(inputs, body, output, [.. values.Select(value => (FuserValue)value)])[0].ToArray<float>();
        var arrays = values.Select(value => value.ToArray<float>()).ToArray();
        result.ShouldBe(Enumerable.Range(0, result.Length).Select(i => expected(arrays, i)));
    }

    private static void Values(IReadOnlyList<NdArray> results, params float[] expected) =>
        Bits.ShouldBeSame(results[0], NdArray.From(expected, results[0].Shape.AsSpan()), "expected values");
}
