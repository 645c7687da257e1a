using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>A kernel of the exactness probe: its inputs are all combinations of edge values, each of its outputs one primitive or function of them.</summary>
internal sealed class ProbeKernel
{
    private readonly IrBuilder _builder = new();
    private readonly List<string> _names = [];
    private readonly IrType _type;

    private ProbeKernel(IrType type, int operands)
    {
        _type = type;
        Operands = operands;
        Inputs = [.. Enumerable.Range(0, operands).Select(_ => _builder.Load(_builder.AddArgument(new KernelArgument(ArgumentKind.Input, ProbeValues.Storage(type), InnerAccess.Varying))))];
    }

    public int Operands { get; }

    public IrType Type => _type;

    /// <summary>What each output is, in words.</summary>
    public IReadOnlyList<string> Names => _names;

    private IrValue[] Inputs { get; }

    /// <summary>All kernels. Together they have every primitive in every type.</summary>
    public static IEnumerable<(ProbeKernel Probe, KernelIr Ir)> All()
    {
        foreach (var type in new[] { IrType.Float32, IrType.Float64 })
        {
            yield return Floats(type);
            yield return MultiplyAdds(type);
            yield return Functions(type);
        }

        yield return Integers(IrType.Int32);
        yield return Integers(IrType.Int64);
    }

    private static (ProbeKernel, KernelIr) Floats(IrType type)
    {
        var probe = new ProbeKernel(type, 2);
        var (b, x, y) = (probe._builder, probe.Inputs[0], probe.Inputs[1]);
        foreach (var op in new[] { IrOp.Add, IrOp.Subtract, IrOp.Multiply, IrOp.Divide, IrOp.Remainder, IrOp.Equal, IrOp.LessThan, IrOp.LessOrEqual })
        {
            probe.Add(op.ToString(), b.Binary(op, x, y));
        }

        foreach (var op in new[] { IrOp.SquareRoot, IrOp.Floor, IrOp.Round, IrOp.Truncate })
        {
            probe.Add(op.ToString(), b.Unary(op, x));
        }

        // Compilers take a selection next to zero for a minimum, and lose the sign of zero with it.
        foreach (var zero in new[] { 0.0, -0.0 })
        {
            var constant = b.Number(type, zero);
            probe.Add($"Select(x < {zero}, x, {zero})", b.MinSelect(x, constant));
            probe.Add($"Select({zero} < x, x, {zero})", b.MaxSelect(x, constant));
            probe.Add($"Select({zero} < x, {zero}, x)", b.Select(b.Lt(constant, x), constant, x));
            probe.Add($"Select(x <= {zero}, {zero}, x)", b.Select(b.Le(x, constant), constant, x));
        }

        probe.Add("Select(x < y, x, y)", b.MinSelect(x, y));
        probe.Add("Select(y < x, x, y)", b.MaxSelect(x, y));
        probe.AddConversions(x);
        return probe.Build($"probe_{type.Text()}");
    }

    /// <summary>Three operands: the fused and the unfused form, which no compiler may swap.</summary>
    private static (ProbeKernel, KernelIr) MultiplyAdds(IrType type)
    {
        var probe = new ProbeKernel(type, 3);
        var (b, x, y, z) = (probe._builder, probe.Inputs[0], probe.Inputs[1], probe.Inputs[2]);
        probe.Add("FusedMultiplyAdd", b.Fma(x, y, z));
        probe.Add("Add(Multiply(x, y), z)", b.Add(b.Mul(x, y), z));
        probe.Add("Subtract(Multiply(x, y), z)", b.Sub(b.Mul(x, y), z));
        return probe.Build($"probe_fma_{type.Text()}");
    }

    private static (ProbeKernel, KernelIr) Functions(IrType type)
    {
        var probe = new ProbeKernel(type, 2);
        var (b, x, y) = (probe._builder, probe.Inputs[0], probe.Inputs[1]);
        probe.Add("exp", ElementaryFunctions.Exp(b, x));
        probe.Add("log", ElementaryFunctions.Log(b, x));
        probe.Add("sin", ElementaryFunctions.Sin(b, x));
        probe.Add("tanh", ElementaryFunctions.Tanh(b, x));
        probe.Add("pow", ElementaryFunctions.Pow(b, x, y));
        return probe.Build($"probe_functions_{type.Text()}");
    }

    private static (ProbeKernel, KernelIr) Integers(IrType type)
    {
        var probe = new ProbeKernel(type, 2);
        var (b, x, y) = (probe._builder, probe.Inputs[0], probe.Inputs[1]);
        foreach (var op in new[]
        {
            IrOp.Add, IrOp.Subtract, IrOp.Multiply, IrOp.And, IrOp.Or, IrOp.Xor, IrOp.ShiftLeft, IrOp.ShiftRight, IrOp.ShiftRightLogical, IrOp.Equal, IrOp.LessThan, IrOp.LessOrEqual,
        })
        {
            probe.Add(op.ToString(), b.Binary(op, x, y));
        }

        var divisor = b.Select(b.Eq(y, b.Number(type, 0)), b.Number(type, 1), y);
        probe.Add("Divide (by 1 for 0)", b.Div(x, divisor));
        probe.Add("Remainder (by 1 for 0)", b.Rem(x, divisor));
        probe.Add("Select(x < y, x, y)", b.MinSelect(x, y));
        var index = b.And(b.Convert(x, IrType.Int32), b.Int32(31));
        probe.Add("TableLookup", b.TableLookup(type, [.. ProbeValues.Of(type).Take(32)], index));
        probe.AddConversions(x);
        return probe.Build($"probe_{type.Text()}");
    }

    /// <summary>Conversions to and from float64 belong to its own kernels: a device without it is asked nothing about it.</summary>
    private void AddConversions(IrValue value)
    {
        foreach (var other in new[] { IrType.Bool, IrType.Int32, IrType.Int64, IrType.Float32 })
        {
            if (other == value.Type)
            {
                continue;
            }

            Add($"Convert to {other.Text()}", _builder.Convert(value, other));
            if (other.Size() == value.Type.Size())
            {
                Add($"Bitcast to {other.Text()}", _builder.Bitcast(value, other));
            }

            if (value.Type == IrType.Float64)
            {
                Add($"Convert to {other.Text()} and back", _builder.Convert(_builder.Convert(value, other), IrType.Float64));
            }
        }
    }

    private void Add(string name, IrValue value)
    {
        _names.Add(name);
        _builder.Store(_builder.AddArgument(new KernelArgument(ArgumentKind.Output, ProbeValues.Storage(value.Type), InnerAccess.Varying)), value);
    }

    private (ProbeKernel, KernelIr) Build(string name) => (this, _builder.Build(name));
}
