using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets.Simd.Lanes;

namespace Fuser.Kernels.Targets.Simd.Planning;

/// <summary>
/// How each value of a kernel is held at one vector width: in which lanes, in how many vectors, whether it is the same for all
/// elements, and whether it is held at all or written out again at every use.
/// </summary>
internal sealed class KernelLayout
{
    /// <summary>A comparison is one instruction into a mask register; keeping its mask in a vector costs as much as four of them.</summary>
    private const int MaxInlineUses = 4;
    private const int MaxInlineDepth = 6;

    private readonly Lane[] _lanes;
    private readonly bool[] _uniform;
    private readonly int[] _inlineDepth;
    private readonly ValueRanges _ranges;

    public KernelLayout(KernelIr ir, LaneIsa isa)
    {
        Ir = ir;
        Isa = isa;
        _uniform = FindUniform(ir);
        Step = isa.Count(HasNarrowValues() ? Lane.Int32 : Lane.Int64);
        _lanes = AssignLanes();
        _inlineDepth = FindInline();
        _ranges = ValueRanges.Of(ir);
    }

    public KernelIr Ir { get; }

    public LaneIsa Isa { get; }

    /// <summary>Elements one pass of the code covers: a vector of the narrowest values there are.</summary>
    public int Step { get; }

    public IrNode this[int id] => Ir.Nodes[id];

    /// <summary>The lane of a value, for a bool that of its mask.</summary>
    public Lane LaneOf(int id) => _lanes[id];

    /// <summary>Depends on constants, scalars and uniform inputs only: computed once, before the loop.</summary>
    public bool IsUniform(int id) => _uniform[id];

    /// <summary>Not held: constants, and comparisons that are cheaper to repeat than to keep.</summary>
    public bool IsInline(int id) => _inlineDepth[id] > 0;

    /// <summary>Makes a value an operand of its only user.</summary>
    public void MakeInline(int id) => _inlineDepth[id] = 1;

    /// <summary>Whether a float is a number, and its integral part an i32.</summary>
    public bool FitsInt32(int id) => _ranges.FitsInt32(id);

    public bool IsConstant(int id) => Ir.Nodes[id].Op == IrOp.Constant;

    /// <summary>Vectors a value takes; every vector of a uniform value would be the same, so it has one.</summary>
    public int Parts(int id) => _uniform[id] ? 1 : PartsOf(_lanes[id]);

    public int PartsOf(Lane lane) => Math.Max(1, Step / Isa.Count(lane));

    /// <summary>Vectors a node yields or, if it is a store, takes.</summary>
    public int Width(int id) => Ir.Nodes[id].Op == IrOp.Store ? PartsOf(_lanes[Ir.Nodes[id].A]) : Parts(id);

    /// <summary>Roughly how many vector instructions the code of a node is, with that of the operands written into it.</summary>
    public int Weight(int id)
    {
        var node = Ir.Nodes[id];
        return Width(id) + WeightOfOperand(node.A) + WeightOfOperand(node.B) + WeightOfOperand(node.C);
    }

    private int WeightOfOperand(int operand) => operand >= 0 && IsInline(operand) && !IsConstant(operand) ? Weight(operand) : 0;

    /// <summary>Appends the held values that the code of a node reads, each once.</summary>
    public void AppendReads(int id, List<int> reads)
    {
        var node = Ir.Nodes[id];
        AppendRead(node.A, reads);
        AppendRead(node.B, reads);
        AppendRead(node.C, reads);
    }

    /// <summary>Appends a node and everything written into its code, constants aside.</summary>
    public void AppendExpression(int id, List<int> nodes)
    {
        var node = Ir.Nodes[id];
        nodes.Add(id);
        AppendOperand(node.A);
        AppendOperand(node.B);
        AppendOperand(node.C);

        void AppendOperand(int operand)
        {
            if (operand >= 0 && IsInline(operand) && !IsConstant(operand))
            {
                AppendExpression(operand, nodes);
            }
        }
    }

