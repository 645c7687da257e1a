using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Operations;

/// <summary>What may stand for a parameter, and what becomes of it.</summary>
internal enum ParameterKind
{
    /// <summary>A tensor: an operand, read element by element.</summary>
    Tensor,

    /// <summary>A tensor or a number: an operand of type promotion either way.</summary>
    Operand,

    /// <summary>A bool tensor that chooses; it is read and broadcast, but takes no part in type promotion.</summary>
    Condition,

    /// <summary>A number that takes part in type promotion only where the rule says so; it may change from call to call without a new kernel.</summary>
    Number,

    /// <summary>A constant that changes the code: a flag, a mode, a dtype code.</summary>
    Constant,

    /// <summary>A tensor or constant that only names a dtype: a tensor here is neither read nor broadcast.</summary>
    Like,

    /// <summary>Has no influence on values here: device, layout, memory format, generator.</summary>
    Ignored,
}

/// <summary>A positional parameter of an operation.</summary>
/// <param name="Optional">None is allowed, and means absent.</param>
/// <param name="Default">Stands in when the argument is left out; null for None.</param>
internal sealed record Parameter(string Name, ParameterKind Kind, bool Optional = false, bool HasDefault = false, ConstantValue? Default = null)
{
    /// <summary>Whether a tensor in this place is read element by element, and so broadcasts with the others.</summary>
    public bool IsElementwise => Kind is ParameterKind.Tensor or ParameterKind.Operand or ParameterKind.Condition;

    /// <summary>
    /// Reads a parameter list in the notation of the catalogue: kind, name, and perhaps a default, as in
    /// <c>"Tensor self, Operand other, Number alpha=1, Number? eps, Constant rounding_mode=None, Ignored generator=None"</c>.
    /// A question mark, or the default None, allows None.
    /// </summary>
    public static ImmutableArray<Parameter> ParseList(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    /// <summary>The notation that <see cref="ParseList"/> reads.</summary>
    public override string ToString() => $"{Kind}{(Optional && Kind != ParameterKind.Ignored && !(HasDefault && Default is null) ? "?" : "")} {Name}" + (HasDefault ? "=" + DefaultText : "");

    private string DefaultText => Default switch
    {
        null => "None",
        BoolConstant flag => flag.Value ? "True" : "False",
        IntConstant whole => whole.Value.ToString(),
        FloatConstant number => number.Value.ToString("0.0###############"),
        StringConstant text => $"\"{text.Value}\"",
        _ => Default.ToString(),
    };

    private static Parameter Parse(string text)
    {
        var space = text.IndexOf(' ');
        var kind = text[..space];
        var optional = kind.EndsWith('?');
        var assignment = text.IndexOf('=');
        var name = (assignment < 0 ? text[(space + 1)..] : text[(space + 1)..assignment]).Trim();
        var @default = assignment < 0 ? null : ParseDefault(text[(assignment + 1)..].Trim());
        return new Parameter(
            name,
            Enum.Parse<ParameterKind>(optional ? kind[..^1] : kind),
            optional || kind == nameof(ParameterKind.Ignored) || assignment >= 0 && @default is null,
            assignment >= 0,
            @default);
    }

    private static ConstantValue? ParseDefault(string text) => text switch
    {
        "None" => null,
        "True" => new BoolConstant(true),
        "False" => new BoolConstant(false),
        ['"', .., '"'] => new StringConstant(text[1..^1]),
        _ when long.TryParse(text, out var whole) => new IntConstant(whole),
        _ => new FloatConstant(double.Parse(text)),
    };
}
