using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Ir;

/// <summary>
/// Builds a kernel node by node. Equal nodes are shared (so <c>exp(x)</c> written twice is computed once)
/// and operations on constants are computed now, by the same code the interpreter runs, so that neither can
/// change a bit. Deliberately absent: every algebraic rule (x * 1, x + 0, a * b + c), because the contract
/// says one rounding per operation as written.
/// </summary>
internal sealed partial class IrBuilder
{
    private readonly List<IrNode> _nodes = [];
    private readonly Dictionary<IrNode, int> _known = [];
    private readonly Dictionary<(IrValue Wide, DType Format), IrValue> _widened = [];
    private readonly List<KernelArgument> _arguments = [];
    private readonly List<ImmutableArray<ulong>> _tables = [];

    /// <summary>Nodes so far; what limits on kernel size are counted in.</summary>
    public int Count => _nodes.Count;

    public int AddArgument(KernelArgument argument)
    {
        _arguments.Add(argument);
        return _arguments.Count - 1;
    }

    public IrValue Load(int argument) => Add(new IrNode(IrOp.Load, IrTypes.OfStorage(_arguments[argument].DType), Immediate: argument));

    public IrValue Scalar(int argument) => Add(new IrNode(IrOp.Scalar, IrTypes.OfStorage(_arguments[argument].DType), Immediate: argument));

    public IrValue Index(int argument) => Add(new IrNode(IrOp.Index, IrType.Int64, Immediate: argument));

    /// <summary>A store of narrow integers keeps the low bits, so what wraps the value for it is left out.</summary>
    public void Store(int argument, IrValue value) => _nodes.Add(new IrNode(IrOp.Store, value.Type, Unwrapped(value.Id, _arguments[argument].DType), Immediate: argument));

    public IrValue Constant(IrType type, ulong bits) => Add(new IrNode(IrOp.Constant, type, Immediate: (long)bits));

    public IrValue Unary(IrOp op, IrValue a) => Fold(new IrNode(op, a.Type, a.Id));

    public IrValue Binary(IrOp op, IrValue a, IrValue b)
    {
        Require(a.Type == b.Type, op, a, b);
        var type = op is IrOp.Equal or IrOp.LessThan or IrOp.LessOrEqual ? IrType.Bool : a.Type;
        return Fold(new IrNode(op, type, a.Id, b.Id));
    }

    public IrValue FusedMultiplyAdd(IrValue a, IrValue b, IrValue c)
    {
        Require(a.Type == b.Type && b.Type == c.Type, IrOp.FusedMultiplyAdd, a, b);
        return Fold(new IrNode(IrOp.FusedMultiplyAdd, a.Type, a.Id, b.Id, c.Id));
    }

    /// <summary>Both branches are values, so a select of equal branches is the branch and one on a constant is its side.</summary>
    public IrValue Select(IrValue condition, IrValue whenTrue, IrValue whenFalse)
    {
        Require(condition.Type == IrType.Bool && whenTrue.Type == whenFalse.Type, IrOp.Select, whenTrue, whenFalse);
        if (whenTrue == whenFalse)
        {
            return whenTrue;
        }

        if (_nodes[condition.Id] is { Op: IrOp.Constant } constant)
        {
            return constant.Immediate != 0 ? whenTrue : whenFalse;
        }

        return Fold(new IrNode(IrOp.Select, whenTrue.Type, condition.Id, whenTrue.Id, whenFalse.Id));
    }

    public IrValue Convert(IrValue value, IrType type) =>
        value.Type == type ? value : Fold(new IrNode(IrOp.Convert, type, value.Id));

    public IrValue Bitcast(IrValue value, IrType type) =>
        value.Type == type ? value : Fold(new IrNode(IrOp.Bitcast, type, value.Id));

    /// <summary>Reads a constant table; the index must be in range by construction, for every input including NaN.</summary>
    public IrValue TableLookup(IrType type, ImmutableArray<ulong> bits, IrValue index)
    {
        Require(index.Type == IrType.Int32, IrOp.TableLookup, index, index);
        if (TryGetConstant(index, out var known))
        {
            return Constant(type, bits[(int)known]);
        }

        var table = _tables.FindIndex(known => known.AsSpan().SequenceEqual(bits.AsSpan()));
        if (table < 0)
        {
            table = _tables.Count;
            _tables.Add(bits);
        }

        return Add(new IrNode(IrOp.TableLookup, type, index.Id, Immediate: table));
    }

    /// <summary>Notes what a 16-bit float was widened from: narrowing it again gives those bits back, and needs no arithmetic.</summary>
    public IrValue Widened(IrValue wide, DType format, IrValue bits)
    {
        _widened[(wide, format)] = bits;
        return wide;
    }

    /// <summary>The bits a value was widened from, if it was.</summary>
    public IrValue? BitsOf(IrValue value, DType format) => _widened.TryGetValue((value, format), out var bits) ? bits : null;

    /// <summary>The kernel, without the nodes that no store needs.</summary>
    public KernelIr Build(string name)
    {
        var kernel = DeadCode.Remove(new KernelIr(name, [.. _arguments], [.. _nodes], [.. _tables]));
        IrDebug.Verify(kernel);
        return kernel;
    }

    /// <summary>The bits of a value that is known now, if it is.</summary>
    public bool TryGetConstant(IrValue value, out ulong bits)
    {
        var node = _nodes[value.Id];
        bits = (ulong)node.Immediate;
        return node.Op == IrOp.Constant;
    }

    /// <summary>What has the same low bits: the value under a mask of them, or before it was shifted up and down again to spread its sign.</summary>
    private int Unwrapped(int id, DType dtype)
    {
        var node = _nodes[id];
        if (dtype is not (DType.UInt8 or DType.Int8 or DType.Int16) || node.B < 0 || _nodes[node.B].Op != IrOp.Constant)
        {
            return id;
        }

        var (bits, constant) = (dtype.ItemSize() * 8, _nodes[node.B].Immediate);
        var mask = (1L << bits) - 1;
        return node.Op switch
        {
            IrOp.And when (constant & mask) == mask => node.A,
            IrOp.ShiftRight when constant <= 32 - bits && _nodes[node.A] is { Op: IrOp.ShiftLeft } up && up.B == node.B => up.A,
            _ => id,
        };
    }

    private IrValue Fold(IrNode node)
    {
        if (!IsConstant(node.A) || !IsConstant(node.B) || !IsConstant(node.C))
        {
            return Add(node);
        }

        // An integer division by zero stays in the kernel, where it is reported when it happens.
        if (node.Op is IrOp.Divide or IrOp.Remainder && node.Type.IsInteger() && _nodes[node.B].Immediate == 0)
        {
            return Add(node);
        }

        return Constant(node.Type, Evaluation.Evaluator.Fold(node, Operand(node.A), Operand(node.B), Operand(node.C)));
    }

    private bool IsConstant(int operand) => operand < 0 || _nodes[operand].Op == IrOp.Constant;

    private IrNode Operand(int operand) => operand < 0 ? default : _nodes[operand];

    private IrValue Add(IrNode node)
    {
        if (!_known.TryGetValue(node, out var id))
        {
            id = _nodes.Count;
            _nodes.Add(node);
            _known.Add(node, id);
        }

        return new IrValue(id, node.Type);
    }

    private static void Require(bool condition, IrOp op, IrValue a, IrValue b)
    {
        if (!condition)
        {
            throw new InternalFuserException(ErrorCodes.Internal, $"{op} cannot take {a.Type.Text()} and {b.Type.Text()}");
        }
    }
}