    private void AppendRead(int operand, List<int> reads)
    {
        if (operand < 0 || IsConstant(operand))
        {
            return;
        }

        if (IsInline(operand))
        {
            AppendReads(operand, reads);
        }
        else if (!reads.Contains(operand))
        {
            reads.Add(operand);
        }
    }

    private static bool[] FindUniform(KernelIr ir)
    {
        var uniform = new bool[ir.Nodes.Length];
        for (var id = 0; id < uniform.Length; id++)
        {
            var node = ir.Nodes[id];
            uniform[id] = node.Op switch
            {
                IrOp.Constant or IrOp.Scalar => true,
                IrOp.Load => ir.Arguments[(int)node.Immediate].Access == InnerAccess.Uniform,
                IrOp.Index or IrOp.Store => false,
                _ => Is(node.A) && Is(node.B) && Is(node.C),
            };

            bool Is(int operand) => operand < 0 || uniform[operand];
        }

        return uniform;
    }

    /// <summary>
    /// Whether a step covers as many elements as a vector has 4-byte lanes. Booleans in memory count as narrow, because
    /// their bytes widen to 4-byte masks; uniform values do not, because they fill a vector of any type.
    /// </summary>
    private bool HasNarrowValues()
    {
        for (var id = 0; id < Ir.Nodes.Length; id++)
        {
            var node = Ir.Nodes[id];
            var narrow = node.Type is IrType.Int32 or IrType.Float32 || (node.Type == IrType.Bool && node.Op is IrOp.Load or IrOp.Store);
            if (narrow && !_uniform[id])
            {
                return true;
            }
        }

        return false;
    }

    private Lane[] AssignLanes()
    {
        var lanes = new Lane[Ir.Nodes.Length];
        var either = Isa.MaskLane(Step == Isa.Count(Lane.Int32) ? Lane.Int32 : Lane.Int64);
        for (var id = 0; id < lanes.Length; id++)
        {
            var node = Ir.Nodes[id];
            lanes[id] = node.Type != IrType.Bool ? LaneTypes.Of(node.Type) : node.Op switch
            {
                IrOp.Equal or IrOp.LessThan or IrOp.LessOrEqual or IrOp.Convert => Isa.MaskLane(lanes[node.A]),
                IrOp.And or IrOp.Or or IrOp.Xor => Common(node.A, node.B),
                IrOp.Select => Common(node.B, node.C),
                IrOp.Constant => either,
                _ => Lane.Int32,
            };
        }

        return lanes;

        Lane Common(int a, int b) =>
            IsConstant(a) ? lanes[b]
            : IsConstant(b) || lanes[a] == lanes[b] ? lanes[a]
            : either;
    }

    private int[] FindInline()
    {
        var uses = CountUses();
        var most = Isa.Registers >= 32 ? MaxInlineUses : 1;
        var depth = new int[Ir.Nodes.Length];
        for (var id = 0; id < depth.Length; id++)
        {
            var node = Ir.Nodes[id];
            if (node.Op == IrOp.Constant)
            {
                depth[id] = 1;
            }
            else if (!_uniform[id] && node.Type == IrType.Bool)
            {
                depth[id] = node.Op switch
                {
                    IrOp.Equal or IrOp.LessThan or IrOp.LessOrEqual when uses[id] <= most => 1,
                    IrOp.Convert when uses[id] == 1 => 1,
                    IrOp.And or IrOp.Or or IrOp.Xor when uses[id] == 1 => Deeper(depth[node.A], depth[node.B]),
                    _ => 0,
                };
            }
        }

        return depth;

        static int Deeper(int a, int b) => Math.Max(a, b) < MaxInlineDepth ? Math.Max(a, b) + 1 : 0;
    }

    private int[] CountUses()
    {
        var uses = new int[Ir.Nodes.Length];
        foreach (var node in Ir.Nodes)
        {
            Count(node.A);
            Count(node.B);
            Count(node.C);
        }

        return uses;

        void Count(int operand)
        {
            if (operand >= 0)
            {
                uses[operand]++;
            }
        }
    }
}
