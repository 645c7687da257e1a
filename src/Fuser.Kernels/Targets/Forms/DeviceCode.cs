using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Forms;

/// <summary>A kernel as text for a device's own compiler, and all that a launch has to know about it.</summary>
/// <param name="Entry">The kernel's name in the text.</param>
/// <param name="GroupSize">Work items of a group, which the text says too.</param>
internal abstract record DeviceCode(KernelParameters Parameters, string Entry, string Text, int GroupSize)
{
    /// <summary>Work items of a group, where the device allows it. Fixed, because some drivers compile for each size anew.</summary>
    public const int UsualGroupSize = 256;

    /// <summary>Larger kernels are refused: a device's compiler would take minutes over them.</summary>
    public const int MostNodes = 16_384;

    /// <summary>Which nodes differ from element to element; the others are computed once per work item.</summary>
    public static bool[] Varying(KernelIr ir)
    {
        var varies = new bool[ir.Nodes.Length];
        for (var id = 0; id < varies.Length; id++)
        {
            var node = ir.Nodes[id];
            varies[id] = node.Op is IrOp.Index or IrOp.Store
                || (node.Op == IrOp.Load && ir.Arguments[(int)node.Immediate].Access == InnerAccess.Varying)
                || Of(node.A) || Of(node.B) || Of(node.C);

            bool Of(int operand) => operand >= 0 && varies[operand];
        }

        return varies;
    }
}

/// <summary>A kernel that computes each element by itself.</summary>
/// <param name="Width">Elements a work item takes at once: that of the form, or 1 where the kernel is too large to be printed several times over.</param>
internal sealed record ElementCode(KernelIr Ir, LaunchForm Form, KernelParameters Parameters, string Text, int GroupSize, int Width)
    : DeviceCode(Parameters, Ir.Name, Text, GroupSize)
{

    /// <summary>Nodes times elements per work item above which one element at a time is printed: such kernels wait for arithmetic, not for memory.</summary>
    private const int MostCopiedNodes = 2_048;

    /// <exception cref="CompileException">The kernel is too large for a device's compiler.</exception>
    public static int WidthOf(KernelIr ir, LaunchForm form)
    {
        if (ir.Nodes.Length > MostNodes)
        {
            throw new CompileException(ErrorCodes.TargetUnsupported, $"kernel {ir.Name} has {ir.Nodes.Length} primitives, a device's compiler gets at most {MostNodes}; run it on cpu, or split the graph");
        }

        return ir.Nodes.Length * form.Width > MostCopiedNodes ? 1 : form.Width;
    }
}
