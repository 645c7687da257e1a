using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Operations that run as routines.</summary>
internal static class RoutineRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::cumsum"] = CumulativeSum,
    };

    private static PlanValue CumulativeSum(RuleContext c)
    {
        var self = c.Tensor(0);
        var dtype = c.DTypeAt(2) ?? (self.DType.IsFloatingPoint() ? self.DType : DType.Int64);
        if (dtype == DType.Bool)
        {
            throw c.Error(ErrorCodes.UnsupportedDType, "cannot add up in bool, wanted a dtype of numbers");
        }

        // As torch does it: converted to the wanted dtype first, added in a wide type, and wrapped at the end.
        var axis = ViewOperations.Axis(c.Integer(1), self.Shape.Length);
        var wide = dtype.IsFloatingPoint() ? dtype : DType.Int64;
        var source = c.Convert(c.Convert(self, dtype), wide);
        return self.Shape.IsEmpty ? source : c.Convert(c.Run(new CumulativeSum(axis), [source], new RoutineResult(wide, self.Shape))[0], dtype);
    }
}
