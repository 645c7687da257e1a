using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>
/// What a program hands out: arrays of the caller's own. A result that a region made is one already; views, inputs that are passed through,
/// numbers and unrounded 16-bit floats become one in a last region without operations.
/// </summary>
internal static class ProgramOutputs
{
    private const int MostOutputs = 65_536;

    /// <summary>The values in lists and tuples, in order. They share their items, so a few nodes can nest them to any depth and number.</summary>
    /// <exception cref="GraphException">There are too many, or one is no tensor or number.</exception>
    public static ImmutableArray<ProgramValue> Flatten(ReadOnlySpan<ProgramValue> values)
    {
        var flat = ImmutableArray.CreateBuilder<ProgramValue>();
        var open = new Stack<ProgramValue>();
        Push(values.ToArray());
        var steps = 0;
        while (open.TryPop(out var value))
        {
            if (++steps > MostOutputs || open.Count > MostOutputs)
            {
                throw new GraphException(ErrorCodes.GraphLimit, $"the graph returns more than {MostOutputs} values; return fewer");
            }

            switch (value.Kind)
            {
                case ProgramValueKind.List: Push(value.List.Items); break;
                case ProgramValueKind.Tuple: Push(value.Tuple); break;
                case ProgramValueKind.Tensor: flat.Add(value); break;
                case var _ when value.IsNumber: flat.Add(value); break;
                default: throw new GraphException(ErrorCodes.UnsupportedOperation, $"output {flat.Count} is {value}; return tensors or numbers");
            }
        }

        return flat.ToImmutable();

        void Push(IReadOnlyList<ProgramValue> items)
        {
            for (var i = items.Count - 1; i >= 0; i--)
            {
                open.Push(items[i]);
            }
        }
    }

    /// <summary>The results as new arrays.</summary>
    public static async ValueTask<ImmutableArray<NdArray>> AllocateAsync(GraphProgram program, ImmutableArray<ProgramValue> results, IRegionRunner runner, ProgramMemory memory)
    {
        var arrays = new NdArray?[results.Length];
        var given = new HashSet<NdArray>(ReferenceEqualityComparer.Instance);
        var copied = new List<int>();
        for (var i = 0; i < arrays.Length; i++)
        {
            if (results[i] is { Kind: ProgramValueKind.Tensor, Tensor: { IsOwn: true, IsUnrounded: false } tensor } && given.Add(tensor.Array))
            {
                arrays[i] = tensor.Array;
            }
            else
            {
                copied.Add(i);
            }
        }

        if (copied.Count > 0)
        {
            ProgramValue[] values = [.. copied.Select(i => results[i])];
            var graph = program.Copies(values.Length).For(values);
            var copies = await runner.RunAsync(graph, graph.Flatten(values), 0, memory).ConfigureAwait(false);
            for (var i = 0; i < copied.Count; i++)
            {
                arrays[copied[i]] = copies[i];
            }
        }

        return [.. arrays.Select(array => array!)];
    }

    /// <summary>A tensor row-major in memory of its own, its elements as they are.</summary>
    public static async ValueTask<ProgramTensor> CopyAsync(GraphProgram program, ProgramTensor tensor, IRegionRunner runner, ProgramMemory memory)
    {
        ProgramValue[] values = [new ProgramTensor(tensor.Array)];
        var graph = program.Copies(1).For(values);
        var copies = await runner.RunAsync(graph, graph.Flatten(values), 0, memory).ConfigureAwait(false);
        return ProgramTensor.Made(copies[0], tensor.DType);
    }
}
