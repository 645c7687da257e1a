using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>A node's arguments as values of a run, with the checks that name the node when one is of the wrong kind.</summary>
internal sealed class HostArguments(Node node, ProgramValue[] values) : IViewArguments
{
    public Node Node { get; } = node;

    public int Count => values.Length;

    public ReadOnlySpan<ProgramValue> Values => values;

    /// <summary>Arguments after the tensor a view looks at.</summary>
    int IViewArguments.Count => values.Length - 1;

    bool IViewArguments.IsNone(int index) => this[index + 1].Kind == ProgramValueKind.None;

    bool IViewArguments.IsList(int index) => this[index + 1].Kind == ProgramValueKind.List;

    long IViewArguments.Integer(int index) => Integer(index + 1);

    ImmutableArray<long> IViewArguments.Integers(int index) => Integers(index + 1);

    ImmutableArray<long> IViewArguments.ShapeOf(int index) => Tensor(index + 1).Shape;

    public ProgramValue this[int index] => index < values.Length
        ? values[index]
        : throw Error(ErrorCodes.OperationArity, $"got {values.Length} arguments, wanted at least {index + 1}");

    public ProgramTensor Tensor(int index) => this[index].Kind == ProgramValueKind.Tensor ? this[index].Tensor : throw Wrong(index, "a tensor");

    public FuserValue Number(int index) => this[index].IsNumber ? this[index].Number : throw Wrong(index, "a number");

    public long Integer(int index) => Number(index).Integer;

    public string Text(int index) => this[index].Kind == ProgramValueKind.Text ? this[index].Text : throw Wrong(index, "a text");

    public ProgramList List(int index) => this[index].Kind == ProgramValueKind.List ? this[index].List : throw Wrong(index, "a list");

    public ImmutableArray<long> Integers(int index) => this[index].Kind switch
    {
        ProgramValueKind.List => [.. this[index].List.Items.Select(item => item.IsNumber ? item.Number.Integer : throw Wrong(index, "a list of ints"))],
        _ when this[index].IsNumber => [Integer(index)],
        _ => throw Wrong(index, "a list of ints"),
    };

    /// <summary>The items of a list or tuple.</summary>
    public IReadOnlyList<ProgramValue> Items(int index) => this[index].Kind switch
    {
        ProgramValueKind.List => this[index].List.Items,
        ProgramValueKind.Tuple => this[index].Tuple,
        _ => throw Wrong(index, "a list or tuple"),
    };

    public GraphException Wrong(int index, string wanted) => Error(ErrorCodes.OperationArgument, $"argument {index} is {this[index]}, wanted {wanted}");

    public GraphException Error(string code, string message) => new(code, $"{Node.Kind}: {message}", Node.Position.Line, Node.Position.Column);
}
