using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>
/// What of a value decides the graph of a region: its kind, the lengths of lists, texts. Numbers and shapes do not: they are inputs of the
/// graph, and its plan's matter.
/// </summary>
internal sealed class ValueForm
{
    /// <summary>Values in one input, those in its lists counted; lists may share and hold each other.</summary>
    private const int MostValues = 65_536;

    private const int MostNesting = 64;

    private readonly ProgramValueKind _kind;
    private readonly DType? _unrounded;
    private readonly bool _isHalf;
    private readonly string? _text;
    private readonly ImmutableArray<ValueForm> _items;

    private ValueForm(ProgramValue value, ImmutableArray<ValueForm> items)
    {
        _kind = value.Kind;
        _items = items;
        _text = value.Kind == ProgramValueKind.Text ? value.Text : null;
        _unrounded = value.Kind == ProgramValueKind.Tensor && value.Tensor.IsUnrounded ? value.Tensor.DType : null;
        _isHalf = value.Kind == ProgramValueKind.Tensor && value.Tensor.DType.IsHalf();
    }

    /// <summary>Whether there is a 16-bit float in it.</summary>
    public bool HasHalf => _isHalf || _items.Any(item => item.HasHalf);

    /// <exception cref="InputException">It holds more than a graph can be made for.</exception>
    public static ValueForm Of(ProgramValue value)
    {
        var count = 0;
        return Of(value, 0, ref count);
    }

    private static ValueForm Of(ProgramValue value, int depth, ref int count)
    {
        if (++count > MostValues || depth > MostNesting)
        {
            throw new InputException(ErrorCodes.SizeLimit, $"a list holds more than {MostValues} values, or lists more than {MostNesting} deep; join its tensors on the way");
        }

        var items = ImmutableArray.CreateBuilder<ValueForm>();
        foreach (var item in ItemsOf(value))
        {
            items.Add(Of(item, depth + 1, ref count));
        }

        return new ValueForm(value, items.ToImmutable());
    }

    /// <summary>Whether a value has this form.</summary>
    public bool Fits(ProgramValue value)
    {
        if (value.Kind != _kind)
        {
            return false;
        }

        switch (_kind)
        {
            case ProgramValueKind.Tensor:
                return value.Tensor.DType.IsHalf() == _isHalf && (value.Tensor.IsUnrounded ? value.Tensor.DType : null) == _unrounded;
            case ProgramValueKind.Text:
                return value.Text == _text;
            case ProgramValueKind.List or ProgramValueKind.Tuple:
                var items = ItemsOf(value);
                if (items.Count != _items.Length)
                {
                    return false;
                }

                for (var i = 0; i < items.Count; i++)
                {
                    if (!_items[i].Fits(items[i]))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }

    /// <summary>The graph's value for it: inputs for tensors and numbers, nodes for the rest.</summary>
    public Value Declare(List<Value> inputs, List<Node> nodes)
    {
        switch (_kind)
        {
            case ProgramValueKind.Tensor:
                var tensor = Input(GraphType.Tensor);
                return _unrounded is { } dtype ? Add(dtype == DType.Float16 ? "prim::AsFloat16" : "prim::AsBFloat16", [tensor], GraphType.Tensor) : tensor;
            case ProgramValueKind.Integer:
                return Input(GraphType.Int);
            case ProgramValueKind.Float:
                return Input(GraphType.Float);
            case ProgramValueKind.Boolean:
                return Input(GraphType.Bool);
            case ProgramValueKind.List or ProgramValueKind.Tuple:
                var items = ImmutableArray.CreateRange(_items, item => item.Declare(inputs, nodes));
                return _kind == ProgramValueKind.List
                    ? Add("prim::ListConstruct", items, new ListType(items.IsEmpty ? GraphType.Tensor : items[0].Type))
                    : Add("prim::TupleConstruct", items, new TupleType([.. items.Select(item => item.Type)]));
            case ProgramValueKind.Text:
                return Add("prim::Constant", [], GraphType.String, new NodeAttribute("value", new StringConstant(_text!)));
            default:
                return Add("prim::Constant", [], GraphType.None);
        }

        // Values of the program have numbers for names; these must not meet them.
        Value Input(GraphType type)
        {
            inputs.Add(new Value($"in.{inputs.Count}", type));
            return inputs[^1];
        }

        Value Add(string kind, ImmutableArray<Value> operands, GraphType type, params ImmutableArray<NodeAttribute> attributes)
        {
            var value = new Value($"made.{nodes.Count}", type);
            nodes.Add(new Node(kind, operands, [value], attributes));
            return value;
        }
    }

    /// <summary>The inputs of a call, in the order in which <see cref="Declare"/> declares them.</summary>
    public void Flatten(ProgramValue value, List<FuserValue> inputs)
    {
        switch (_kind)
        {
            case ProgramValueKind.Tensor:
                inputs.Add(value.Tensor.Array);
                break;
            case ProgramValueKind.Integer or ProgramValueKind.Float or ProgramValueKind.Boolean:
                inputs.Add(value.Number);
                break;
            default:
                var items = ItemsOf(value);
                for (var i = 0; i < _items.Length; i++)
                {
                    _items[i].Flatten(items[i], inputs);
                }

                break;
        }
    }

    private static IReadOnlyList<ProgramValue> ItemsOf(ProgramValue value) => value.Kind switch
    {
        ProgramValueKind.List => value.List.Items,
        ProgramValueKind.Tuple => value.Tuple,
        _ => [],
    };
}
