using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>How much an operand counts in type promotion.</summary>
internal enum OperandRank
{
    /// <summary>None, or an argument that is no number.</summary>
    Absent,

    /// <summary>A plain number; its dtype is bool, int64 or float64.</summary>
    Number,

    /// <summary>A tensor without dimensions.</summary>
    ZeroDimensional,

    /// <summary>A tensor with dimensions.</summary>
    Dimensioned,
}

/// <summary>The type of one argument. A constant argument carries its value.</summary>
internal readonly record struct OperandType(OperandRank Rank, DType DType, ConstantValue? Constant = null)
{
    public static OperandType None => default;

    public bool IsTensor => Rank >= OperandRank.ZeroDimensional;

    public bool IsNone => Rank == OperandRank.Absent && Constant is null;

    /// <summary>The type of a literal; null is None.</summary>
    public static OperandType OfConstant(ConstantValue? constant) => constant switch
    {
        BoolConstant => new OperandType(OperandRank.Number, DType.Bool, constant),
        IntConstant => new OperandType(OperandRank.Number, DType.Int64, constant),
        FloatConstant => new OperandType(OperandRank.Number, DType.Float64, constant),
        _ => new OperandType(OperandRank.Absent, default, constant),
    };

    /// <summary>For messages.</summary>
    public override string ToString() => this switch
    {
        { IsNone: true } => "None",
        { Rank: OperandRank.Dimensioned } => $"a tensor of {DType.DisplayName()}",
        { Rank: OperandRank.ZeroDimensional } => $"a 0-dim tensor of {DType.DisplayName()}",
        { Constant: StringConstant text } => $"\"{text.Value}\"",
        { Constant: BoolConstant flag } => flag.Value ? "True" : "False",
        { Constant: IntConstant whole } => $"the int {whole.Value}",
        { Constant: FloatConstant number } => $"the float {number.Value}",
        { Constant: { } constant } => $"the constant {constant}",
        _ => DType switch { DType.Bool => "a bool", DType.Int64 => "an int", _ => "a float" },
    };
}
