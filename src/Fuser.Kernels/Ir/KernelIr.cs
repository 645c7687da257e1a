using System.Collections.Immutable;

namespace Fuser.Kernels.Ir;

/// <summary>
/// A kernel as every target receives it: scalar SSA that is run once per element of an inner axis. Outer
/// axes, threads and tiles belong to the launcher. Nodes are in order, stores among them.
/// </summary>
internal sealed class KernelIr
{
    public KernelIr(string name, ImmutableArray<KernelArgument> arguments, ImmutableArray<IrNode> nodes, ImmutableArray<ImmutableArray<ulong>> tables)
    {
        Name = name;
        Arguments = arguments;
        Nodes = nodes;
        Tables = tables;
    }

    public string Name { get; }

    public ImmutableArray<KernelArgument> Arguments { get; }

    public ImmutableArray<IrNode> Nodes { get; }

    /// <summary>Constant tables, as bits of the type the lookups of each have.</summary>
    public ImmutableArray<ImmutableArray<ulong>> Tables { get; }

    public override string ToString() => IrPrinter.Print(this);
}
