using System.Text;
using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>Prints constant tables into global memory: each thread reads its own entry, which constant memory would serve one by one.</summary>
internal static class PtxTables
{
    /// <summary>A table's name. One that is looked up as two sizes is two tables; the kernel's name keeps those of two modules apart.</summary>
    public static string Name(KernelIr ir, int table, IrType type) => $"{ir.Name}_table{table}_{type.Size() * 8}";

    public static string For(KernelIr ir) => For([ir]);

    /// <summary>For kernels that share their tables and their name.</summary>
    public static string For(IReadOnlyCollection<KernelIr> irs)
    {
        var text = new StringBuilder();
        foreach (var (table, size) in irs.SelectMany(ir => ir.Nodes).Where(node => node.Op == IrOp.TableLookup).Select(node => ((int)node.Immediate, node.Type.Size())).Distinct().Order())
        {
            var ir = irs.First();
            var entries = ir.Tables[table].Select(bits => size == 4 ? $"0x{(uint)bits:x8}" : $"0x{bits:x16}");
            text.Append($".global .align 8 .b{size * 8} {Name(ir, table, size == 4 ? IrType.Int32 : IrType.Int64)}[{ir.Tables[table].Length}] = {{ {string.Join(", ", entries)} }};\n");
        }

        return text.Length == 0 ? "" : text.Append('\n').ToString();
    }
}
