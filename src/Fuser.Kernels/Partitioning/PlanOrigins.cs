using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Partitioning;

/// <summary>
/// Which operation of the source graph a tensor of a plan belongs to. Ids grow along the graph, so it is enough to know with which id each operation began; operations that make no tensor
/// are not remembered.
/// </summary>
internal sealed class PlanOrigins
{
    private readonly List<(int FirstId, Node? Node, int Input)> _starts = [];

    /// <summary>Notes that tensors from that id on belong to that operation.</summary>
    public void Begin(int firstId, Node node) => Begin((firstId, node, -1));

    /// <summary>Notes which input of the graph a tensor is.</summary>
    public void BeginInput(int id, int input) => Begin((id, null, input));

    private void Begin((int FirstId, Node? Node, int Input) start)
    {
        if (_starts.Count > 0 && _starts[^1].FirstId == start.FirstId)
        {
            _starts[^1] = start;
        }
        else
        {
            _starts.Add(start);
        }
    }

    /// <summary>The operation as a user knows it: <c>aten::mul (line 5)</c>, or <c>input 2</c>.</summary>
    public string Text(int id)
    {
        var (low, high) = (0, _starts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _starts[middle].FirstId <= id ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? "nothing" : _starts[low - 1] switch
        {
            { Node: null, Input: var input } => $"input {input}",
            { Node: { Position.IsKnown: true } node } => $"{node.Kind} (line {node.Position.Line})",
            { Node: var node } => node.Kind,
        };
    }
}
