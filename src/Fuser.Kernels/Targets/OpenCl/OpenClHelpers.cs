using System.Text;
using System.Text.RegularExpressions;
using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>What a kernel's text needs beside the kernel: constant tables, and the exact remainder of floats, which drivers do not all get right.</summary>
internal static partial class OpenClHelpers
{
    /// <summary>
    /// C's fmod by long division, several bits at a time: mantissas as integers, so every step is exact. The remainder has few enough bits to be
    /// put together again without rounding.
    /// </summary>
    private const string RemainderTemplate =
        """
        FLOAT NAME(FLOAT x, FLOAT y)
        {
          const UINT sign = as_UINT(x) & SIGN, ux = as_UINT(x) ^ sign, uy = as_UINT(y) & ~SIGN;
          if (uy == 0 || uy > INF || ux >= INF) return as_FLOAT((UINT)NAN);
          if (ux < uy) return x;
          const int ex = max((int)(ux >> BITS), 1), ey = max((int)(uy >> BITS), 1);
          ulong r = (ux & FRACTION) | (ux > FRACTION ? HIDDEN : 0);
          const ulong my = (uy & FRACTION) | (uy > FRACTION ? HIDDEN : 0);
          r %= my;
          for (int left = ex - ey; left > 0; ) {
            const int step = min(left, STEP);
            r = (r << step) % my;
            left -= step;
          }
          if (r == 0) return as_FLOAT(sign);
          const int shift = min((int)clz(r) - (63 - BITS), ey - 1);
          return as_FLOAT((UINT)((r << shift) + ((ulong)(ey - shift - 1) << BITS)) | sign);
        }

        """;

    public static string Remainder(IrType type) => type == IrType.Float32 ? "remainder_f32" : "remainder_f64";

    /// <summary>A table's name. One that is looked up as two types is two tables.</summary>
    public static string Table(int table, IrType type) => $"table{table}_{(type.Size() == 4 ? "32" : "64")}";

    /// <summary>Texts of several kernels as one, in which each has its own helpers.</summary>
    public static string Join(IEnumerable<string> texts) => string.Concat(texts.Select((text, i) => Names().Replace(text, name => $"{name.Value}_{i}")));

    [GeneratedRegex(@"\b(remainder_f|table[0-9]+_)(32|64)\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Names();

    public static string For(KernelIr ir) => For([ir]);

    /// <summary>For kernels that share their tables.</summary>
    public static string For(IReadOnlyCollection<KernelIr> irs)
    {
        var text = new StringBuilder();
        foreach (var (table, size) in irs.SelectMany(ir => ir.Nodes).Where(node => node.Op == IrOp.TableLookup).Select(node => ((int)node.Immediate, node.Type.Size())).Distinct().Order())
        {
            var entries = irs.First().Tables[table].Select(bits => size == 4 ? $"0x{(uint)bits:x8}u" : $"0x{bits:x16}ul");
            text.Append($"__constant {(size == 4 ? "uint" : "ulong")} {Table(table, size == 4 ? IrType.Int32 : IrType.Int64)}[] = {{ {string.Join(", ", entries)} }};\n");
        }

        if (irs.Any(ir => Uses(ir, IrType.Float32)))
        {
            text.Append(RemainderTemplate
                .Replace("NAME", Remainder(IrType.Float32)).Replace("FLOAT", "float").Replace("UINT", "uint").Replace("SIGN", "0x80000000u").Replace("INF", "0x7f800000u")
                .Replace("NAN", "0x7fc00000u").Replace("BITS", "23").Replace("FRACTION", "0x007fffffu").Replace("HIDDEN", "0x00800000u").Replace("STEP", "40"));
        }

        if (irs.Any(ir => Uses(ir, IrType.Float64)))
        {
            text.Append(RemainderTemplate
                .Replace("NAME", Remainder(IrType.Float64)).Replace("FLOAT", "double").Replace("UINT", "ulong").Replace("SIGN", "0x8000000000000000ul").Replace("INF", "0x7ff0000000000000ul")
                .Replace("NAN", "0x7ff8000000000000ul").Replace("BITS", "52").Replace("FRACTION", "0x000ffffffffffffful").Replace("HIDDEN", "0x0010000000000000ul").Replace("STEP", "11"));
        }

        return text.ToString();
    }

    private static bool Uses(KernelIr ir, IrType type) => ir.Nodes.Any(node => node.Op == IrOp.Remainder && node.Type == type);
}
