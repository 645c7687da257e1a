using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>Prints a graph as PyTorch does, to the last blank.</summary>
internal sealed class GraphTextPrinter
{
    private readonly StringBuilder _output = new();

    private GraphTextPrinter()
    {
    }

    public static string Print(Graph graph)
    {
        var printer = new GraphTextPrinter();
        printer.PrintGraph(graph);
        return printer._output.ToString();
    }

    private void PrintGraph(Graph graph)
    {
        _output.Append("graph(");
        Definitions(graph.Inputs, ",\n      ");
        _output.Append("):\n");
        Nodes(graph.Nodes, 1);
        _output.Append("  return ");
        Uses(graph.Outputs);
        _output.Append('\n');
        foreach (var (name, body) in graph.Subgraphs)
        {
            _output.Append("with ").Append(name).Append(" = ");
            PrintGraph(body);
        }
    }

    private void Nodes(ImmutableArray<Node> nodes, int level)
    {
        foreach (var node in nodes)
        {
            PrintNode(node, level);
        }
    }

    private void PrintNode(Node node, int level)
    {
        _output.Append(' ', 2 * level);
        Definitions(node.Outputs, ", ");
        _output.Append(" = ").Append(node.Kind);
        Attributes(node);
        Uses(node.Inputs);
        if (node.Scope is not null)
        {
            _output.Append(", scope: ").Append(node.Scope);
        }

        if (node.SourceComment is not null)
        {
            _output.Append(" # ").Append(node.SourceComment);
        }

        _output.Append('\n');
        for (var i = 0; i < node.Blocks.Length; i++)
        {
            PrintBlock(node.Blocks[i], i, level + 1);
        }
    }

    private void PrintBlock(Block block, int index, int level)
    {
        _output.Append(' ', 2 * level).Append(CultureInfo.InvariantCulture, $"block{index}(");
        Definitions(block.Inputs, ", ");
        _output.Append("):\n");
        Nodes(block.Nodes, level + 1);
        _output.Append(' ', (2 * level) + 2).Append("-> ");
        Uses(block.Outputs);
        _output.Append('\n');
    }

    private void Definitions(ImmutableArray<Value> values, string separator)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _output.Append(i == 0 ? "" : separator).Append('%').Append(values[i].Name).Append(" : ").Append(values[i].Type);
        }
    }

    private void Uses(ImmutableArray<Value> values)
    {
        _output.Append('(');
        for (var i = 0; i < values.Length; i++)
        {
            _output.Append(i == 0 ? "%" : ", %").Append(values[i].Name);
        }

        _output.Append(')');
    }

    private void Attributes(Node node)
    {
        if (node.Attributes.IsEmpty)
        {
            return;
        }

        var separator = '[';
        foreach (var (name, value) in node.Attributes)
        {
            _output.Append(separator).Append(separator == ',' ? " " : "").Append(name).Append('=');
            ConstantTextPrinter.Print(_output, value, node.IsConstant && name == "value" && node.Outputs.Length == 1 ? node.Outputs[0].Type : null);
            separator = ',';
        }

        _output.Append(']');
    }
}
