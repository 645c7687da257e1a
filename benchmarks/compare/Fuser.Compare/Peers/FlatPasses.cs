using System.Numerics.Tensors;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Peers;

/// <summary>Workloads that are the same for every element: pieces of 2,048.</summary>
internal sealed unsafe class FlatPasses : PassKernel
{
    private const int Piece = 2048;
    private const int Buffers = 6;
    private const float RootHalf = 0.70710677f;

    [ThreadStatic]
    private static float[]? s_buffers;

    private readonly PeerArrays _arrays;
    private readonly Passes _passes;
    private readonly long _count;

    private FlatPasses(PeerArrays arrays, Passes passes)
    {
        _arrays = arrays;
        _passes = passes;
        _count = arrays.Specs[arrays.Outputs.First()].Count;
    }

    private delegate void Passes(in View view);

    public static FlatPasses? Of(string workload, PeerArrays arrays)
    {
        Passes? passes = workload switch
        {
            "W1" => W1,
            "W2" => W2,
            "W4" => W4,
            "W7" => W7,
            "W8" => W8,
            "W9" => W9,
            "W10" => W10,
            "W11" => W11,
            _ => null,
        };
        return passes is null ? null : new FlatPasses(arrays, passes)
        {
            Items = (arrays.Specs[^1].Count + Piece - 1) / Piece,
            ItemLength = Piece,
            Note = workload switch
            {
                "W4" or "W7" => "erf from multiplications and a division",
                "W8" => "selections by Vector<T>",
                _ => "",
            },
        };
    }

    public override void Run(int member, long first, long end)
    {
        s_buffers ??= GC.AllocateUninitializedArray<float>(Buffers * Piece);
        for (var item = first; item < end; item++)
        {
            var start = item * Piece;
            _passes(new View(_arrays, s_buffers, start, (int)Math.Min(Piece, _count - start)));
        }
    }

    private static void W1(in View v)
    {
        var y = v.Out<float>(0);
        TensorPrimitives.MultiplyAddEstimate<float>(v.In<float>(0), v.In<float>(1), v.In<float>(2), y);
        TensorPrimitives.Max(y, 0f, y);
        TensorPrimitives.Multiply(y, v.In<float>(3), y);
    }

    private static void W2(in View v)
    {
        var x = v.In<float>(0);
        var y = v.Out<float>(0);
        var t = v.Buffer(0);
        var u = v.Buffer(1);
        TensorPrimitives.Tanh(x, t);
        TensorPrimitives.Sigmoid(x, u);
        TensorPrimitives.Multiply(x, x, y);
        TensorPrimitives.Negate<float>(y, y);
        TensorPrimitives.Exp<float>(y, y);
        TensorPrimitives.MultiplyAddEstimate<float>(t, u, y, y);
    }

    private static void W4(in View v)
    {
        var x = v.In<float>(0);
        var y = v.Out<float>(0);
        var t = v.Buffer(0);
        TensorPrimitives.Multiply(x, RootHalf, t);
        Erf(t, y, v.Buffer(1), v.Buffer(2));
        TensorPrimitives.Multiply(x, 0.5f, t);
        TensorPrimitives.MultiplyAddEstimate<float>(t, y, t, y);
    }

    private static void W7(in View v)
    {
        var s = v.In<float>(0);
        var k = v.In<float>(1);
        var years = v.In<float>(2);
        var r = v.In<float>(3);
        var sigma = v.In<float>(4);
        var y = v.Out<float>(0);
        var root = v.Buffer(0);
        var d1 = v.Buffer(1);
        var t = v.Buffer(2);
        var u = v.Buffer(3);
        var w = v.Buffer(4);
        TensorPrimitives.Sqrt(years, root);
        TensorPrimitives.Multiply(root, sigma, root);
        TensorPrimitives.Divide(s, k, d1);
        TensorPrimitives.Log<float>(d1, d1);
        TensorPrimitives.Multiply(sigma, sigma, t);
        TensorPrimitives.MultiplyAddEstimate<float>(t, 0.5f, r, t);
        TensorPrimitives.MultiplyAddEstimate<float>(t, years, d1, d1);
        TensorPrimitives.Divide<float>(d1, root, d1);
        TensorPrimitives.Subtract<float>(d1, root, root);
        TensorPrimitives.Multiply(r, years, t);
        TensorPrimitives.Negate<float>(t, t);
        TensorPrimitives.Exp<float>(t, t);
        TensorPrimitives.Multiply(t, k, t);
        Normal(root, u, w, v.Buffer(5));
        TensorPrimitives.Multiply<float>(t, u, t);
        Normal(d1, u, w, v.Buffer(5));
        TensorPrimitives.Multiply(u, s, u);
        TensorPrimitives.Subtract<float>(u, t, y);
    }

    private static void W8(in View v)
    {
        var other = v.In<float>(1);
        var z = v.Out<float>(0);
        v.In<float>(0).CopyTo(z);
        foreach (var (factor, least, limit) in (ReadOnlySpan<(float, float, float)>)[(1.10f, -1.0f, 3.0f), (0.90f, -0.8f, 2.8f), (1.05f, -0.6f, 2.6f), (0.95f, -0.4f, 2.4f), (1.20f, -0.2f, 2.2f), (0.80f, 0.0f, 2.0f)])
        {
            TensorPrimitives.MultiplyAddEstimate(z, factor, other, z);
            Select(z, least, other);
            TensorPrimitives.Max(z, -limit, z);
            TensorPrimitives.Min(z, limit, z);
        }
    }

