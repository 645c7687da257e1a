using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Between the literals of a graph and the numbers of a plan.</summary>
internal static class Literals
{
    public static PlanValue Value(ConstantValue? constant) => constant switch
    {
        IntConstant number => ScalarSlots.OfLiteral(number.Value, number),
        FloatConstant number => ScalarSlots.OfLiteral(number.Value, number),
        BoolConstant number => ScalarSlots.OfLiteral(number.Value, number),
        _ => new PlanConstant(constant),
    };

    public static ConstantValue Of(FuserValue value) => value.Kind switch
    {
        FuserValueKind.Integer => new IntConstant(value.Integer),
        FuserValueKind.Boolean => new BoolConstant(value.Integer != 0),
        _ => new FloatConstant(value.Float),
    };
}
