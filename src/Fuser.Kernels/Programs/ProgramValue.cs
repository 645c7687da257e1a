using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>What a value of a running program is.</summary>
internal enum ProgramValueKind
{
    /// <summary>None, or a value that no path has set.</summary>
    None,

    /// <summary>A tensor in memory.</summary>
    Tensor,

    /// <summary>A 64-bit integer.</summary>
    Integer,

    /// <summary>A double.</summary>
    Float,

    /// <summary>A truth value.</summary>
    Boolean,

    /// <summary>A string or device.</summary>
    Text,

    /// <summary>A list, which may change in place.</summary>
    List,

    /// <summary>A tuple.</summary>
    Tuple,

    /// <summary>In a forecast: something that only a run can tell.</summary>
    Unknown,
}

/// <summary>A value of a running program, as an interpreter of Python would have it.</summary>
internal readonly struct ProgramValue
{
    private readonly object? _object;
    private readonly FuserValue _number;

    private ProgramValue(ProgramValueKind kind, object? reference, FuserValue number = default)
    {
        Kind = kind;
        _object = reference;
        _number = number;
    }

    public ProgramValueKind Kind { get; }

    public static ProgramValue None => default;

    /// <param name="kind">What it will be, as far as the graph says: <see cref="ProgramValueKind.None"/> when it does not.</param>
    public static ProgramValue Unknown(ProgramValueKind kind) => new(ProgramValueKind.Unknown, kind);

    public bool IsNumber => Kind is ProgramValueKind.Integer or ProgramValueKind.Float or ProgramValueKind.Boolean;

    public ProgramTensor Tensor => (ProgramTensor)_object!;

    public FuserValue Number => _number;

    public string Text => (string)_object!;

    public ProgramList List => (ProgramList)_object!;

    public ProgramValue[] Tuple => (ProgramValue[])_object!;

    /// <summary>Of an unknown value: what it will be, if that is known.</summary>
    public ProgramValueKind Expected => (ProgramValueKind)_object!;

    /// <summary>Whether two values are one list, or one tensor, or one of another kind.</summary>
    public bool IsSameObject(ProgramValue other) => Kind == other.Kind && (_object is null ? _number == other._number : ReferenceEquals(_object, other._object));

    public static implicit operator ProgramValue(ProgramTensor tensor) => new(ProgramValueKind.Tensor, tensor);

    public static implicit operator ProgramValue(ProgramList list) => new(ProgramValueKind.List, list);

    public static implicit operator ProgramValue(string text) => new(ProgramValueKind.Text, text);

    public static implicit operator ProgramValue(bool flag) => new(ProgramValueKind.Boolean, null, flag);

    public static implicit operator ProgramValue(long number) => new(ProgramValueKind.Integer, null, number);

    public static implicit operator ProgramValue(double number) => new(ProgramValueKind.Float, null, number);

    public static ProgramValue OfTuple(ProgramValue[] items) => new(ProgramValueKind.Tuple, items);

    /// <summary>A number or array of the caller's; nothing is None.</summary>
    public static implicit operator ProgramValue(FuserValue value) => value.Kind switch
    {
        FuserValueKind.Array => new ProgramTensor(value.Array),
        FuserValueKind.Integer => new ProgramValue(ProgramValueKind.Integer, null, value),
        FuserValueKind.Float => new ProgramValue(ProgramValueKind.Float, null, value),
        FuserValueKind.Boolean => new ProgramValue(ProgramValueKind.Boolean, null, value),
        _ => None,
    };

    /// <summary>In words, for messages.</summary>
    public override string ToString() => Kind switch
    {
        ProgramValueKind.None => "None",
        ProgramValueKind.Tensor => $"a tensor of {Tensor.DType.DisplayName()}{Shapes.Text(Tensor.Shape.AsSpan())}",
        ProgramValueKind.Text => $"\"{Text}\"",
        ProgramValueKind.List => $"a list of {List.Count}",
        ProgramValueKind.Tuple => $"a tuple of {Tuple.Length}",
        ProgramValueKind.Unknown => "a value that only a run can tell",
        _ => $"the number {_number}",
    };
}
