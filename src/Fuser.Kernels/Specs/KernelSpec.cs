using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;

namespace Fuser.Kernels.Specs;

/// <summary>
/// What one kernel computes: the text of a fusion group's graph, without shapes, element types or device. Two groups with
/// one text share everything that is compiled for it.
/// </summary>
internal sealed class KernelSpec : IEquatable<KernelSpec>
{
    public KernelSpec(Graph graph)
    {
        Graph = graph;
        Text = GraphText.Print(graph);
        Key = GraphKey.Of(Text);
    }

    public Graph Graph { get; }

    public string Text { get; }

    public GraphKey Key { get; }

    /// <summary>By text: the key only finds the candidate.</summary>
    public bool Equals(KernelSpec? other) => other is not null && Key == other.Key && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as KernelSpec);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => Key.ToString();
}
