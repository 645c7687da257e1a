using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Ir;

/// <summary>
/// Bounds of the values of a kernel that begin as small integers, such as the pixels of an image: what is known to be no NaN and to lie well within an i32 can be converted to one without the
/// operations that saturate. Everything else is unknown, and nothing is assumed of it.
/// </summary>
internal sealed class ValueRanges
{
    /// <summary>Far enough from the limits of an i32 that the rounding of bounds does not matter, nor do integers wrap.</summary>
    private const double Most = 1 << 30;

    private readonly Range?[] _ranges;

    private ValueRanges(Range?[] ranges) => _ranges = ranges;

    public static ValueRanges Of(KernelIr ir)
    {
        var ranges = new Range?[ir.Nodes.Length];
        for (var id = 0; id < ranges.Length; id++)
        {
            ranges[id] = Of(ir, ir.Nodes[id], ranges) is { Low: >= -Most, High: <= Most } known ? known : null;
        }

        return new ValueRanges(ranges);
    }

    /// <summary>Whether a float is a number, and its integral part an i32.</summary>
    public bool FitsInt32(int id) => _ranges[id] is not null;

    private static Range? Of(KernelIr ir, IrNode node, Range?[] known)
    {
        switch (node.Op)
        {
            case IrOp.Constant:
                return OfConstant(node);
            case IrOp.Load:
                return OfStorage(ir.Arguments[(int)node.Immediate].DType);
            case IrOp.And when node.Type == IrType.Int32:
                return OfMask(ir.Nodes[node.A]) ?? OfMask(ir.Nodes[node.B]);
            case IrOp.Convert when ir.Nodes[node.A].Type == IrType.Bool:
                return new Range(0, 1);
            case IrOp.Select when node.Type != IrType.Bool:
                return known[node.B] is { } whenTrue && known[node.C] is { } whenFalse ? new Range(System.Math.Min(whenTrue.Low, whenFalse.Low), System.Math.Max(whenTrue.High, whenFalse.High)) : null;
        }

        if (node.A < 0 || known[node.A] is not { } a)
        {
            return null;
        }

        switch (node.Op)
        {
            case IrOp.Convert when node.Type != IrType.Bool:
                return a;
            case IrOp.Floor or IrOp.Round or IrOp.Truncate:
                return new Range(System.Math.Floor(a.Low), System.Math.Ceiling(a.High));
        }

        if (node.B < 0 || known[node.B] is not { } b)
        {
            return null;
        }

        return node.Op switch
        {
            IrOp.Add => new Range(a.Low + b.Low, a.High + b.High),
            IrOp.Subtract => new Range(a.Low - b.High, a.High - b.Low),
            IrOp.Multiply => Product(a, b),
            IrOp.FusedMultiplyAdd when known[node.C] is { } c && Product(a, b) is var product => new Range(product.Low + c.Low, product.High + c.High),
            _ => null,
        };
    }

    /// <summary>NaN compares as outside of every range.</summary>
    private static Range? OfConstant(IrNode node)
    {
        double? value = node.Type switch
        {
            IrType.Int32 => (int)node.Immediate,
            IrType.Int64 => node.Immediate,
            IrType.Float32 => BitConverter.Int32BitsToSingle((int)node.Immediate),
            IrType.Float64 => BitConverter.Int64BitsToDouble(node.Immediate),
            _ => null,
        };
        return value is { } exactly ? new Range(exactly, exactly) : null;
    }

    private static Range? OfStorage(DType dtype) => dtype switch
    {
        DType.UInt8 => new Range(byte.MinValue, byte.MaxValue),
        DType.Int8 => new Range(sbyte.MinValue, sbyte.MaxValue),
        DType.Int16 => new Range(short.MinValue, short.MaxValue),
        _ => null,
    };

    /// <summary>What is left of any value under a constant mask that is not negative.</summary>
    private static Range? OfMask(IrNode mask) => mask.Op == IrOp.Constant && mask.Immediate is >= 0 and <= int.MaxValue ? new Range(0, mask.Immediate) : null;

    private static Range Product(Range a, Range b)
    {
        ReadOnlySpan<double> corners = [a.Low * b.Low, a.Low * b.High, a.High * b.Low, a.High * b.High];
        var range = new Range(corners[0], corners[0]);
        foreach (var corner in corners)
        {
            range = new Range(System.Math.Min(range.Low, corner), System.Math.Max(range.High, corner));
        }

        return range;
    }

    private readonly record struct Range(double Low, double High);
}
