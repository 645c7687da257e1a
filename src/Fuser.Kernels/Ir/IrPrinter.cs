using System.Globalization;
using System.Text;

namespace Fuser.Kernels.Ir;

/// <summary>Prints a kernel as text, one node a line, constants as bits. The text is what golden files hold.</summary>
internal static class IrPrinter
{
    public static string Print(KernelIr kernel)
    {
        var text = new StringBuilder();
        text.Append("kernel ").Append(kernel.Name).Append('(');
        for (var i = 0; i < kernel.Arguments.Length; i++)
        {
            var argument = kernel.Arguments[i];
            text.Append(i == 0 ? "" : ", ").Append('@').Append(i).Append(": ")
                .Append(argument.Kind.ToString().ToLowerInvariant()).Append(' ')
                .Append(argument.DType.ToString().ToLowerInvariant());
            if (argument is { Kind: ArgumentKind.Input or ArgumentKind.Index, Access: InnerAccess.Uniform })
            {
                text.Append(" uniform");
            }
        }

        text.Append(")\n");
        for (var t = 0; t < kernel.Tables.Length; t++)
        {
            text.Append("  table ").Append(t).Append(" = ")
                .AppendJoin(' ', kernel.Tables[t].Select(bits => bits.ToString("x", CultureInfo.InvariantCulture))).Append('\n');
        }

        for (var id = 0; id < kernel.Nodes.Length; id++)
        {
            Append(text, id, kernel.Nodes[id]);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, int id, IrNode node)
    {
        text.Append("  ");
        if (node.Op != IrOp.Store)
        {
            text.Append('%').Append(id).Append(" : ").Append(node.Type.Text()).Append(" = ");
        }

        text.Append(node.Op.ToString().ToLowerInvariant());
        switch (node.Op)
        {
            case IrOp.Constant:
                text.Append(" 0x").Append(node.Immediate.ToString(node.Type.Size() == 8 ? "x16" : "x8", CultureInfo.InvariantCulture));
                break;
            case IrOp.Scalar or IrOp.Load or IrOp.Index or IrOp.Store:
                text.Append(" @").Append(node.Immediate);
                break;
            case IrOp.TableLookup:
                text.Append(" table ").Append(node.Immediate);
                break;
        }

        for (var i = 0; i < node.Op.Arity(); i++)
        {
            text.Append(" %").Append(i == 0 ? node.A : i == 1 ? node.B : node.C);
        }

        text.Append('\n');
    }
}
