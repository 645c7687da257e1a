using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>
/// Prints a kernel as PTX, which the driver assembles as it stands: every addition and multiplication says .rn, so none is fused, and fused ones are
/// written as such. The version is the oldest that has all that is used, so no driver is too old for it.
/// </summary>
internal sealed class PtxPrinter
{
    private readonly PtxWriter _writer = new();
    private readonly KernelIr _ir;
    private readonly LaunchForm _form;
    private readonly KernelParameters _parameters;
    private readonly bool[] _varies;
    private readonly int _width;
    private readonly Dictionary<(int Node, int Element), string> _values = [];

    private PtxPrinter(KernelIr ir, LaunchForm form)
    {
        _ir = ir;
        _form = form;
        _parameters = KernelParameters.Of(ir, form);
        _varies = DeviceCode.Varying(ir);
        _width = ElementCode.WidthOf(ir, form);
    }

    /// <exception cref="CompileException">The kernel is too large.</exception>
    public static ElementCode Print(KernelIr ir, LaunchForm form)
    {
        var printer = new PtxPrinter(ir, form);
        return new ElementCode(ir, form, printer._parameters, printer.Text(), DeviceCode.UsualGroupSize, printer._width);
    }

    private string Text()
    {
        PrintBody();
        var text = new StringBuilder(".version 6.0\n.target sm_60\n.address_size 64\n\n");
        text.Append(PtxTables.For(_ir));
        text.Append($".visible .entry {_ir.Name}(\n");
        text.AppendJoin(",\n", _parameters.All.Select(parameter => $"    .param .b{parameter.Bytes * 8} {parameter.Name}"));
        text.Append($")\n.maxntid {DeviceCode.UsualGroupSize}, 1, 1\n{{\n").Append(_writer).Append("}\n");
        return text.ToString();
    }

    private void PrintBody()
    {
        var walk = new PtxWalk(_writer, _form, _width);
        var memory = new PtxMemory(_writer, _ir, walk);
        memory.LoadBases();
        var fault = _parameters.HasFault ? memory.Pointer("fault") : null;
        walk.Begin();
        memory.LoadAll();
        var primitives = new PtxPrimitives(_writer, _ir, fault);
        for (var id = 0; id < _ir.Nodes.Length; id++)
        {
            if (!_varies[id])
            {
                PrintNode(memory, primitives, id, 0);
            }
        }

        // Element by element, so that the values of one are dead before the next is begun.
        for (var element = 0; element < _width; element++)
        {
            for (var id = 0; id < _ir.Nodes.Length; id++)
            {
                if (_varies[id])
                {
                    PrintNode(memory, primitives, id, element);
                }
            }
        }

        memory.StoreAll();
        walk.End();
    }

    private void PrintNode(PtxMemory memory, PtxPrimitives primitives, int id, int element)
    {
        var node = _ir.Nodes[id];
        if (node.Op == IrOp.Store)
        {
            memory.Store((int)node.Immediate, element, Value(node.A, element));
            return;
        }

        _values[(id, element)] = node.Op switch
        {
            IrOp.Load => memory.Load((int)node.Immediate, element),
            IrOp.Index => memory.Index((int)node.Immediate, element),
            IrOp.Scalar => memory.Number((int)node.Immediate, node.Type),
            _ => primitives.Emit(node, Value(node.A, element), Value(node.B, element), Value(node.C, element)),
        };
    }

    private string Value(int id, int element) => id < 0 ? "" : _values[(id, _varies[id] ? element : 0)];
}
