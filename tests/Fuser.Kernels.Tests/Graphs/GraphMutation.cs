using System.Text.RegularExpressions;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Tests.Graphs;

/// <summary>Changes nodes of a graph's text so that it still reads as one.</summary>
internal static partial class GraphMutation
{
    private static readonly string[] Types = ["Tensor", "int", "float", "bool", "int[]", "Tensor[]", "Tensor?", "NoneType", "str", "Device", "(Tensor, int)", "Scalar", "Any"];

    private static readonly string[] Literals = ["int = prim::Constant[value=-1]()", "int = prim::Constant[value=0]()", "int = prim::Constant[value=3]()", "float = prim::Constant[value=0.5]()",
        "bool = prim::Constant[value=1]()", "NoneType = prim::Constant()", "str = prim::Constant[value=\"floor\"]()", "int[] = prim::Constant[value=[1, 0]]()", "float = prim::Constant[value=nan]()",
        "int[] = prim::ListConstruct()", "Tensor[] = prim::ListConstruct()", "Device = prim::Constant[value=\"cpu\"]()"];

    private static readonly string[] Kinds = [.. KnownOperations.All.Select(row => row.Kind).Distinct().Except(["prim::If", "prim::Loop"]).Order(StringComparer.Ordinal)];

    public static string Mutate(string text, Random random)
    {
        var lines = text.Split('\n');
        for (var edits = 1 + random.Next(3); edits > 0; edits--)
        {
            var nodes = Enumerable.Range(0, lines.Length).Where(i => Node().IsMatch(lines[i])).ToArray();
            if (nodes.Length == 0)
            {
                break;
            }

            var at = nodes[random.Next(nodes.Length)];
            lines[at] = MutateLine(lines[at], Names(lines.AsSpan()[..at]), random);
        }

        return string.Join('\n', lines);
    }

    private static string MutateLine(string line, string[] known, Random random)
    {
        var node = Node().Match(line);
        var arguments = node.Groups["arguments"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries).ToList();
        var (outputs, kind) = (node.Groups["outputs"].Value, node.Groups["kind"].Value);
        switch (random.Next(9))
        {
            case 0 when arguments.Count > 0:
                arguments.RemoveAt(random.Next(arguments.Count));
                break;
            case 1:
                arguments.Clear();
                break;
            case 2 when arguments.Count > 1:
                var (a, b) = (random.Next(arguments.Count), random.Next(arguments.Count));
                (arguments[a], arguments[b]) = (arguments[b], arguments[a]);
                break;
            case 3 or 4 when arguments.Count > 0 && known.Length > 0:
                arguments[random.Next(arguments.Count)] = known[random.Next(known.Length)];
                break;
            case 5 when known.Length > 0:
                arguments.Insert(random.Next(arguments.Count + 1), known[random.Next(known.Length)]);
                break;
            case 6:
                kind = Kinds[random.Next(Kinds.Length)];
                break;
            case 7:
                outputs = Declared().Replace(outputs, $" : {Types[random.Next(Types.Length)]}");
                break;
            case 8 when !outputs.Contains(", %"):
                return $"{node.Groups["indent"].Value}{outputs.Split(" : ")[0]} : {Literals[random.Next(Literals.Length)]}";
        }

        return $"{node.Groups["indent"].Value}{outputs} = {kind}{node.Groups["attributes"].Value}({string.Join(", ", arguments)}){node.Groups["rest"].Value}";
    }

    /// <summary>Values defined so far; some are in blocks that are closed, and then the parser refuses them.</summary>
    private static string[] Names(ReadOnlySpan<string> lines)
    {
        var names = new List<string>();
        foreach (var line in lines)
        {
            names.AddRange(Defined().Matches(line.Split(" = ")[0]).Select(match => match.Value));
        }

        return [.. names];
    }

    [GeneratedRegex(@"^(?<indent>\s+)(?<outputs>%[^=]+?) = (?<kind>\w+::\w+)(?<attributes>\[.*?\])?\((?<arguments>[^()]*)\)(?<rest>.*)$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Node();

    [GeneratedRegex(@" : [^%]+(?=, %|$)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Declared();

    [GeneratedRegex(@"%[\w.]+(?= : )", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Defined();
}
