using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>Reads types: <c>Float(*, 4, strides=[4, 1], device=cpu)</c>, <c>int[]</c>, <c>Tensor?</c>, <c>(Tensor, int)</c>.</summary>
internal sealed class TypeTextParser(GraphTextReader reader)
{
    /// <summary>PyTorch has no tensors of more dimensions.</summary>
    private const int MaxRank = 64;

    private static readonly FrozenDictionary<string, GraphType> Plain = new Dictionary<string, GraphType>(StringComparer.Ordinal)
    {
        ["int"] = GraphType.Int,
        ["float"] = GraphType.Float,
        ["bool"] = GraphType.Bool,
        ["str"] = GraphType.String,
        ["None"] = GraphType.None,
        ["NoneType"] = GraphType.None,
        ["Device"] = new DeviceType(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public GraphType Parse()
    {
        reader.Enter();
        var type = Primary();
        var suffixes = 0;
        while (Suffix(ref type))
        {
            // Every suffix nests the type one deeper, just as a bracket would.
            suffixes++;
            reader.Enter();
        }

        for (; suffixes >= 0; suffixes--)
        {
            reader.Leave();
        }

        return type;
    }

    private bool Suffix(ref GraphType type)
    {
        if (reader.Rest.StartsWith("[]"))
        {
            reader.Advance(2);
            type = new ListType(type);
            return true;
        }

        if (reader.Next == '?')
        {
            reader.Advance(1);
            type = new OptionalType(type);
            return true;
        }

        if (type is TensorType { IsUndefined: false } tensor && reader.Rest.StartsWith("[Undefined]"))
        {
            reader.Advance("[Undefined]".Length);
            type = tensor with { IsUndefined = true };
            return true;
        }

        return false;
    }

    private GraphType Primary()
    {
        reader.SkipBlanks();
        if (reader.TryTake('('))
        {
            return new TupleType(TypesUntil(')', "after the types of a tuple"));
        }

        var mark = reader.Mark();
        var word = reader.Word("a type");
        if (TensorType.TryParseName(word, out var tensor))
        {
            return reader.Next == '(' ? Details(tensor, unranked: word.EndsWith("Tensor")) : tensor;
        }

        if (Plain.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var plain))
        {
            return plain;
        }

        return word is "List" or "Optional" or "Tuple" && reader.Next == '[' && !reader.Rest.StartsWith("[]")
            ? PythonStyle(word.ToString())
            : Opaque(mark);
    }

    /// <summary><c>List[int]</c>, <c>Optional[Tensor]</c>, <c>Tuple[int, Tensor]</c>: the same types in the spelling of Python.</summary>
    private GraphType PythonStyle(string word)
    {
        var position = reader.Position;
        reader.Advance(1);
        var arguments = TypesUntil(']', $"after the arguments of {word}");
        return word == "Tuple" ? new TupleType(arguments)
            : arguments.Length != 1
                ? throw GraphTextReader.Error(ErrorCodes.GraphSyntax, $"{word}[...] takes one type, got {arguments.Length}. Write {word}[Tensor].", position)
            : word == "List" ? new ListType(arguments[0])
            : new OptionalType(arguments[0]);
    }

    private ImmutableArray<GraphType> TypesUntil(char end, string where)
    {
        if (reader.TryTake(end))
        {
            return [];
        }

        var types = ImmutableArray.CreateBuilder<GraphType>();
        do
        {
            if (types.Count >= reader.Limits.MaxListLength)
            {
                throw reader.TooMuch("a list of types", reader.Limits.MaxListLength, "entries", nameof(GraphTextLimits.MaxListLength));
            }

            types.Add(Parse());
        }
        while (reader.TryTake(','));
        reader.Expect(end, where);
        return types.ToImmutable();
    }

    /// <summary>A type that nothing computes with: its word and one bracket after it, as text.</summary>
    private OpaqueType Opaque((int Index, int Line, int LineStart) mark)
    {
        if (reader.Next == '(' || (reader.Next == '[' && !reader.Rest.StartsWith("[]")))
        {
            RawText.SkipBracket(reader);
        }

        return new OpaqueType(reader.Since(mark).ToString());
    }

    private TensorType Details(TensorType type, bool unranked)
    {
        reader.Advance(1);
        var sizes = ImmutableArray.CreateBuilder<long?>();
        var named = false;
        if (!reader.TryTake(')'))
        {
            do
            {
                reader.SkipBlanks();
                if (IsName(reader.PeekWord()))
                {
                    type = Named(type);
                    named = true;
                }
                else
                {
                    AddSize(sizes, named);
                }
            }
            while (reader.TryTake(','));
            reader.Expect(')', "after the details of a tensor type");
        }

        // "Tensor(device=cpu)" has no rank, "Float(device=cpu)" has rank 0 and "FloatTensor(device=cpu)" none: this is how they are printed.
        var ranked = sizes.Count > 0 || (type.ScalarType is null ? !named : !unranked);
        return ranked ? type with { Shape = sizes.ToImmutable() } : type;
    }

    private static bool IsName(ReadOnlySpan<char> word) => word is "strides" or "requires_grad" or "device" or "layout" or "undefined";

    private void AddSize(ImmutableArray<long?>.Builder sizes, bool named)
    {
        if (named)
        {
            throw reader.Error(ErrorCodes.GraphSyntax, $"expected strides=, requires_grad= or device=, got {reader.DescribeNext()}. Sizes come first in a tensor type.");
        }

        if (sizes.Count >= MaxRank)
        {
            throw reader.TooMuch("a tensor type", MaxRank, "dimensions", "nothing: no tensor has more");
        }

        if (reader.Next is '*' or '?')
        {
            reader.Advance(1);
            sizes.Add(null);
        }
        else if (reader.Next == '-' || char.IsAsciiDigit(reader.Next))
        {
            sizes.Add(Number("a size"));
        }
        else
        {
            // A symbolic size such as SS(-2): unknown, and its symbol means nothing outside the process that printed it.
            _ = reader.Word("a size, '*', strides=, requires_grad= or device=");
            if (reader.Next == '(')
            {
                RawText.SkipBracket(reader);
            }

            sizes.Add(null);
        }
    }

    private TensorType Named(TensorType type)
    {
        var name = reader.Word("a detail of a tensor type").ToString();
        reader.Expect('=', $"after {name}");
        reader.SkipBlanks();
        switch (name)
        {
            case "strides":
                return type with { Strides = Strides() };
            case "requires_grad":
                return type with { RequiresGrad = Number("requires_grad") != 0 };
            case "device":
                return type with { Device = DeviceName() };
            default:
                _ = reader.Word($"the value of {name}");
                return type;
        }
    }

    private ImmutableArray<long> Strides()
    {
        reader.Expect('[', "before the strides");
        var strides = ImmutableArray.CreateBuilder<long>();
        if (!reader.TryTake(']'))
        {
            do
            {
                if (strides.Count >= MaxRank)
                {
                    throw reader.TooMuch("a tensor type", MaxRank, "strides", "nothing: no tensor has more");
                }

                reader.SkipBlanks();
                strides.Add(Number("a stride"));
            }
            while (reader.TryTake(','));
            reader.Expect(']', "after the strides");
        }

        return strides.ToImmutable();
    }

    private string DeviceName()
    {
        // "cuda:0" is no single word, because a colon also separates a name from its type.
        var mark = reader.Mark();
        _ = reader.WordHere("a device such as cpu or cuda:0");
        if (reader.Rest is [':', >= '0' and <= '9', ..])
        {
            reader.Advance(1);
            _ = reader.WordHere("a device index");
        }

        var name = reader.Since(mark);
        return name is "cpu" ? "cpu" : name.ToString();
    }

    private long Number(string what)
    {
        var position = reader.Position;
        var mark = reader.Mark();
        reader.Advance(reader.Next == '-' ? 1 : 0);
        _ = reader.WordHere(what);
        return long.TryParse(reader.Since(mark), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw GraphTextReader.Error(ErrorCodes.GraphSyntax, $"expected {what} of 0 or more, got '{reader.Since(mark)}'.", position);
    }
}
