using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class GraphErrorsTests
{
    // The mark ¦ stands where the error must point.
    [Theory]
    [InlineData(ErrorCodes.GraphSyntax, "¦")]
    [InlineData(ErrorCodes.GraphSyntax, "\n  ¦hello world")]
    [InlineData(ErrorCodes.GraphSyntax, "graph¦")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(¦x):\n  return ()")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x : ¦)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x) ¦return (%x)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n¦retur (%x)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n¦\0")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n  %1 : ¦= aten::neg(%x)\n  return (%1)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n  %1 = ¦(%x)\n  return (%1)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n  %1 = aten::neg(%x¦; %x)\n  return (%1)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n  %1 = aten::neg(%x), ¦5\n  return (%1)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n  %1 = aten::neg[a=1, ¦=2](%x)\n  return (%1)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n  %1 = aten::neg[a=¦(1](%x)\n  return (%1)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x):\n  return (%x)\n¦graph(%x):\n  return (%x)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x : List¦[int, int]):\n  return (%x)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x : Float(¦-3)):\n  return (%x)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x : Float(device=cpu, ¦3)):\n  return (%x)")]
    [InlineData(ErrorCodes.GraphSyntax, "graph(%x : Dict¦(str\n):\n  return (%x)")]
    [InlineData(ErrorCodes.UndefinedValue, "graph(%x):\n  %1 = aten::neg(¦%y)\n  return (%1)")]
    [InlineData(ErrorCodes.UndefinedValue, "graph(%x):\n  %1 = aten::neg(¦%1)\n  return (%1)")]
    [InlineData(ErrorCodes.UndefinedValue, "graph(%x):\r\n  return (%x, ¦%y)")]
    [InlineData(ErrorCodes.UndefinedValue, "graph(%c):\n  %1 = prim::If(%c)\n    block0():\n      %a = aten::neg(%c)\n      -> (%a)\n    block1():\n      -> (¦%a)\n  return (%1)")]
    [InlineData(ErrorCodes.DuplicateValue, "graph(%x, ¦%x):\n  return (%x)")]
    [InlineData(ErrorCodes.DuplicateValue, "graph(%x):\n  %1 = aten::neg(%x)\n  %2, ¦%1 = aten::neg(%x)\n  return (%1)")]
    [InlineData(ErrorCodes.UnresolvedSubgraph, "graph(%x):\n  ¦%1 = prim::FusionGroup_0(%x)\n  return (%1)")]
    [InlineData(ErrorCodes.UnresolvedSubgraph, "graph(%x):\n  return (%x)\n¦with prim::FusionGroup_0 = graph(%x):\n  return (%x)")]
    [InlineData(ErrorCodes.UnresolvedSubgraph, "graph(%x):\n  %1 = prim::G_0(%x)\n  return (%1)\nwith prim::G_0 = graph(%x):\n  return (%x)\n¦with prim::G_0 = graph(%x):\n  return (%x)")]
    [InlineData(ErrorCodes.SubgraphArity, "graph(%x):\n  ¦%1 = prim::FusionGroup_0(%x, %x)\n  return (%1)\nwith prim::FusionGroup_0 = graph(%x):\n  return (%x)")]
    [InlineData(ErrorCodes.BadAttribute, "graph(%x):\n  ¦%1 : Tensor = prim::ConstantChunk[chunks=-1, dim=0](%x)\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph(%x):\n  ¦%1 : Tensor = prim::ConstantChunk[chunks=2, dim=0](%x)\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph(%x):\n  ¦%1 : Tensor = prim::ConstantChunk[chunks=1](%x)\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph(%x):\n  ¦%1 : Tensor = prim::FusedConcat(%x)\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph(%x):\n  %n : int = prim::Constant[value=-3]()\n  ¦%1 : Tensor[] = aten::chunk(%x, %n, %n)\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph():\n  ¦%1 : int = prim::Constant()\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph():\n  ¦%1 : int = prim::Constant[value=1.5]()\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph():\n  ¦%1 : NoneType = prim::Constant[value=1]()\n  return (%1)")]
    [InlineData(ErrorCodes.BadAttribute, "graph():\n  ¦%1 : int[] = prim::Constant[value=[1, \"a\"]]()\n  return (%1)")]
    [InlineData(ErrorCodes.OperationArity, "graph(%x):\n  ¦%1 : int = prim::Constant[value=1](%x)\n  return (%1)")]
    [InlineData(ErrorCodes.BadBlock, "graph(%c : bool):\n  ¦%1 = prim::If(%c)\n    block0():\n      -> (%c)\n  return (%1)")]
    [InlineData(ErrorCodes.BadBlock, "graph(%n : int, %c : bool, %x):\n  ¦%1 = prim::Loop(%n, %c, %x)\n    block0(%i : int):\n      -> (%c, %x)\n  return (%1)")]
    [InlineData(ErrorCodes.BadLiteral, "graph():\n  %1 : int = prim::Constant[value=¦99999999999999999999]()\n  return (%1)")]
    [InlineData(ErrorCodes.BadLiteral, "graph():\n  %1 : bool = prim::Constant[value=¦2]()\n  return (%1)")]
    [InlineData(ErrorCodes.BadLiteral, "graph():\n  %1 : str = prim::Constant[value=¦\"abc]()\n  return (%1)")]
    [InlineData(ErrorCodes.BadLiteral, "graph():\n  %1 : str = prim::Constant[value=¦\"\\q\"]()\n  return (%1)")]
    [InlineData(ErrorCodes.BadLiteral, "graph():\n  %1 : str = prim::Constant[value=¦\"\\377\"]()\n  return (%1)")]
    [InlineData(ErrorCodes.BadLiteral, "graph():\n  %1 : int = prim::Constant[value=¦]()\n  return (%1)")]
    public void An_error_has_a_code_and_points_at_the_place(string code, string marked)
    {
        var before = marked[..marked.IndexOf('¦')];

        var error = Should.Throw<GraphException>(() => GraphText.Parse(marked.Replace("¦", "")));

        (error.Code, error.Line, error.Column).ShouldBe((code, before.Count(c => c == '\n') + 1, before.Length - before.LastIndexOf('\n')), error.Message);
        error.Message.ShouldStartWith($"line {error.Line}, col {error.Column}: ");
        error.Message.ShouldEndWith(".");
    }

    [Fact]
    public void A_message_says_what_was_got_and_what_was_wanted()
        => Should.Throw<GraphException>(() => GraphText.Parse("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x]\n  return (%1)\n"))
            .Message.ShouldBe("line 2, col 29: expected ')' or ',' after a value, got ']'.");

    [Fact]
    public void Graphs_built_in_code_are_validated_too()
    {
        var x = new Value("x", GraphType.Tensor);
        var y = new Value("y", GraphType.Tensor);
        var again = new Value("x", GraphType.Tensor);

        Code(() => GraphValidator.Validate(new Graph([x], [], [y]))).ShouldBe(ErrorCodes.UndefinedValue);
        Code(() => GraphValidator.Validate(new Graph([x], [new Node("aten::neg", [y], [y])], [y]))).ShouldBe(ErrorCodes.UndefinedValue);
        Code(() => GraphValidator.Validate(new Graph([x, again], [], [x]))).ShouldBe(ErrorCodes.DuplicateValue);
        Code(() => GraphValidator.Validate(new Graph([x], [], [x], [new Subgraph("prim::FusionGroup_0", new Graph([], [], []))]))).ShouldBe(ErrorCodes.UnresolvedSubgraph);

        // What a block defines is not visible after it, even when the names are right.
        var inner = new Node("prim::If", [x], [y], blocks: [new Block([], [new Node("aten::neg", [x], [again])], [x]), new Block([], [], [x])]);
        Code(() => GraphValidator.Validate(new Graph([x], [inner], [again]))).ShouldBe(ErrorCodes.DuplicateValue);
        var hidden = new Value("hidden", GraphType.Tensor);
        inner = new Node("prim::If", [x], [y], blocks: [new Block([], [new Node("aten::neg", [x], [hidden])], [x]), new Block([], [], [x])]);
        Code(() => GraphValidator.Validate(new Graph([x], [inner], [hidden]))).ShouldBe(ErrorCodes.UndefinedValue);
        Code(() => GraphValidator.Validate(new Graph([x], [inner], [y]))).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a::")]
    [InlineData("::a")]
    [InlineData("a)")]
    public void Names_that_the_text_cannot_write_are_refused(string name)
    {
        Code(() => _ = new Value(name, GraphType.Tensor)).ShouldBe(ErrorCodes.GraphSyntax);
        Code(() => _ = new Node(name, [], [])).ShouldBe(ErrorCodes.GraphSyntax);
        Code(() => _ = new NodeAttribute(name, new IntConstant(1))).ShouldBe(ErrorCodes.GraphSyntax);
        Code(() => _ = new Node("aten::neg", [], [], sourceComment: "two\nlines")).ShouldBe(ErrorCodes.GraphSyntax);
        Code(() => _ = new TensorType { ScalarType = "Flaot" }).ShouldBe(ErrorCodes.UnsupportedDType);
    }

    [Fact]
    public void Arrays_that_were_never_set_count_as_empty()
    {
        var graph = new Graph(default, default, default);

        graph.ToString().ShouldBe("graph():\n  return ()\n");
        graph.Subgraphs.ShouldBe(ImmutableArray<Subgraph>.Empty);
    }

    [Fact]
    public void Files_that_cannot_be_read_as_graphs_are_refused_with_their_reason()
    {
        using var folder = new TemporaryFolder();
        InputCode(() => GraphText.Load(folder.File("absent.ir"))).ShouldBe(ErrorCodes.FileUnreadable);
        InputCode(() => GraphText.Load(folder.Path)).ShouldBe(ErrorCodes.FileUnreadable);
        InputCode(() => GraphText.Load(folder.File("bytes.ir", [0x67, 0xFF, 0xFE]))).ShouldBe(ErrorCodes.FileFormat);

        // Refused by its length: the content is not read.
        var huge = folder.File("huge.ir");
        using (var stream = File.Create(huge))
        {
            stream.SetLength(64L << 20);
        }

        InputCode(() => GraphText.Load(huge)).ShouldBe(ErrorCodes.FileTooLarge);
        GraphText.Load(folder.File("good.ir", "graph(%x):\n  return (%x)"u8.ToArray())).Inputs.Length.ShouldBe(1);
    }

    [Fact]
    public void A_stream_without_end_is_refused_at_the_limit()
    {
        var stream = new EndlessStream();

        InputCode(() => GraphText.Load(stream)).ShouldBe(ErrorCodes.FileTooLarge);
        stream.Served.ShouldBeLessThan(9L << 20);
    }

    private static string? Code(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (GraphException e)
        {
            return e.Code;
        }
    }

    private static string InputCode(Action action) => Should.Throw<InputException>(action).Code;

    private sealed class EndlessStream : MemoryStream
    {
        public long Served { get; private set; }

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)' ');
            Served += buffer.Length;
            return buffer.Length;
        }
    }
}
