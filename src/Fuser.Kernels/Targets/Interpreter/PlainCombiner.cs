using System.Numerics;
using Fuser.Kernels.Ir.Evaluation;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Targets.Interpreter;

/// <summary>Combines by the evaluator's plain loops.</summary>
internal sealed unsafe class PlainCombiner<T>(ReductionKind kind) : Combiner
    where T : unmanaged, INumber<T>
{
    public override int ValueSize => sizeof(T);

    public override int ResultSize => sizeof(T);

    public override void Reduce(byte* values, long count, byte* scratch, byte* result) =>
        *(T*)result = ReductionTree.Reduce(kind, new ReadOnlySpan<T>(values, checked((int)count)));

    public override void Combine(byte* left, byte* right, byte* results, long count)
    {
        for (long i = 0; i < count; i++)
        {
            ((T*)results)[i] = ReductionTree.Combine(kind, ((T*)left)[i], ((T*)right)[i]);
        }
    }

    public override void Convert(byte* values, byte* results, long count) => Buffer.MemoryCopy(values, results, count * sizeof(T), count * sizeof(T));
}
