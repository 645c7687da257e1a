namespace Fuser.Kernels.Programs;

/// <summary>Puts what a node gave into the slots of its outputs.</summary>
internal static class HostResults
{
    /// <exception cref="GraphException">The node has another number of outputs.</exception>
    public static void Store(HostStep step, ProgramValue result, ProgramSlots slots)
    {
        var node = step.Node;
        if (node.Kind is not ("prim::ListUnpack" or "prim::TupleUnpack" or "prim::ConstantChunk"))
        {
            if (step.Outputs.Length > 1)
            {
                throw new GraphException(ErrorCodes.OperationArity, $"{node.Kind} gives one value, the graph wants {node.Outputs.Length}", node.Position.Line, node.Position.Column);
            }

            if (step.Outputs.Length == 1)
            {
                slots.Set(step.Outputs[0], result);
            }

            return;
        }

        IReadOnlyList<ProgramValue> items = result.Kind switch
        {
            ProgramValueKind.List => result.List.Items,
            ProgramValueKind.Tuple => result.Tuple,
            _ => [result],
        };
        if (items.Count != step.Outputs.Length)
        {
            throw new GraphException(ErrorCodes.OperationArity, $"{node.Kind} gives {items.Count} values here, the graph wants {node.Outputs.Length}; check the number of chunks against the shape", node.Position.Line, node.Position.Column);
        }

        for (var i = 0; i < items.Count; i++)
        {
            slots.Set(step.Outputs[i], items[i]);
        }
    }
}
