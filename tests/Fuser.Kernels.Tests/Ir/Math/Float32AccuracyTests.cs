using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Numerics;

namespace Fuser.Kernels.Tests.Ir.Math;

/// <summary>A sample of what the exhaustive checker (benchmarks/Fuser.Numerics) measures over all 2^32 inputs.</summary>
public sealed class Float32AccuracyTests
{
    public static TheoryData<string> Functions { get; } = new(Float32Functions.All.Select(function => function.Name));

    [Theory]
    [MemberData(nameof(Functions))]
    public void Results_are_within_one_unit_in_the_last_place_of_the_true_value(string name)
    {
        var function = Float32Functions.Find(name)!;
        var (x, y) = Sample(function.Arity, 4099);
        var results = Run<float>(function, SimdTarget.Best, function.Kernel(), x, y);
        var truth = Run<double>(function, SimdTarget.Best, function.TruthKernel(), x, y);
        for (var i = 0; i < x.Length; i++)
        {
            var error = UlpError.Of(results[i], truth[i]);
            (error <= function.Bound).ShouldBeTrue($"{Text(name, x, y, i)} gave {results[i]:R}, not {truth[i]:R}: {error:F3} ulp");
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Vector_code_of_every_width_gives_the_bits_of_the_interpreter(string name)
    {
        var function = Float32Functions.Find(name)!;
        var (x, y) = Sample(function.Arity, 524309);
        var interpreted = Run<float>(function, InterpreterTarget.Instance, function.Kernel(), x, y);
        foreach (var width in new[] { SimdWidth.None, SimdWidth.V128, SimdWidth.V256, SimdWidth.V512 })
        {
            var target = new SimdTarget(width);
            var vectorised = Run<float>(function, target, function.Kernel(), x, y);
            for (var i = 0; i < x.Length; i++)
            {
                (Bits(vectorised[i]) == Bits(interpreted[i])).ShouldBeTrue($"{Text(name, x, y, i)}: {target.Fingerprint} gave {vectorised[i]:R}, the interpreter {interpreted[i]:R}");
            }
        }
    }

    /// <summary>Guards against a lowering that grows unnoticed: these are what a fused kernel pays per element.</summary>
    [Theory]
    [InlineData("exp", 22)]
    [InlineData("exp2", 20)]
    [InlineData("expm1", 33)]
    [InlineData("sigmoid", 37)]
    [InlineData("tanh", 32)]
    [InlineData("erf", 35)]
    [InlineData("log", 27)]
    [InlineData("log2", 28)]
    [InlineData("log1p", 34)]
    public void A_frequent_function_is_native_float32_within_its_budget(string name, int primitives)
    {
        var nodes = Float32Functions.Find(name)!.Kernel().Nodes;
        nodes.Count(node => node.Op is not (IrOp.Constant or IrOp.Load or IrOp.Store or IrOp.Bitcast)).ShouldBeLessThanOrEqualTo(primitives);
        nodes.ShouldAllBe(node => node.Type.Size() <= 4);
    }

    /// <summary>Every step-th bit pattern and those around every power of two; second arguments are the same in another order.</summary>
    private static (float[] X, float[] Y) Sample(int arity, uint step)
    {
        var patterns = new List<uint>();
        for (ulong bits = 0; bits <= uint.MaxValue; bits += step)
        {
            patterns.Add((uint)bits);
        }

        for (var exponent = 0u; exponent < 256; exponent++)
        {
            for (var offset = -9; offset < 9; offset++)
            {
                var bits = (uint)((exponent << 23) + offset) & int.MaxValue;
                patterns.Add(bits);
                patterns.Add(bits | 0x80000000);
            }
        }

        float[] x = [.. patterns.Select(BitConverter.UInt32BitsToSingle)];
        return (x, arity == 1 ? [] : [.. x.Select((_, i) => x[(int)(i * 7919L % x.Length)])]);
    }

    private static T[] Run<T>(Float32Function function, IKernelTarget target, KernelIr kernel, float[] x, float[] y)
        where T : unmanaged
    {
        var results = new T[x.Length];
        function.Run<T>(target.Compile(kernel), x, y, results);
        return results;
    }

    private static string Text(string name, float[] x, float[] y, int i) => y.Length == 0 ? $"{name}({x[i]:R})" : $"{name}({x[i]:R}, {y[i]:R})";

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value);
}
