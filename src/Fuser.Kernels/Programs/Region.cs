using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Programs;

/// <summary>
/// Operations on tensors between two decisions of a program. What becomes a plan is a <see cref="RegionGraph"/>: the region for one form of its
/// inputs, in which lists have a length and None is None.
/// </summary>
internal sealed class Region(int number, ImmutableArray<Value> inputs, ImmutableArray<Node> nodes, ImmutableArray<Value> outputs, bool rounds = false)
{
    /// <summary>Forms remembered: a list that grows on every trip has a new one each time.</summary>
    private const int MostForms = 8;

    private RegionGraph[] _forms = [];

    public int Number { get; } = number;

    /// <summary>Values handed in.</summary>
    public ImmutableArray<Value> Inputs { get; } = inputs;

    public ImmutableArray<Node> Nodes { get; } = nodes;

    /// <summary>Tensors handed out.</summary>
    public ImmutableArray<Value> Outputs { get; } = outputs;

    /// <summary>Whether 16-bit floats are rounded on the way out: its outputs are those of the program.</summary>
    public bool Rounds { get; } = rounds;

    /// <summary>Whether it draws random numbers.</summary>
    public bool IsRandom { get; } = nodes.Any(node => OperationCatalogue.Find(node.Kind) is { IsRandom: true });

    /// <summary>Operations on tensors, in words.</summary>
    public string Operations => string.Join(", ", Nodes.Where(node => !node.IsConstant).Select(node => node.Kind).Distinct().Take(6));

    /// <summary>A region without operations: what is handed in comes out in new arrays, rounded to the type the graph gives it.</summary>
    public static Region OfCopies(int count)
    {
        ImmutableArray<Value> values = [.. Enumerable.Range(0, count).Select(i => new Value($"copy.{i}", GraphType.Tensor))];
        return new Region(-1, values, [], values, rounds: true);
    }

    /// <summary>The graph for such values.</summary>
    /// <exception cref="FuserException">The region has no meaning for them.</exception>
    public RegionGraph For(ReadOnlySpan<ProgramValue> values)
    {
        foreach (var known in Volatile.Read(ref _forms))
        {
            if (known.Fits(values))
            {
                return known;
            }
        }

        var form = RegionGraph.Create(this, values);

        // Newest first. Two threads that race both keep a working graph; one is forgotten.
        Volatile.Write(ref _forms, [form, .. _forms.Take(MostForms - 1)]);
        return form;
    }
}
