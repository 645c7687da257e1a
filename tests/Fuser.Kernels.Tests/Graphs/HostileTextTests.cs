using System.Text;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class HostileTextTests
{
    private const int Length = 8_000_000;
    private const long AllocationLimit = 200_000_000;

    /// <summary>
    /// Texts just below the limit of length, each made to make one part of the parser work or recurse as hard as it can. A text
    /// has eight million characters, so what is not bounded shows as an overflowing stack, a test run without end, or gigabytes.
    /// </summary>
    public static TheoryData<string> Names => [.. Texts().Select(text => text.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hostile_text_is_read_or_refused_within_bounded_memory(string name)
    {
        var text = Texts().Single(candidate => candidate.Name == name).Make();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var outcome = Outcome(text);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.ShouldBeLessThan(AllocationLimit);
        outcome.ShouldBeOneOf(ErrorCodes.GraphSyntax, ErrorCodes.GraphLimit, ErrorCodes.GraphTextTooLong, ErrorCodes.BadLiteral, ErrorCodes.UndefinedValue, "read");
    }

    [Fact]
    public void A_text_over_the_limit_is_refused_before_it_is_looked_at()
    {
        var text = new string(' ', GraphTextLimits.Default.MaxCharacters + 1);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Outcome(text).ShouldBe(ErrorCodes.GraphTextTooLong);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }

    [Fact]
    public void Every_limit_can_be_set()
    {
        const string text = "graph(%long : Tensor, %y : int[][][]):\n  %1 : str = prim::Constant[value=\"abcdef\"]()\n  return (%long, %y, %1)\n";

        Outcome(text).ShouldBe("read");
        Outcome(text, new() { MaxCharacters = text.Length - 1 }).ShouldBe(ErrorCodes.GraphTextTooLong);
        Outcome(text, new() { MaxNodes = 0 }).ShouldBe(ErrorCodes.GraphLimit);
        Outcome(text, new() { MaxValues = 2 }).ShouldBe(ErrorCodes.GraphLimit);
        Outcome(text, new() { MaxListLength = 2 }).ShouldBe(ErrorCodes.GraphLimit);
        Outcome(text, new() { MaxNesting = 3 }).ShouldBe(ErrorCodes.GraphLimit);
        Outcome(text, new() { MaxNameLength = 3 }).ShouldBe(ErrorCodes.GraphLimit);
        Outcome(text, new() { MaxStringLength = 5 }).ShouldBe(ErrorCodes.GraphLimit);
        Outcome("graph(%x):\n  %1 = prim::G_0(%x)\n  return (%1)\nwith prim::G_0 = graph(%x):\n  return (%x)", new() { MaxSubgraphs = 0 }).ShouldBe(ErrorCodes.GraphLimit);
    }

    private static string Outcome(string text, GraphTextLimits? limits = null)
    {
        try
        {
            GraphText.Parse(text, limits);
            return "read";
        }
        catch (GraphException e)
        {
            return e.Code;
        }
    }

    private static (string Name, Func<string> Make)[] Texts() =>
    [
        ("brackets", () => new string('(', Length)),
        ("a graph of brackets", () => "graph(" + new string('(', Length)),
        ("a nested tuple type", () => "graph(%x : " + new string('(', Length)),
        ("a nested list type", () => "graph(%x : " + Repeat("List[", Length)),
        ("an opaque type of brackets", () => "graph(%x : Foo" + new string('[', Length)),
        ("a type with suffixes without end", () => "graph(%x : int" + Repeat("[]", Length)),
        ("a type with question marks without end", () => "graph(%x : int" + new string('?', Length)),
        ("a tensor type of endless rank", () => "graph(%x : Float(" + Repeat("*, ", Length)),
        ("endless strides", () => "graph(%x : Float(1, strides=[" + Repeat("1, ", Length)),
        ("an endless name", () => "graph(%" + new string('a', Length)),
        ("an endless namespace", () => "graph(%" + Repeat("a::", Length)),
        ("an endless number", () => "graph(%x : Float(" + new string('9', Length)),
        ("an endless literal", () => "graph():\n  %1 : float = prim::Constant[value=" + new string('9', Length)),
        ("an endless exponent", () => "graph():\n  %1 : float = prim::Constant[value=1e" + new string('9', Length)),
        ("an endless string", () => "graph():\n  %1 : str = prim::Constant[value=\"" + new string('a', Length)),
        ("an endless string of escapes", () => "graph():\n  %1 : str = prim::Constant[value=\"" + Repeat("\\n", Length)),
        ("a nested list literal", () => "graph():\n  %1 : int[] = prim::Constant[value=" + new string('[', Length)),
        ("a nested dictionary literal", () => "graph():\n  %1 : Any = prim::Constant[value=" + new string('{', Length)),
        ("an endless list literal", () => "graph():\n  %1 : int[] = prim::Constant[value=[" + Repeat("1,", Length)),
        ("many long list literals", () => Numbered("graph():\n", i => $"%{i}=prim::Constant[value=[" + Repeat("99,", 180_000) + "1]]()\n", 40)),
        ("many short literals", () => "graph(%x):\n" + Repeat("a::b[" + Repeat("a=1,", 40_000) + "a=1]()\n", Length)),
        ("inputs without end", () => Numbered("graph(", i => $"%{i},")),
        ("typed inputs without end", () => Numbered("graph(", i => $"%{i}:Float(*,device=cpu),")),
        ("outputs without end", () => Numbered("graph():\n", i => $"%{i},")),
        ("nodes without end", () => Numbered("graph():\n", i => $"%{i}=a::b()\n")),
        ("nodes without outputs without end", () => "graph():\n" + Repeat("a::b()\n", Length)),
        ("tuples of tuples", () => Numbered("graph(%0):\n", i => $"%{i + 1} = prim::TupleConstruct(%{i}, %{i})\n", 90_000) + "return ()"),
        ("lists of lists", () => Numbered("graph(%0):\n", i => $"%{i + 1} = prim::ListConstruct(%{i})\n", 90_000) + "return ()"),
        ("lists of a wide tuple", () => "graph(%0):\n%t = prim::TupleConstruct(" + Repeat("%0,", 60_000) + "%0)\n" + Numbered("", i => $"%{i + 1} = prim::ListConstruct(%t)\n", 90_000) + "return ()"),
        ("many calls of the last of many subgraphs", () => Numbered("graph():\n", i => $"prim::G_{i}()\n", 9_999) + Repeat("prim::G_9998()\n", 1_300_000) + "return ()" + Numbered("", i => $"with prim::G_{i} = graph(): return ()\n", 9_999)),
        ("operands without end", () => "graph(%x):\n a::b(" + Repeat("%x,", Length)),
        ("nodes with many operands", () => "graph(%x):\n" + Repeat("a::b(" + Repeat("%x,", 60_000) + "%x)\n", Length)),
        ("blocks in blocks", () => "graph():\n" + Repeat("a::b() block0():\n", Length)),
        ("blocks beside blocks", () => "graph():\na::b()\n" + Repeat("block0(): -> ()\n", Length)),
        ("small blocks in many nodes", () => "graph():\n" + Repeat("a::b() block0(): -> ()\n", Length)),
        ("subgraphs in subgraphs", () => Repeat("graph(): prim::G_0() return () with prim::G_0 = ", Length)),
        ("subgraphs beside subgraphs", () => Numbered("graph():\n", i => $"prim::G_{i}()\n", 90_000) + "return ()" + Numbered("", i => $"with prim::G_{i} = graph(): return ()\n", 90_000)),
        ("an endless comment", () => "graph():\n a::b() #" + new string('x', Length)),
        ("comments without end", () => Repeat("#\n", Length)),
        ("an endless scope", () => "graph():\n a::b(), scope: " + new string('x', Length)),
        ("an endless attribute", () => "graph():\n a::b[x=@" + new string('x', Length)),
        ("a Python operation of brackets", () => "graph():\n ^F" + new string('(', Length)),
        ("line ends", () => new string('\n', Length)),
        ("zeros", () => new string('\0', Length)),
        ("a wide comment of surrogates", () => "graph(): " + Repeat("\ud83c", Length)),
    ];

    private static string Repeat(string part, int length) => new StringBuilder().Insert(0, part, Math.Max(1, length / part.Length)).ToString();

    private static string Numbered(string start, Func<int, string> part, int count = int.MaxValue)
    {
        var text = new StringBuilder(start);
        for (var i = 0; i < count && text.Length < Length - 100; i++)
        {
            text.Append(part(i));
        }

        return text.ToString();
    }
}
