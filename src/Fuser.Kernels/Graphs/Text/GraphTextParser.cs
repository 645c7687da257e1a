using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>
/// Reads TorchScript IR text by recursive descent. The depth of the recursion, the number of nodes and values and the length of
/// every list are bounded by <see cref="GraphTextLimits"/>; line ends mean nothing except that they end a comment.
/// </summary>
internal sealed class GraphTextParser
{
    private readonly GraphTextReader _reader;
    private readonly TypeTextParser _types;
    private readonly ConstantTextParser _constants;
    private readonly List<Value> _operands = [];
    private readonly CancellationToken _cancellationToken;
    private int _nodes;
    private int _values;
    private int _subgraphs;

    public GraphTextParser(string text, GraphTextLimits limits, CancellationToken cancellationToken = default)
    {
        _cancellationToken = cancellationToken;
        _reader = new GraphTextReader(text, limits);
        _types = new TypeTextParser(_reader);
        _constants = new ConstantTextParser(_reader);
    }

    private GraphTextLimits Limits => _reader.Limits;

    /// <summary>Reads the whole text: one graph and the subgraphs after it.</summary>
    public Graph Parse()
    {
        var graph = GraphWithSubgraphs();
        _reader.SkipBlanks();
        return _reader.AtEnd
            ? graph
            : throw (_reader.PeekWord() is "with"
                ? _reader.Error(ErrorCodes.UnresolvedSubgraph, "no node of the graph before it calls this subgraph. Remove it, or correct its name.")
                : _reader.Error(ErrorCodes.GraphSyntax, $"expected 'with NAME = graph(...)' or the end of the text, got {_reader.DescribeNext()}. One text holds one graph."));
    }

    /// <summary>
    /// A graph is followed by the bodies it calls, and each body by its own. PyTorch numbers them anew in every graph, so a name
    /// belongs to the innermost graph that calls it and has no body for it yet.
    /// </summary>
    private Graph GraphWithSubgraphs()
    {
        _reader.Enter();
        var called = new HashSet<string>(StringComparer.Ordinal);
        var graph = GraphBody(called);
        var subgraphs = ImmutableArray.CreateBuilder<Subgraph>();
        while (called.Count > 0 && TryTakeSubgraphOf(called) is { } name)
        {
            if (++_subgraphs > Limits.MaxSubgraphs)
            {
                throw _reader.TooMuch("the graph", Limits.MaxSubgraphs, "subgraphs", nameof(GraphTextLimits.MaxSubgraphs));
            }

            called.Remove(name);
            _reader.Expect('=', $"after with {name}");
            subgraphs.Add(new Subgraph(name, GraphWithSubgraphs()));
        }

        _reader.Leave();
        return subgraphs.Count == 0 ? graph : new Graph(graph.Inputs, graph.Nodes, graph.Outputs, subgraphs.ToImmutable());
    }

    private string? TryTakeSubgraphOf(HashSet<string> called)
    {
        var mark = _reader.Mark();
        if (!_reader.TryTakeWord("with"))
        {
            return null;
        }

        var word = _reader.Word("the name of a subgraph");
        if (called.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var name))
        {
            return name;
        }

