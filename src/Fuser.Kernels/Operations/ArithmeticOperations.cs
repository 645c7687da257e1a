using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Addition and its relatives.</summary>
internal static class ArithmeticOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::add", Parameter.ParseList("Operand self, Operand other, Number alpha=1"), Promoted,
            c => c.B.Add(c[0], c.B.Mul(c[2], c[1])),
            "self + alpha * other; two roundings. Booleans: logical or."),
        new("aten::mul", Parameter.ParseList("Operand self, Operand other"), Promoted,
            c => c.B.Mul(c[0], c[1]),
            "self * other. Booleans: logical and."),
    ];
}
