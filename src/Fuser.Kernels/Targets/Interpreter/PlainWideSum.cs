using Fuser.Kernels.Ir.Evaluation;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Targets.Interpreter;

/// <summary>Adds float32 values in float64, by the evaluator's plain loops.</summary>
internal sealed unsafe class PlainWideSum : Combiner
{
    public override int ValueSize => sizeof(float);

    public override int ResultSize => sizeof(double);

    public override Combiner OfResults { get; } = new PlainCombiner<double>(ReductionKind.Sum);

    public override void Reduce(byte* values, long count, byte* scratch, byte* result)
    {
        var wide = new double[count];
        for (long i = 0; i < count; i++)
        {
            wide[i] = ((float*)values)[i];
        }

        *(double*)result = ReductionTree.Reduce<double>(ReductionKind.Sum, wide);
    }

    public override void Combine(byte* left, byte* right, byte* results, long count)
    {
        for (long i = 0; i < count; i++)
        {
            ((double*)results)[i] = (double)((float*)left)[i] + ((float*)right)[i];
        }
    }

    public override void Convert(byte* values, byte* results, long count)
    {
        for (long i = 0; i < count; i++)
        {
            ((double*)results)[i] = ((float*)values)[i];
        }
    }
}
