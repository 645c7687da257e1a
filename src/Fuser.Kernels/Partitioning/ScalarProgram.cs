using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>One slot of a call's numbers: an input, a number known from shapes, or arithmetic on earlier slots.</summary>
internal readonly record struct ScalarSlot(int Input, FuserValue Value, string? Kind, ImmutableArray<int> Operands);

/// <summary>The arithmetic on plain numbers that a plan does at each call, before its kernels.</summary>
internal sealed class ScalarProgram(ImmutableArray<ScalarSlot> slots)
{
    public static ScalarProgram Empty { get; } = new([]);

    public int Count => slots.Length;

    /// <summary>Fills the slots; allocates nothing.</summary>
    public void Run(ReadOnlySpan<FuserValue> inputs, Span<FuserValue> values)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            var slot = slots[i];
            values[i] = slot switch
            {
                { Kind: { } kind, Operands: [var a] } => ScalarOperations.Evaluate(kind, [values[a]]),
                { Kind: { } kind, Operands: [var a, var b] } => ScalarOperations.Evaluate(kind, [values[a], values[b]]),
                { Kind: { } kind, Operands: [var a, var b, var c] } => ScalarOperations.Evaluate(kind, [values[a], values[b], values[c]]),
                { Input: >= 0 } => inputs[slot.Input],
                _ => slot.Value,
            };
        }
    }
}
