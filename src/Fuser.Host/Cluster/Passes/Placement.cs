using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster.Passes;

/// <summary>How a tensor lies to the first axis, along which a run is taken apart.</summary>
internal enum PlaceKind
{
    /// <summary>The same for all parts: it does not depend on rows, or on all of them.</summary>
    Whole,

    /// <summary>Row i belongs to index i of the axis: a part has its rows.</summary>
    Rows,

    /// <summary>Has the axis, and the same at all of its indices: in a part it has one row.</summary>
    Repeated,
}

/// <param name="Pass">For rows the pass in which they can be made; for what is whole, how many passes have to be over.</param>
internal readonly record struct Place(PlaceKind Kind, int Pass);

/// <summary>
/// Says of every tensor of a graph how it lies to the axis along which the run is taken apart. A reduction over the axis divides the run in two passes: what is made of its
/// result stands behind it.
/// </summary>
internal sealed class Placement
{
    private readonly Dictionary<PlanTensor, Place> _places = new(ReferenceEqualityComparer.Instance);
    private readonly PartInputs _inputs;

    private Placement(PartInputs inputs) => _inputs = inputs;

    /// <summary>The tensors, operands first.</summary>
    public required IReadOnlyList<PlanTensor> Tensors { get; init; }

    /// <summary>Reductions over the axis: parts make subtrees of them.</summary>
    public List<ReducedTensor> Reductions { get; } = [];

    public Place this[PlanTensor tensor] => _places[tensor];

    /// <summary>Null when some tensor needs of other rows more than a reduction.</summary>
    public static Placement? Of(IReadOnlyList<PlanTensor> outputs, PartInputs inputs)
    {
        var placement = new Placement(inputs) { Tensors = PlanOrder.Of(outputs, static _ => false) };
        foreach (var tensor in placement.Tensors)
        {
            if (placement.Find(tensor) is not { } place || (place.Kind == PlaceKind.Rows && tensor.Shape.Contains(0)))
            {
                return null;
            }

            placement._places.Add(tensor, place);
        }

        return outputs.Any(output => placement[output].Kind == PlaceKind.Repeated) ? null : placement;
    }

    private Place? Find(PlanTensor tensor)
    {
        switch (tensor)
        {
            case StoredTensor stored:
                return InputLook.Of(stored.Layout, _inputs.Shapes[stored.Buffer]) is { } view
                    ? Looked(_inputs.Sliced[stored.Buffer] ? new Place(PlaceKind.Rows, 0) : default, view)
                    : null;
            case ConstantTensor:
                return default(Place);
            case IndexTensor index:
                return new Place(!HasAxis(index) ? PlaceKind.Whole : index.Indices.Strides[0] == 0 ? PlaceKind.Repeated : PlaceKind.Rows, 0);
            case ComputedTensor { RandomNode: < 0 } computed:
                return Computed(computed);
            case ReducedTensor reduced when reduced.Kind is ReductionKind.Maximum or ReductionKind.Minimum || reduced.DType.IsFloatingPoint() || reduced.DType == DType.Int64:
                return Reduced(reduced);
            case ViewedTensor viewed:
                return Looked(_places[viewed.Source], new View(viewed.Shape, viewed.Map));
            case ReshapedTensor reshaped:
                return Looked(_places[reshaped.Source], new View(reshaped.Shape, null));
            case ConcatenatedTensor concatenated:
                return Concatenated(concatenated);
            default:
                return null;
        }
    }

    private bool HasAxis(PlanTensor tensor) => tensor.Shape is [var first, ..] && first == _inputs.Rows;

    private Place? Computed(ComputedTensor computed)
    {
        var (kind, pass) = (PlaceKind.Whole, 0);
        foreach (var operand in PlanOrder.OperandsOf(computed))
        {
            var place = _places[operand];
            pass = Math.Max(pass, place.Pass);
            if (place.Kind != PlaceKind.Whole && (operand.Shape.Length != computed.Shape.Length || !HasAxis(computed)))
            {
                return null; // its rows lie along another axis of the result
            }

            kind = kind == PlaceKind.Rows || place.Kind == PlaceKind.Whole ? kind : place.Kind;
        }

        var meetsAll = kind != PlaceKind.Whole
            && PlanOrder.OperandsOf(computed).Any(operand => _places[operand].Kind == PlaceKind.Whole && operand.Shape.Length == computed.Shape.Length && operand.Shape[0] != 1);
        return meetsAll ? null : new Place(kind, pass);
    }

    private Place? Reduced(ReducedTensor reduced)
    {
        var source = _places[reduced.Source];
        if (source.Kind == PlaceKind.Whole || !reduced.Axes[0])
        {
            return source;
        }

        if (source.Kind == PlaceKind.Repeated)
        {
            return null;
        }

        Reductions.Add(reduced);
        return new Place(PlaceKind.Whole, source.Pass + 1);
    }

    private Place? Looked(Place source, View view)
    {
        if (view.Map is { } looked && looked.Axes.Where(axis => axis.Dimension >= 0).GroupBy(axis => axis.Dimension).Any(axes => axes.Count() > 1))
        {
            return null; // a diagonal, which is none of the views that a part is written with
        }

        var has = view.Shape is [var first, ..] && first == _inputs.Rows;
        if (source.Kind == PlaceKind.Whole)
        {
            return has && view.Map?.Axes.Any(axis => axis.Dimension == 0) == false ? source with { Kind = PlaceKind.Repeated } : source;
        }

        var keeps = view.Map is { } map
            ? map.Axes[0] == AxisSource.Of(0) && map.Axes.Skip(1).All(axis => axis.Dimension != 0)
            : source.Kind == PlaceKind.Rows;
        return has && keeps ? source : null;
    }

    private Place? Concatenated(ConcatenatedTensor concatenated)
    {
        var places = concatenated.Parts.Select(part => _places[part]).ToList();
        var pass = places.Max(place => place.Pass);
        return places.TrueForAll(place => place.Kind == PlaceKind.Whole) ? new Place(PlaceKind.Whole, pass)
            : concatenated.Axis > 0 && places.TrueForAll(place => place.Kind == PlaceKind.Rows) ? new Place(PlaceKind.Rows, pass)
            : null;
    }
}
