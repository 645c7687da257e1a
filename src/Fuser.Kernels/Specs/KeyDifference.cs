using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Specs;

/// <summary>Says in words why a kernel was not found: how the arguments differ from the nearest ones there is a kernel for.</summary>
internal static class KeyDifference
{
    /// <summary>The reason for a compile, given the arguments the spec already has kernels for.</summary>
    public static string Explain(ArgSpec wanted, IEnumerable<ArgSpec> known)
    {
        var nearest = known.Select(candidate => Differences(wanted, candidate)).MinBy(differences => differences.Count);
        return nearest is null ? "no kernel of this spec was compiled before" : string.Join("; ", nearest);
    }

    public static List<string> Differences(ArgSpec wanted, ArgSpec known)
    {
        var differences = new List<string>();
        if (wanted.Target != known.Target)
        {
            differences.Add($"the target became {wanted.Target}, it was {known.Target}");
        }

        if (wanted.Walk != known.Walk)
        {
            differences.Add(wanted.Walk == KernelWalk.AcrossRows ? "rows are walked across, they were walked along" : "rows are walked along, they were walked across");
        }

        if (wanted.Arguments.Length != known.Arguments.Length)
        {
            differences.Add($"there are {wanted.Arguments.Length} arguments, there were {known.Arguments.Length}");
            return differences;
        }

        for (var i = 0; i < wanted.Arguments.Length; i++)
        {
            var (now, before) = (wanted.Arguments[i], known.Arguments[i]);
            if (now.DType != before.DType || now.Storage != before.Storage)
            {
                differences.Add($"argument {i} became {Type(now)}, it was {Type(before)}");
            }

            if (now.Rank != before.Rank)
            {
                differences.Add($"argument {i} became {(now.Rank == Operations.OperandRank.ZeroDimensional ? "0-dim, it had axes" : "a tensor with axes, it was 0-dim")}");
            }

            if (now.IsPerRow != before.IsPerRow)
            {
                differences.Add($"argument {i} became {(now.IsPerRow ? "one value per row" : "one value per element")}");
            }

            if (now.Access != before.Access)
            {
                differences.Add($"argument {i} became {(now.Access == InnerAccess.Uniform ? "constant" : "varying")} along the inner axis");
            }
        }

        return differences;
    }

    private static string Type(ArgumentSpec argument) => argument.Storage == argument.DType
        ? argument.DType.DisplayName()
        : $"{argument.DType.DisplayName()} kept as {argument.Storage.DisplayName()}";
}
