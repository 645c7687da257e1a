using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>A node's arguments as plan values, with the checks that name the node when one is of the wrong kind.</summary>
internal sealed class NodeArguments(Node node, ImmutableArray<PlanValue> values, ScalarSlots slots) : IViewArguments
{
    public Node Node { get; } = node;

    public ImmutableArray<PlanValue> Values { get; } = values;

    /// <summary>Arguments after the tensor a view looks at.</summary>
    int IViewArguments.Count => Values.Length - 1;

    bool IViewArguments.IsNone(int index) => Values[index + 1] is PlanConstant { Value: null };

    bool IViewArguments.IsList(int index) => Values[index + 1] is PlanList or PlanConstant { Value: ListConstant };

    long IViewArguments.Integer(int index) => Integer(index + 1);

    ImmutableArray<long> IViewArguments.Integers(int index) => Integers(index + 1);

    ImmutableArray<long> IViewArguments.ShapeOf(int index) => Tensor(index + 1).Shape;

    public PlanTensor Tensor(int index) => At(index) as PlanTensor ?? throw Wrong(index, "a tensor");

    public PlanNumber Number(int index) => At(index) as PlanNumber ?? throw Wrong(index, "a number");

    /// <summary>A number that shapes the plan.</summary>
    public long Integer(int index) => slots.Structural(Number(index)).Integer;

    /// <summary>A list of numbers that shapes the plan.</summary>
    public ImmutableArray<long> Integers(int index) => At(index) switch
    {
        PlanList list => ImmutableArray.CreateRange(list.Items, item => item is PlanNumber number ? slots.Structural(number).Integer : throw Wrong(index, "a list of ints")),
        PlanConstant { Value: ListConstant list } => ImmutableArray.CreateRange(list.Items, item => item is IntConstant number ? number.Value : throw Wrong(index, "a list of ints")),
        PlanNumber number => [slots.Structural(number).Integer],
        _ => throw Wrong(index, "a list of ints"),
    };

    public ImmutableArray<PlanTensor> Tensors(int index) => At(index) is PlanList list
        ? ImmutableArray.CreateRange(list.Items, item => item as PlanTensor ?? throw Wrong(index, "a list of tensors"))
        : throw Wrong(index, "a list of tensors");

    public PlanList List(int index) => At(index) as PlanList ?? throw Wrong(index, "a list");

    public GraphException Error(string code, string message) => new(code, $"{Node.Kind}: {message}", Node.Position.Line, Node.Position.Column);

    private PlanValue At(int index) => index < Values.Length
        ? Values[index]
        : throw Error(ErrorCodes.OperationArity, $"got {Values.Length} arguments, wanted at least {index + 1}");

    private GraphException Wrong(int index, string wanted) => Error(ErrorCodes.OperationArgument, $"argument {index} is {Describe(Values[index])}, wanted {wanted}");

    public static string Describe(PlanValue value) => value switch
    {
        PlanTensor tensor => $"a tensor of shape {Shapes.Text(tensor.Shape.AsSpan())}",
        PlanNumber number => $"the number {number.Value}",
        PlanList list => $"a list of {list.Items.Length}",
        PlanConstant { Value: null } => "None",
        _ => "a constant",
    };
}
