using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Specs;

namespace Fuser.Kernels.Lowering;

/// <summary>Writes the kernel of one stage: what it loads becomes an argument when it is first used.</summary>
internal sealed class StageBuilder
{
    private readonly IrBuilder _builder = new();
    private readonly Dictionary<Value, LoweredValue> _values = new(ReferenceEqualityComparer.Instance);
    private readonly List<StageOperand> _operands = [];
    private readonly NodeLowering _nodes;
    private readonly StageKind _kind;
    private readonly ArgSpec _arguments;

    public StageBuilder(StageKind kind, ArgSpec arguments)
    {
        _kind = kind;
        _arguments = arguments;
        _nodes = new NodeLowering(_builder, _values);
    }

    public bool Has(Value value) => _values.ContainsKey(value);

    public void Lower(Node node) => _values.Add(node.Outputs[0], _nodes.Lower(node));

    /// <summary>Reads an argument of the whole kernel.</summary>
    public void LoadArgument(Value value, int index, GroupValues.Info info)
    {
        var spec = _arguments.Arguments[index];
        var place = AddArgument(new StageOperand(OperandPlace.Argument, index), spec.Kind, spec.Storage, AccessOf(index));
        _values.Add(value, new LoweredValue(ArgumentLowering.Load(_builder, place, spec), info.Type));
    }

    /// <summary>Reads a value that an earlier stage left.</summary>
    public void Load(Value value, StageOperand operand, GroupValues.Info info)
    {
        var access = operand.Place == OperandPlace.Row && _kind == StageKind.Sweep && _arguments.Walk == KernelWalk.AlongRows ? InnerAccess.Uniform : InnerAccess.Varying;
        var place = AddArgument(operand, ArgumentKind.Input, info.IrType!.Value.StorageOf(), access);
        _values.Add(value, new LoweredValue(_builder.Load(place), info.Type));
    }

    /// <summary>Reads a value per row that was made in a wider type, and rounds it.</summary>
    public void LoadNarrowed(Value value, StageOperand operand, IrType wide, GroupValues.Info info)
    {
        var place = AddArgument(operand, ArgumentKind.Input, wide.StorageOf(), InnerAccess.Varying);
        _values.Add(value, new LoweredValue(_builder.Convert(_builder.Load(place), info.IrType!.Value), info.Type));
    }

    /// <summary>Writes an output of the whole kernel.</summary>
    public void StoreOutput(Value value, int index)
    {
        var storage = _arguments.Arguments[index].Storage;
        var place = AddArgument(new StageOperand(OperandPlace.Argument, index), ArgumentKind.Output, storage, InnerAccess.Varying);
        _builder.Store(place, ArgumentLowering.ToStorage(_builder, _values[value], storage));
    }

    /// <summary>Leaves a value for later stages, or for the reductions of this one.</summary>
    public void Store(Value value, StageOperand operand)
    {
        var lowered = _values[value].Value!.Value;
        _builder.Store(AddArgument(operand, ArgumentKind.Output, lowered.Type.StorageOf(), InnerAccess.Varying), lowered);
    }

    public Stage Build(string name, ImmutableArray<Reduction> reductions) =>
        new(_kind, _operands.Count == 0 ? null : _builder.Build(name), [.. _operands], reductions);

    /// <summary>Along rows, what is per row stays where it is during a sweep, and moves from row to row between sweeps.</summary>
    private InnerAccess AccessOf(int index)
    {
        var spec = _arguments.Arguments[index];
        return _arguments.Walk == KernelWalk.AlongRows && spec.Kind == ArgumentKind.Input
            ? (_kind == StageKind.Sweep && spec.IsPerRow ? InnerAccess.Uniform : InnerAccess.Varying)
            : spec.Access;
    }

    private int AddArgument(StageOperand operand, ArgumentKind kind, Tensors.DType storage, InnerAccess access)
    {
        _operands.Add(operand);
        return _builder.AddArgument(new KernelArgument(kind, storage, access));
    }
}