        _reader.Return(mark);
        return null;
    }

    private Graph GraphBody(HashSet<string> called)
    {
        if (!_reader.TryTakeWord("graph"))
        {
            _reader.SkipBlanks();
            throw _reader.Error(ErrorCodes.GraphSyntax, $"expected 'graph(', got {_reader.DescribeNext()}. Give the text that str(fn.graph) prints.");
        }

        var scope = new ValueScope();
        var inputs = DefinedValues(scope, "after 'graph'");
        _reader.Expect(':', "after the inputs of the graph");
        var nodes = Nodes(scope, called);
        if (!_reader.TryTakeWord("return"))
        {
            throw _reader.Error(ErrorCodes.GraphSyntax, $"expected a node or 'return (...)', got {_reader.DescribeNext()}. Every graph ends with a return.");
        }

        return new Graph(inputs, nodes, UsedValues(scope, "after 'return'"));
    }

    private ImmutableArray<Node> Nodes(ValueScope scope, HashSet<string> called)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>();
        while (AtNode())
        {
            _cancellationToken.ThrowIfCancellationRequested();
            nodes.Add(Node(scope, called));
        }

        return nodes.DrainToImmutable();
    }

    private bool AtNode()
    {
        _reader.SkipBlanks();
        return _reader.Next is '%' or '=' or '^' or '('
            || (_reader.PeekWord() is { IsEmpty: false } word && word.Contains("::", StringComparison.Ordinal));
    }

    private Node Node(ValueScope scope, HashSet<string> called)
    {
        var position = _reader.Position;
        if (++_nodes > Limits.MaxNodes)
        {
            throw _reader.TooMuch("the graph", Limits.MaxNodes, "nodes", nameof(GraphTextLimits.MaxNodes));
        }

        var declared = Declarations();
        var kind = Kind();
        var attributes = Attributes(kind, declared.Length == 1 ? declared[0].Type : null);
        var inputs = UsedValues(scope, $"after {kind}");
        var (moduleScope, comment) = Remarks();
        var blocks = Blocks(scope, called);
        if (Graphs.Node.IsSubgraphName(kind))
        {
            called.Add(kind);
        }

        var outputs = Define(declared, UntypedValues.Infer(kind, attributes, inputs, declared.Length), scope);
        return new Node(kind, inputs, outputs, attributes, blocks, comment, moduleScope, position);
    }

    /// <summary>What stands before the <c>=</c> of a node. A node without outputs starts with the <c>=</c>, or <c>() =</c>, or its kind.</summary>
    private ImmutableArray<(string Name, GraphType? Type, SourcePosition Position)> Declarations()
    {
        ImmutableArray<(string Name, GraphType? Type, SourcePosition Position)> declared = [];
        if (_reader.Next == '%')
        {
            declared = DeclarationList();
        }
        else if (_reader.TryTake('('))
        {
            _reader.Expect(')', "in a node without outputs, '() = ...'");
        }
        else if (_reader.Next != '=')
        {
            return declared;
        }

        _reader.Expect('=', "between the outputs of a node and its operation");
        return declared;
    }

    private ImmutableArray<(string Name, GraphType? Type, SourcePosition Position)> DeclarationList()
    {
        var declared = ImmutableArray.CreateBuilder<(string, GraphType?, SourcePosition)>();
        do
        {
            CheckListLength(declared.Count);
            if (++_values + _constants.Items > Limits.MaxValues)
            {
                throw _reader.TooMuch("the graph", Limits.MaxValues, "values and literals", nameof(GraphTextLimits.MaxValues));
            }

            var name = ValueName(out var position).ToString();
            declared.Add((name, _reader.TryTake(':') ? _types.Parse() : null, position));
        }
        while (_reader.TryTake(','));
        return declared.DrainToImmutable();
    }

    private ImmutableArray<Value> Define(
        ImmutableArray<(string Name, GraphType? Type, SourcePosition Position)> declared, Func<int, GraphType> untyped, ValueScope scope)
    {
        var values = ImmutableArray.CreateBuilder<Value>(declared.Length);
        foreach (var (name, type, position) in declared)
        {
            var value = new Value(name, type ?? Bounded(untyped(values.Count)), position);
            scope.Define(value);
            values.Add(value);
        }

        return values.MoveToImmutable();
    }

    /// <summary>A tuple of tuples doubles with every line. What the text does not spell out counts as if it did.</summary>
    private GraphType Bounded(GraphType inferred)
    {
        _values += Math.Min(inferred.Size - 1, Limits.MaxValues);
        return _values <= Limits.MaxValues && inferred.Depth <= Limits.MaxNesting
            ? inferred
            : throw _reader.TooMuch("a type that follows from untyped values", Limits.MaxNesting, $"levels, or all of them beyond {Limits.MaxValues} parts", $"{nameof(GraphTextLimits.MaxNesting)} or {nameof(GraphTextLimits.MaxValues)}");
    }

    private ImmutableArray<Value> DefinedValues(ValueScope scope, string where)
    {
        _reader.Expect('(', where);
        if (_reader.TryTake(')'))
        {
            return [];
        }

        var values = Define(DeclarationList(), static _ => GraphType.Tensor, scope);
        _reader.Expect(')', "or ',' after a value");
        return values;
    }

    private ImmutableArray<Value> UsedValues(ValueScope scope, string where)
    {
        _reader.Expect('(', where);
        if (_reader.TryTake(')'))
        {
            return [];
        }

        _operands.Clear();
        do
        {
            CheckListLength(_operands.Count);
            var name = ValueName(out var position);
            _operands.Add(scope.Find(name, position));
        }
        while (_reader.TryTake(','));
        _reader.Expect(')', "or ',' after a value");
        return [.. _operands];
    }

    private ReadOnlySpan<char> ValueName(out SourcePosition position)
    {
        _reader.SkipBlanks();
        position = _reader.Position;
        _reader.Expect('%', "before the name of a value");
        return _reader.WordHere("the name of a value after '%'");
    }

    private string Kind()
    {
        _reader.SkipBlanks();
        var mark = _reader.Mark();
        if (!_reader.TryTake('^'))
        {
            return _reader.Word("an operation such as aten::add").ToString();
        }

        // A Python function prints its plain arguments before its tensors: ^Dropout(0.5, False)(%x).
        _ = _reader.WordHere("the name of a Python operation after '^'");
        if (_reader.Next == '(')
        {
            RawText.SkipBracket(_reader);
        }

        return _reader.Since(mark).ToString();
    }

    private ImmutableArray<NodeAttribute> Attributes(string kind, GraphType? outputType)
    {
        if (!_reader.TryTake('['))
        {
            return [];
        }

        if (_reader.TryTake(']'))
        {
            return [];
        }

        var attributes = ImmutableArray.CreateBuilder<NodeAttribute>();
        do
        {
            CheckListLength(attributes.Count);
            var name = _reader.Word("the name of an attribute").ToString();
            _reader.Expect('=', $"after the attribute {name}");
            attributes.Add(new NodeAttribute(name, _constants.Parse(kind == "prim::Constant" && name == "value" ? outputType : null)));
        }
        while (_reader.TryTake(','));
        _reader.Expect(']', "or ',' after an attribute");
        return attributes.ToImmutable();
    }

    private (string? Scope, string? Comment) Remarks()
    {
        string? scope = null;
        _reader.SkipBlanksInLine();
        if (_reader.Next == ',')
        {
            _reader.Advance(1);
            if (!_reader.TryTakeWord("scope"))
            {
                throw _reader.Error(ErrorCodes.GraphSyntax, $"expected 'scope:' after the operands and ',', got {_reader.DescribeNext()}.");
            }

            _reader.Expect(':', "after 'scope'");
            var end = _reader.Rest.IndexOfAny('\n', '#');
            var line = end < 0 ? _reader.Rest : _reader.Rest[..end];
            scope = Remark(line);
            _reader.Advance(line.Length);
        }

        if (_reader.Next != '#')
        {
            return (scope, null);
        }

        _reader.Advance(1);
        return (scope, Remark(_reader.SkipLine()));
    }

    private string Remark(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text.Length <= Limits.MaxStringLength
            ? text.ToString()
            : throw _reader.TooMuch("a comment", Limits.MaxStringLength, "characters", nameof(GraphTextLimits.MaxStringLength));
    }

    private ImmutableArray<Block> Blocks(ValueScope scope, HashSet<string> called)
    {
        if (!AtBlock())
        {
            return [];
        }

        var blocks = ImmutableArray.CreateBuilder<Block>();
        do
        {
            CheckListLength(blocks.Count);
            _reader.Enter();
            _ = _reader.Word("a block");
            var opened = scope.Open();
            var inputs = DefinedValues(scope, "after the name of a block");
            _reader.Expect(':', "after the inputs of a block");
            var nodes = Nodes(scope, called);
            _reader.Expect('-', "in '-> (...)', which ends a block");
            _reader.Expect('>', "in '-> (...)', which ends a block");
            blocks.Add(new Block(inputs, nodes, UsedValues(scope, "after '->'")));
            scope.Close(opened);
            _reader.Leave();
        }
        while (AtBlock());
        return blocks.ToImmutable();
    }

    private bool AtBlock()
    {
        _reader.SkipBlanks();
        var word = _reader.PeekWord();
        return word.StartsWith("block") && word.Length > 5 && word[5..].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private void CheckListLength(int count)
    {
        if (count >= Limits.MaxListLength)
        {
            throw _reader.TooMuch("a list", Limits.MaxListLength, "entries", nameof(GraphTextLimits.MaxListLength));
        }
    }
}
