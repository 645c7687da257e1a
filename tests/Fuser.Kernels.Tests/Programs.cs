using System.Collections.Immutable;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests;

/// <summary>Short ways to run graph text in tests. Bodies are written without the frame: <c>%y : Tensor = aten::relu(%x)</c>.</summary>
internal static class Programs
{
    /// <summary>The literals every body may use: <c>%i0</c> to <c>%i4</c>, <c>%in1</c> (-1), <c>%true</c>, <c>%false</c>, <c>%none</c>.</summary>
    private static readonly string Literals = string.Concat(Enumerable.Range(0, 5).Select(i => $"  %i{i} : int = prim::Constant[value={i}]()\n"))
        + "  %in1 : int = prim::Constant[value=-1]()\n  %true : bool = prim::Constant[value=1]()\n  %false : bool = prim::Constant[value=0]()\n  %none : NoneType = prim::Constant()\n";

    /// <param name="inputs">Names of tensors; a number is written with its type, <c>p:float</c>.</param>
    /// <param name="body">Nodes, separated by semicolons or line ends; types of results may be left out.</param>
    public static string Text(string inputs, string body, string outputs)
    {
        var declared = inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(input => input.Contains(':') ? $"%{input.Replace(":", " : ")}" : $"%{input} : Tensor");
        var nodes = body.Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(node => $"  {node}\n");
        var returned = outputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(output => $"%{output}");
        return $"graph({string.Join(", ", declared)}):\n{Literals}{string.Concat(nodes)}  return ({string.Join(", ", returned)})\n";
    }

    public static GraphPlan Plan(string text, params FuserValue[] inputs) => Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(text)), inputs, FusionMode.Fused);

    /// <summary>Runs on the interpreter and on vectors, fused and not, and gives the results when all are the same.</summary>
    public static ImmutableArray<NdArray> Run(string text, params FuserValue[] inputs)
    {
        var expected = RunOn(InterpreterTarget.Instance, FusionMode.Unfused, text, inputs);
        foreach (var (target, mode) in new (IKernelTarget, FusionMode)[] { (InterpreterTarget.Instance, FusionMode.Fused), (SimdTarget.Best, FusionMode.Fused), (SimdTarget.Best, FusionMode.Unfused) })
        {
            Properties.Bits.ShouldBeSame(RunOn(target, mode, text, inputs), expected, $"{mode} on {target.Fingerprint}\n{text}");
        }

        return expected;
    }

    public static ImmutableArray<NdArray> RunOn(IKernelTarget target, FusionMode mode, string text, params FuserValue[] inputs) =>
        KernelCompiler.Compile(GraphText.Parse(text), inputs, target, mode).Run(inputs, seed: 7);

    public static Specialisation[] Specialise(string text, params FuserValue[] inputs) =>
        [.. Plan(text, inputs).Groups.Select(group => Specialisation.Of(group, "test"))];

    public static string KeyOf(string text) => Normaliser.Normalise(GraphText.Parse(text)).Key.ToString();

    public static NdArray Range(params long[] shape) => shape.Length == 0 ? NdArray.Scalar(-1f) : NdArray.From([.. Enumerable.Range(0, (int)Shapes.ElementCount(shape)).Select(i => (i * 0.25f) - 1)], shape);
}
