using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Routines;

/// <summary>Attention against its definition in float64; torch 1.13, of which the other answers are, has no such operation.</summary>
public sealed class AttentionTests
{
    private const int Keys = 7;

    [Theory]
    [InlineData("%none", "%false", "%none")]
    [InlineData("%none", "%true", "%none")]
    [InlineData("%none", "%false", "%scale")]
    [InlineData("%mask", "%false", "%none")]
    [InlineData("%bias", "%false", "%none")]
    public void It_is_softmax_of_scores_times_values(string mask, string causal, string scale)
    {
        var (q, k, v) = (Numbers(1, 2, 3, 5, 4), Numbers(2, 2, 3, Keys, 4), Numbers(3, 2, 3, Keys, 6));
        var (seen, bias) = (NdArray.From([.. Enumerable.Range(0, 5 * Keys).Select(i => i % 3 != 0 && i / Keys != 2)], 5, Keys), Numbers(4, 5, Keys));
        var text = Programs.Text("q k v mask bias", $"%scale : float = prim::Constant[value=0.75](); %zero : float = prim::Constant[value=0.](); %y = aten::scaled_dot_product_attention(%q, %k, %v, {mask}, %zero, {causal}, {scale}, %false)", "y");
        var y = Programs.Run(text, q, k, v, seen, bias)[0].ToArray<float>();
        var (qs, ks, vs, ms, bs) = (q.ToArray<float>(), k.ToArray<float>(), v.ToArray<float>(), seen.ToArray<bool>(), bias.ToArray<float>());
        for (var row = 0; row < 2 * 3 * 5; row++)
        {
            var (head, query) = (row / 5, row % 5);
            var scores = Enumerable.Range(0, Keys).Select(key =>
                mask == "%mask" && !ms[(query * Keys) + key] ? double.NegativeInfinity
                : causal == "%true" && key > query ? double.NegativeInfinity
                : (Enumerable.Range(0, 4).Sum(i => (double)qs[(row * 4) + i] * ks[(((head * Keys) + key) * 4) + i]) * (scale == "%none" ? 0.5 : 0.75)) + (mask == "%bias" ? bs[(query * Keys) + key] : 0)).ToArray();
            var weights = scores.Select(score => double.IsNegativeInfinity(score) ? 0 : Math.Exp(score - scores.Max())).ToArray();
            var total = Math.Max(weights.Sum(), double.Epsilon);
            for (var i = 0; i < 6; i++)
            {
                ((double)y[(row * 6) + i]).ShouldBe(weights.Select((weight, key) => weight / total * vs[(((head * Keys) + key) * 6) + i]).Sum(), 1e-5);
            }
        }
    }

    [Fact]
    public void It_is_two_products_and_one_kernel_between_them()
    {
        var text = Programs.Text("q k v", "%zero : float = prim::Constant[value=0.](); %y = aten::scaled_dot_product_attention(%q, %k, %v, %none, %zero, %true, %none, %false)", "y");
        var plan = Programs.Plan(text, Numbers(1, 2, 8, 4), Numbers(2, 2, 8, 4), Numbers(3, 2, 8, 4));
        plan.Steps.Select(step => step.GetType().Name).ShouldBe([nameof(RoutineStep), nameof(KernelStep), nameof(RoutineStep)]);
    }

    [Fact]
    public void Heads_of_keys_serve_several_of_the_query()
    {
        var call = "%zero : float = prim::Constant[value=0.](); %y = aten::scaled_dot_product_attention(%q, %a, %b, %none, %zero, %false, %none, %{0})";
        var (q, k, v) = (Numbers(1, 1, 4, 5, 4), Numbers(2, 1, 2, 6, 4), Numbers(3, 1, 2, 6, 3));
        var grouped = Programs.Run(Programs.Text("q a b", call.Replace("{0}", "true"), "y"), q, k, v);
        var repeated = Programs.Run(Programs.Text("q k v", "%a = aten::repeat_interleave(%k, %i2, %i1, %none); %b = aten::repeat_interleave(%v, %i2, %i1, %none); " + call.Replace("{0}", "false"), "y"), q, k, v);
        Properties.Bits.ShouldBeSame(grouped, repeated, "heads repeated by hand");
    }

    [Fact]
    public void Dropout_and_two_masks_are_refused()
    {
        var (q, m) = (Numbers(1, 2, 3), Numbers(2, 2, 2));
        Should.Throw<GraphException>(() => Programs.Run(Programs.Text("q m", "%p : float = prim::Constant[value=0.5](); %y = aten::scaled_dot_product_attention(%q, %q, %q, %none, %p, %false)", "y"), q, m)).Code.ShouldBe(ErrorCodes.UnsupportedOperation);
        Should.Throw<GraphException>(() => Programs.Run(Programs.Text("q m", "%p : float = prim::Constant[value=0.](); %y = aten::scaled_dot_product_attention(%q, %q, %q, %m, %p, %true)", "y"), q, m)).Code.ShouldBe(ErrorCodes.OperationArgument);
    }

    private static NdArray Numbers(int seed, params long[] shape)
    {
        var random = new Random(seed);
        return NdArray.From([.. Enumerable.Range(0, (int)Shapes.ElementCount(shape)).Select(_ => (float)random.NextDouble() - 0.5f)], shape);
    }
}
