using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Specs;

namespace Fuser.Kernels.Lowering;

/// <summary>Turns the spec of an elementwise group and the types of its arguments into the IR of its kernel.</summary>
internal sealed class GroupLowering
{
    private readonly IrBuilder _builder = new();
    private readonly Dictionary<Value, LoweredValue> _values = new(ReferenceEqualityComparer.Instance);

    public static KernelIr Lower(KernelSpec spec, ArgSpec arguments, CancellationToken cancellationToken = default) => new GroupLowering().Run(spec, arguments, cancellationToken);

    private KernelIr Run(KernelSpec spec, ArgSpec arguments, CancellationToken cancellationToken)
    {
        var graph = spec.Graph;
        for (var i = 0; i < arguments.Arguments.Length; i++)
        {
            var argument = arguments.Arguments[i];
            _builder.AddArgument(new KernelArgument(argument.Kind, argument.Storage, argument.Access));
            if (i < graph.Inputs.Length)
            {
                _values.Add(graph.Inputs[i], new LoweredValue(ArgumentLowering.Load(_builder, i, argument), new OperandType(argument.Rank, argument.DType)));
            }
        }

        var nodes = new NodeLowering(_builder, _values);
        foreach (var node in graph.Nodes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _values.Add(node.Outputs[0], nodes.Lower(node));
        }

        for (var i = 0; i < graph.Outputs.Length; i++)
        {
            var output = graph.Inputs.Length + i;
            _builder.Store(output, ArgumentLowering.ToStorage(_builder, _values[graph.Outputs[i]], arguments.Arguments[output].Storage));
        }

        return _builder.Build(NameOf(spec));
    }

    /// <summary>What the kernel of a spec is called in listings.</summary>
    public static string NameOf(KernelSpec spec) => $"k_{spec.Key.ToString()[..12]}";
}
