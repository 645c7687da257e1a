using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>
/// What a plan was made for: dtype and layout of every array, kind of every number, and the values of those
/// numbers that decided a shape. Other calls with an equal signature run the same plan.
/// </summary>
internal sealed class Signature
{
    private readonly ImmutableArray<Entry> _entries;

    private Signature(ImmutableArray<Entry> entries) => _entries = entries;

    public int Count => _entries.Length;

    /// <param name="structural">Whether the number at an input decided the plan's structure.</param>
    public static Signature Of(ReadOnlySpan<FuserValue> inputs, Func<int, bool> structural)
    {
        var entries = ImmutableArray.CreateBuilder<Entry>(inputs.Length);
        for (var i = 0; i < inputs.Length; i++)
        {
            entries.Add(inputs[i].Kind == FuserValueKind.Array
                ? new Entry(FuserValueKind.Array, inputs[i].Array.DType, inputs[i].Array.Layout, null)
                : new Entry(inputs[i].Kind, default, default, structural(i) ? inputs[i] : default(FuserValue?)));
        }

        return new Signature(entries.MoveToImmutable());
    }

    /// <summary>Whether the plan fits these inputs. Allocates nothing: it is on the hot path.</summary>
    public bool Matches(ReadOnlySpan<FuserValue> inputs)
    {
        if (inputs.Length != _entries.Length)
        {
            return false;
        }

        for (var i = 0; i < inputs.Length; i++)
        {
            ref readonly var entry = ref _entries.ItemRef(i);
            ref readonly var input = ref inputs[i];
            if (input.Kind != entry.Kind)
            {
                return false;
            }

            if (input.Kind == FuserValueKind.Array)
            {
                var array = input.Array;
                if (array.DType != entry.DType || !SameLayout(array.Layout, entry.Layout))
                {
                    return false;
                }
            }
            else if (entry.Value is { } value && value != input)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Offsets do not matter: launches start from each array's own first element.</summary>
    private static bool SameLayout(in TensorLayout a, in TensorLayout b) =>
        (a.Sizes == b.Sizes || a.Sizes.AsSpan().SequenceEqual(b.Sizes.AsSpan()))
        && (a.Strides == b.Strides || a.Strides.AsSpan().SequenceEqual(b.Strides.AsSpan()));

    private readonly record struct Entry(FuserValueKind Kind, DType DType, TensorLayout Layout, FuserValue? Value);
}