    private static void W9(in View v)
    {
        var p2 = v.Out<float>(0);
        var m2 = v.Out<float>(1);
        var v2 = v.Out<float>(2);
        var t = v.Buffer(0);
        var gradient = v.In<float>(1);
        TensorPrimitives.Multiply(gradient, 0.1f, t);
        TensorPrimitives.MultiplyAddEstimate(v.In<float>(2), 0.9f, t, m2);
        TensorPrimitives.Multiply(gradient, gradient, t);
        TensorPrimitives.Multiply(t, 0.001f, t);
        TensorPrimitives.MultiplyAddEstimate(v.In<float>(3), 0.999f, t, v2);
        TensorPrimitives.Sqrt<float>(v2, t);
        TensorPrimitives.Add(t, 1e-8f, t);
        TensorPrimitives.Multiply(v.In<float>(4), m2, p2);
        TensorPrimitives.Divide<float>(p2, t, p2);
        TensorPrimitives.Subtract(v.In<float>(0), p2, p2);
    }

    private static void W10(in View v)
    {
        var back = v.Buffer(0);
        var share = v.Buffer(1);
        var t = v.Buffer(2);
        TensorPrimitives.ConvertTruncating(v.In<byte>(1), back);
        TensorPrimitives.ConvertTruncating(v.In<byte>(2), share);
        TensorPrimitives.ConvertTruncating(v.In<byte>(0), t);
        TensorPrimitives.Multiply(share, 1 / 255f, share);
        TensorPrimitives.Subtract<float>(t, back, t);
        TensorPrimitives.MultiplyAddEstimate<float>(t, share, back, t);
        TensorPrimitives.Add(t, 0.5f, t);
        TensorPrimitives.ConvertTruncating<float, byte>(t, v.Out<byte>(0));
    }

    private static void W11(in View v)
    {
        var wide = v.Buffer(0);
        var other = v.Buffer(1);
        TensorPrimitives.ConvertToSingle(v.In<Half>(0), wide);
        TensorPrimitives.ConvertToSingle(v.In<Half>(1), other);
        TensorPrimitives.MultiplyAddEstimate<float>(wide, 1.5f, other, other);
        TensorPrimitives.Max(other, 0f, other);
        TensorPrimitives.MultiplyAddEstimate<float>(other, 0.5f, wide, other);
        TensorPrimitives.ConvertToHalf(other, v.Out<Half>(0));
    }

    /// <summary>Half of 1 + erf(d / root of 2); overwrites both buffers.</summary>
    private static void Normal(ReadOnlySpan<float> d, Span<float> result, Span<float> t, Span<float> u)
    {
        TensorPrimitives.Multiply(d, RootHalf, result);
        Erf(result, result, t, u);
        TensorPrimitives.Add(result, 1f, result);
        TensorPrimitives.Multiply(result, 0.5f, result);
    }

    /// <summary>
    /// Abramowitz and Stegun 7.1.28, 1 - (1 + a1 x + ... + a6 x^6)^-16, to 3e-7: no division but one, which is what passes are good at.
    /// </summary>
    private static void Erf(ReadOnlySpan<float> x, Span<float> result, Span<float> t, Span<float> sign)
    {
        x.CopyTo(sign);
        TensorPrimitives.Abs(x, t);
        result.Fill(0.0000430638f);
        foreach (var coefficient in (ReadOnlySpan<float>)[0.0002765672f, 0.0001520143f, 0.0092705272f, 0.0422820123f, 0.0705230784f, 1f])
        {
            TensorPrimitives.MultiplyAddEstimate<float>(result, t, coefficient, result);
        }

        for (var i = 0; i < 4; i++)
        {
            TensorPrimitives.Multiply<float>(result, result, result);
        }

        TensorPrimitives.Divide(1f, result, result);
        TensorPrimitives.Subtract(1f, result, result);
        TensorPrimitives.CopySign<float>(result, sign, result);
    }

    private static void Select(Span<float> values, float least, ReadOnlySpan<float> otherwise)
    {
        var width = System.Numerics.Vector<float>.Count;
        var bound = new System.Numerics.Vector<float>(least);
        var i = 0;
        for (; i + width <= values.Length; i += width)
        {
            var value = new System.Numerics.Vector<float>(values[i..]);
            System.Numerics.Vector.ConditionalSelect(System.Numerics.Vector.GreaterThan(value, bound), value, new System.Numerics.Vector<float>(otherwise[i..])).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = values[i] > least ? values[i] : otherwise[i];
        }
    }

    /// <summary>One piece of all arrays, and buffers of its length.</summary>
    private readonly ref struct View(PeerArrays arrays, float[] buffers, long start, int length)
    {
        private readonly PeerArrays _arrays = arrays;
        private readonly float[] _buffers = buffers;
        private readonly long _start = start;
        private readonly int _length = length;

        public ReadOnlySpan<T> In<T>(int input)
            where T : unmanaged => Array<T>(input);

        public Span<T> Out<T>(int output)
            where T : unmanaged => Array<T>(FirstOutput() + output);

        public Span<float> Buffer(int number) => _buffers.AsSpan(number * Piece, _length);

        private Span<T> Array<T>(int array)
            where T : unmanaged => new((T*)_arrays.Memories[array].Address + _start, _length);

        private int FirstOutput()
        {
            var i = 0;
            while (_arrays.Specs[i].Kind != ArrayKind.Output)
            {
                i++;
            }

            return i;
        }
    }
}
