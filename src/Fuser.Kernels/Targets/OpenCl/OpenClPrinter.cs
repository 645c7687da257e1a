using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>
/// Prints a kernel as OpenCL C 1.2. Nothing in the text may be read in two ways: contraction is off, constants are bits, signed arithmetic is done unsigned
/// (overflow of signed integers has no meaning in C), and comparisons with zero are written so that no compiler sees a minimum or maximum in them.
/// </summary>
internal sealed class OpenClPrinter
{
    private readonly StringBuilder _text = new();
    private readonly KernelIr _ir;
    private readonly LaunchForm _form;
    private readonly OpenClForm _walk;
    private readonly KernelParameters _parameters;
    private readonly OpenClPrimitives _primitives;
    private readonly OpenClMemory _memory;
    private readonly bool[] _varies;
    private readonly int _width;

    private OpenClPrinter(KernelIr ir, LaunchForm form, OpenClForm walk)
    {
        _ir = ir;
        _form = form;
        _walk = walk;
        _width = walk == OpenClForm.GridStride ? ElementCode.WidthOf(ir, form) : ElementCode.WidthOf(ir, form with { Width = 1 });
        _parameters = KernelParameters.Of(ir, form);
        _varies = DeviceCode.Varying(ir);
        _primitives = new OpenClPrimitives(ir, _varies);
        _memory = new OpenClMemory(ir, form, _width);
    }

    /// <param name="groupSize">Work items of a group, as the device allows.</param>
    /// <exception cref="CompileException">The kernel is too large.</exception>
    public static ElementCode Print(KernelIr ir, LaunchForm form, OpenClForm walk, int groupSize)
    {
        var printer = new OpenClPrinter(ir, form, walk);
        printer.PrintAll(groupSize);
        return new ElementCode(ir, form, printer._parameters, printer._text.ToString(), groupSize, printer._width);
    }

    private string IndexType => _form.IsWide ? "long" : "int";

    private void PrintAll(int groupSize)
    {
        _text.Append("#pragma OPENCL FP_CONTRACT OFF\n");
        if (UsesDoubles)
        {
            _text.Append("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
        }

        _text.Append(OpenClHelpers.For(_ir));
        _text.Append($"__kernel __attribute__((reqd_work_group_size({groupSize}, 1, 1)))\nvoid {_ir.Name}({string.Join(", ", _parameters.All.Select(Declaration))})\n{{\n");
        foreach (var parameter in _parameters.All.Where(parameter => parameter.Kind == ParameterKind.Buffer))
        {
            _text.Append($"  a{parameter.Argument} += o{parameter.Argument};\n");
        }

        if (_walk == OpenClForm.OneElement)
        {
            _text.Append($"  const {IndexType} i = ({IndexType})get_global_id(0);\n  if (i < n) {{\n");
        }
        else
        {
            _text.Append($"  for ({IndexType} i = ({IndexType})get_global_id(0) * {_width}; i < n; i += ({IndexType})get_global_size(0) * {_width}) {{\n");
        }

        PrintBody();
        _text.Append("  }\n}\n");
    }

    private bool UsesDoubles => _ir.Nodes.Any(node => node.Type == IrType.Float64);

    private string Declaration(KernelParameter parameter) => parameter.Kind switch
    {
        ParameterKind.Buffer when _ir.Arguments[parameter.Argument].Kind == ArgumentKind.Input => $"__global const {OpenClTypes.Storage(_ir.Arguments[parameter.Argument].DType)}* restrict {parameter.Name}",
        ParameterKind.Buffer => $"__global {OpenClTypes.Storage(_ir.Arguments[parameter.Argument].DType)}* restrict {parameter.Name}",
        ParameterKind.Fault => "__global int* fault",
        _ => $"const {(parameter.Bytes == 8 ? "long" : "int")} {parameter.Name}",
    };

    private void PrintBody()
    {
        PrintAxes();
        _memory.PrintLoads(_text);
        for (var id = 0; id < _ir.Nodes.Length; id++)
        {
            if (!_varies[id])
            {
                PrintNode(id, 0);
            }
        }

        // Element by element, so that the values of one are dead before the next is begun.
        for (var element = 0; element < _width; element++)
        {
            for (var id = 0; id < _ir.Nodes.Length; id++)
            {
                if (_varies[id])
                {
                    PrintNode(id, element);
                }
            }
        }

        _memory.PrintStores(_text);
    }

    /// <summary>The index along every axis, from the linear one.</summary>
    private void PrintAxes()
    {
        if (_form.Axes == 1)
        {
            _text.Append($"    const {IndexType} x0 = i;\n");
            return;
        }

        _text.Append($"    {IndexType} rest = i;\n");
        for (var axis = _form.Axes - 1; axis > 0; axis--)
        {
            _text.Append($"    const {IndexType} x{axis} = rest % size{axis}; rest /= size{axis};\n");
        }

        _text.Append($"    const {IndexType} x0 = rest;\n");
    }

    private void PrintNode(int id, int element)
    {
        var node = _ir.Nodes[id];
        switch (node.Op)
        {
            case IrOp.Store:
                _text.Append("    ").Append(_memory.Store((int)node.Immediate, element, _primitives.Name(node.A, element))).Append(";\n");
                return;
            case IrOp.Load:
                Define(id, element, _memory.Load((int)node.Immediate, element));
                return;
            case IrOp.Index:
                Define(id, element, _memory.Index((int)node.Immediate, element));
                return;
            default:
                foreach (var statement in _primitives.Before(id, element))
                {
                    _text.Append("    ").Append(statement).Append('\n');
                }

                Define(id, element, _primitives.Expression(id, element));
                return;
        }
    }

    private void Define(int id, int element, string expression) =>
        _text.Append("    const ").Append(OpenClTypes.Value(_ir.Nodes[id].Type)).Append(' ').Append(_primitives.Name(id, element)).Append(" = ").Append(expression).Append(";\n");
}
