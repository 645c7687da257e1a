using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>How values are combined, and put together by the fixed tree, in OpenCL C.</summary>
/// <param name="Kind">As the reduction says.</param>
/// <param name="Value">Type of the values.</param>
internal readonly record struct OpenClCombining(ReductionKind Kind, IrType Value)
{
    public IrType Result => Reduction.ResultOf(Kind, Value);

    public string ResultType => OpenClTypes.Value(Result);

    /// <summary>A type for memory that lanes share: truth values have none of their own there.</summary>
    public static string MemoryType(IrType type) => type == IrType.Bool ? "int" : OpenClTypes.Value(type);

    /// <summary>What fills a row up; see <see cref="ReductionIdentity"/>.</summary>
    public string Identity => OpenClTypes.Constant(Value, ReductionIdentity.Bits(Kind, Value));

    /// <summary>The function that combines two results.</summary>
    public string Function => $"{Kind.ToString().ToLowerInvariant()}_{Result.Text()}";

    public string Definition
    {
        get
        {
            var type = ResultType;
            var expression = Kind switch
            {
                ReductionKind.Sum or ReductionKind.Product when Result.IsFloat() => Kind == ReductionKind.Sum ? "a + b" : "a * b",
                ReductionKind.Sum or ReductionKind.Product => $"({type})((u{type})a {(Kind == ReductionKind.Sum ? '+' : '*')} (u{type})b)",
                _ => $"a {(Kind == ReductionKind.Maximum ? '>' : '<')} b{(Result.IsFloat() ? " || a != a" : "")} ? a : b",
            };
            return $"{type} {Function}({type} a, {type} b)\n{{\n  return {expression};\n}}\n\n";
        }
    }

    public string Call(string a, string b) => $"{Function}({a}, {b})";
}
