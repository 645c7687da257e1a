using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Operations.Schemas;

/// <summary>What kinds of values may stand in a place of a graph. int, float and bool are one kind: Python converts between them.</summary>
[Flags]
internal enum ValueKinds
{
    /// <summary>No value at all.</summary>
    Nothing = 0,
    None = 1,
    Tensor = 2,
    Number = 4,
    Text = 8,
    List = 16,
    Tuple = 32,

    /// <summary>What nothing here computes with.</summary>
    Opaque = 64,
    Any = None | Tensor | Number | Text | List | Tuple | Opaque,
}

/// <summary>Kinds of declared types, and kinds in words.</summary>
internal static class ValueKindsExtensions
{
    private static readonly (ValueKinds Kind, string Text)[] Names =
    [
        (ValueKinds.Tensor, "a tensor"), (ValueKinds.Number, "a number"), (ValueKinds.Text, "a text"), (ValueKinds.List, "a list"), (ValueKinds.Tuple, "a tuple"), (ValueKinds.None, "None"),
    ];

    /// <summary>What a value of the type can be.</summary>
    public static ValueKinds Kinds(this GraphType type) => type switch
    {
        TensorType => ValueKinds.Tensor,
        IntType or FloatType or BoolType or OpaqueType { Text: "number" or "Scalar" } => ValueKinds.Number,
        StringType or DeviceType => ValueKinds.Text,
        NoneType => ValueKinds.None,
        ListType => ValueKinds.List,
        TupleType => ValueKinds.Tuple,
        OptionalType optional => ValueKinds.None | optional.Element.Kinds(),
        _ => ValueKinds.Any,
    };

    /// <summary>For messages: "a tensor or None".</summary>
    public static string InWords(this ValueKinds kinds) => kinds == ValueKinds.Any
        ? "any value"
        : string.Join(" or ", Names.Where(name => kinds.HasFlag(name.Kind)).Select(name => name.Text));
}
