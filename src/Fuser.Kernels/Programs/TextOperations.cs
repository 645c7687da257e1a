using System.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>Texts: they say what went wrong, and choose; nothing is computed with them.</summary>
internal static class TextOperations
{
    /// <summary>Characters of one text: a message that grows on every trip ends here.</summary>
    private const int MostCharacters = 65_536;

    /// <summary>Values named in one text.</summary>
    private const int MostValues = 4_096;

    /// <summary>Null when the kind is none of these, or its arguments are no texts.</summary>
    public static ProgramValue? TryEvaluate(HostArguments a)
    {
        switch (a.Node.Kind)
        {
            case "aten::format":
                return Bounded(Format(a, "{}"));
            case "aten::percentFormat":
                return Bounded(Format(a, "%s", "%d", "%i", "%f", "%g", "%r"));
            case "aten::str":
                return Bounded(Describe(a[0]));
        }

        if (a.Count == 0 || a[0].Kind != ProgramValueKind.Text)
        {
            return null;
        }

        return a.Node.Kind switch
        {
            "aten::add" => Bounded(a.Text(0) + a.Text(1)),
            "aten::eq" => a[1].Kind == ProgramValueKind.Text && a.Text(0) == a.Text(1),
            "aten::ne" => a[1].Kind != ProgramValueKind.Text || a.Text(0) != a.Text(1),
            "aten::len" => (long)a.Text(0).Length,
            "aten::__contains__" => a.Text(0).Contains(a.Text(1)),
            _ => (ProgramValue?)null,
        };
    }

    private static ProgramValue Bounded(string text) => text.Length <= MostCharacters
        ? text
        : throw new InputException(ErrorCodes.SizeLimit, $"a text would have {text.Length} characters, at most {MostCharacters} are allowed");

    /// <summary>Puts the arguments in the places of a pattern, one after the other.</summary>
    private static string Format(HostArguments a, params ReadOnlySpan<string> places)
    {
        var pattern = a.Text(0).AsSpan();
        var text = new StringBuilder();
        for (var i = 1; i < a.Count; i++)
        {
            var (at, length) = FirstPlace(pattern, places);
            if (at < 0)
            {
                break;
            }

            text.Append(pattern[..at]).Append(Describe(a[i]));
            pattern = pattern[(at + length)..];
        }

        return text.Append(pattern).ToString();
    }

    private static (int At, int Length) FirstPlace(ReadOnlySpan<char> pattern, ReadOnlySpan<string> places)
    {
        var first = (At: -1, Length: 0);
        foreach (var place in places)
        {
            var at = pattern.IndexOf(place);
            if (at >= 0 && (first.At < 0 || at < first.At))
            {
                first = (at, place.Length);
            }
        }

        return first;
    }

    private static string Describe(ProgramValue value)
    {
        var (text, left) = (new StringBuilder(), MostValues);
        Append(value, top: true);
        return text.ToString();

        void Append(ProgramValue item, bool top)
        {
            if (--left < 0)
            {
                text.Append("...");
                return;
            }

            switch (item.Kind)
            {
                case ProgramValueKind.List when left > 0: AppendItems(item.List.Items, "[]"); break;
                case ProgramValueKind.Tuple when left > 0: AppendItems(item.Tuple, "()"); break;
                case ProgramValueKind.Text: text.Append(top ? item.Text : $"'{item.Text}'"); break;
                case ProgramValueKind.Boolean: text.Append(item.Number.Integer != 0 ? "True" : "False"); break;
                case ProgramValueKind.Float when double.IsFinite(item.Number.Float) && item.Number.Float == Math.Floor(item.Number.Float): text.Append($"{item.Number}.0"); break;
                case ProgramValueKind.Integer or ProgramValueKind.Float: text.Append(item.Number); break;
                case ProgramValueKind.Tensor: text.Append($"tensor({item.Tensor.DType.DisplayName()}{Shapes.Text(item.Tensor.Shape.AsSpan())})"); break;
                default: text.Append(item); break;
            }
        }

        void AppendItems(IReadOnlyList<ProgramValue> items, string brackets)
        {
            text.Append(brackets[0]);
            for (var i = 0; i < items.Count && left > 0; i++)
            {
                text.Append(i == 0 ? "" : ", ");
                left -= 8; // so that lists in lists end long before the stack does
                Append(items[i], top: false);
            }

            text.Append(brackets[1]);
        }
    }
}
