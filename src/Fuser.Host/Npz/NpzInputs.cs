using System.Collections.Immutable;
using System.Globalization;
using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npz;

/// <summary>
/// The inputs of one graph out of an .npz stream: by name, or by position as <c>in_0</c>, or <c>arr_0</c> as NumPy names what it is given without a name.
/// Arrays without axes are numbers where the graph wants numbers.
/// </summary>
internal sealed class NpzInputs : INpzAudience
{
    private readonly Graph _graph;
    private readonly Action<long> _claim;
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly string?[] _names;

    private NpzInputs(Graph graph, int maxExpansion, Action<long> claim)
    {
        _graph = graph;
        _claim = claim;
        MaxExpansion = maxExpansion;
        _names = new string?[graph.Inputs.Length];
        for (var i = 0; i < graph.Inputs.Length; i++)
        {
            _positions.Add(graph.Inputs[i].Name, i);
        }
    }

    /// <inheritdoc/>
    public int MaxExpansion { get; }

    /// <summary>Reads the inputs.</summary>
    /// <param name="stream">The .npz content, read to its end.</param>
    /// <param name="claim">Called with a number of bytes before they are taken; throws when there shall be no more.</param>
    /// <exception cref="InputException">The content is no .npz file, or its arrays are not the graph's inputs.</exception>
    public static async Task<FuserValue[]> ReadAsync(Stream stream, Graph graph, int maxExpansion, Action<long> claim, CancellationToken cancellationToken)
    {
        var inputs = new NpzInputs(graph, maxExpansion, claim);
        return inputs.Bind(await NpzReader.ReadAsync(stream, inputs, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public void Claim(long bytes) => _claim(bytes);

    /// <inheritdoc/>
    public void Accept(string name)
    {
        if (PositionOf(name) is not { } position)
        {
            throw new InputException(ErrorCodes.InputCount, $"the graph has no input '{OutsideText.Shown(name)}'; it takes {Wanted()}. Name the arrays so, or in_0, in_1, ...");
        }

        if (_names[position] is { } earlier)
        {
            throw new InputException(ErrorCodes.InputCount, $"input {position} (%{_graph.Inputs[position].Name}) is there twice, as '{earlier}' and as '{OutsideText.Shown(name)}'. Send it once.");
        }

        _names[position] = OutsideText.Shown(name);
    }

    private int? PositionOf(string name)
    {
        // A name of the graph's own comes first: it may well be called in_1.
        if (_positions.TryGetValue(name, out var position))
        {
            return position;
        }

        var digits = name.StartsWith("in_", StringComparison.Ordinal) ? name.AsSpan(3) : name.StartsWith("arr_", StringComparison.Ordinal) ? name.AsSpan(4) : default;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out position) && position < _graph.Inputs.Length ? position : null;
    }

    private FuserValue[] Bind(ImmutableArray<NpzArray> arrays)
    {
        var values = new FuserValue[_graph.Inputs.Length];
        foreach (var (name, array) in arrays)
        {
            var position = PositionOf(name)!.Value;
            values[position] = Convert(position, array);
        }

        var missing = Array.FindIndex(_names, name => name is null);
        return missing < 0
            ? values
            : throw new InputException(ErrorCodes.InputCount, $"input {missing} (%{_graph.Inputs[missing].Name}) is missing; the graph takes {Wanted()}. Send all of them.");
    }

    private FuserValue Convert(int position, NdArray array)
    {
        var input = _graph.Inputs[position];
        var type = input.Type is OptionalType optional ? optional.Element : input.Type;
        if (type is not (IntType or FloatType or BoolType))
        {
            return array;
        }

        FuserValue? number = array.Layout.Rank > 0 ? null : (type, array.DType) switch
        {
            (BoolType or IntType, DType.Bool) => array.ToArray<bool>()[0],
            (IntType, _) when array.DType.IsInteger() => Integer(array),
            (FloatType, _) when array.DType.IsInteger() => (double)Integer(array),
            (FloatType, DType.Float16) => (double)array.ToArray<Half>()[0],
            (FloatType, DType.Float32) => array.ToArray<float>()[0],
            (FloatType, DType.Float64) => array.ToArray<double>()[0],
            _ => null,
        };
        return number ?? throw new InputException(
            ErrorCodes.InputKind,
            $"input {position} (%{input.Name} : {input.Type}) got {(FuserValue)array}; wanted a {type}: an array without axes, such as numpy.{(type is FloatType ? "float64(2.5)" : type is IntType ? "int64(3)" : "bool_(True)")}.");
    }

    private static long Integer(NdArray array) => array.DType switch
    {
        DType.UInt8 => array.ToArray<byte>()[0],
        DType.Int8 => array.ToArray<sbyte>()[0],
        DType.Int16 => array.ToArray<short>()[0],
        DType.Int32 => array.ToArray<int>()[0],
        _ => array.ToArray<long>()[0],
    };

    private string Wanted()
    {
        const int Most = 20;
        var shown = string.Join(", ", _graph.Inputs.Take(Most).Select(input => $"{input.Name} : {(input.Type is TensorType ? "Tensor" : input.Type)}"));
        return _graph.Inputs.Length switch
        {
            0 => "no inputs",
            <= Most => shown,
            var count => $"{shown} and {count - Most} more",
        };
    }
}
