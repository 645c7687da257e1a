using Fuser.Kernels.Targets.Simd.Emission;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>
/// How operations on values look in IL at one width: the vocabulary the emitter speaks. A value is a vector, or a number
/// when there are no vectors; operands are on the IL stack.
/// </summary>
internal abstract class LaneIsa
{
    private static readonly LaneIsa[] s_all =
        [new ScalarIsa(), new VectorIsa(SimdWidth.V128), new VectorIsa(SimdWidth.V256), new VectorIsa(SimdWidth.V512)];

    public static LaneIsa Of(SimdWidth width) => s_all[(int)width];

    public abstract SimdWidth Width { get; }

    /// <summary>How many lanes of a type one vector has.</summary>
    public abstract int Count(Lane lane);

    /// <summary>The type of a local that holds a value.</summary>
    public abstract Type ValueType(Lane lane);

    /// <summary>The lane of the mask a comparison of such lanes yields, which is also what a select of them wants.</summary>
    public abstract Lane MaskLane(Lane compared);

    /// <summary>Registers of this width the processor has.</summary>
    public abstract int Registers { get; }

    /// <summary>Whether a &lt; b ? a : b is one instruction, which returns b for NaN and for equal zeros.</summary>
    public abstract bool HasSelectingMinMax { get; }

    /// <summary>Calls the operation on as many operands as it takes.</summary>
    public abstract void Operation(IlWriter il, string name, Lane lane, int arity);

    /// <summary>Compares two values into a mask of <see cref="MaskLane"/>.</summary>
    public abstract void Compare(IlWriter il, string name, Lane lane);

    /// <summary>Turns a mask of <see cref="MaskLane"/> into what a select of such lanes takes.</summary>
    public abstract void MaskForSelect(IlWriter il, Lane lane);

    /// <summary>A number on the stack becomes a value with that number in every lane.</summary>
    public abstract void Broadcast(IlWriter il, Lane lane);

    /// <summary>The same bits as lanes of another type of the same size.</summary>
    public abstract void Reinterpret(IlWriter il, Lane from, Lane to);

    /// <summary>One vector of a converted value; <paramref name="push"/> pushes a vector of the source.</summary>
    public abstract void Convert(IlWriter il, Lane from, Lane to, int part, Action<int> push);

    /// <summary>Operations whose operands are addresses or numbers: loads, stores, lookups, index vectors.</summary>
    public abstract void Special(IlWriter il, string name, Type operand, int arity);
}
