using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Graphs whose results can be said exactly, and as many different ones as wanted.</summary>
internal static class Graphs
{
    /// <summary>A new array each time: tests that write in place must not change the numbers of tests beside them.</summary>
    public static float[] Data => [.. Enumerable.Range(0, 16).Select(i => i - 8f)];

    /// <summary>x * (number + 0.5) + x: a spec of its own for each number.</summary>
    public static Graph Scale(int number) => GraphText.Parse($$"""
        graph(%x : Tensor):
          %c : float = prim::Constant[value={{number}}.5]()
          %one : int = prim::Constant[value=1]()
          %y : Tensor = aten::mul(%x, %c)
          %z : Tensor = aten::add(%y, %x, %one)
          return (%z)
        """);

    /// <summary>The result of <see cref="Scale"/> for small integers, where nothing is rounded.</summary>
    public static float[] Scaled(int number, float[] data) => [.. data.Select(x => (x * (number + 0.5f)) + x)];

    /// <summary>x * s + y with a number s that is an input.</summary>
    public static Graph ScalarTimes() => GraphText.Parse("""
        graph(%x : Tensor, %s : float, %y : Tensor):
          %one : int = prim::Constant[value=1]()
          %a : Tensor = aten::mul(%x, %s)
          %z : Tensor = aten::add(%a, %y, %one)
          return (%z)
        """);

    /// <summary>Two shapes, so two kernels: x + x, and y * y.</summary>
    public static Graph TwoGroups() => GraphText.Parse("""
        graph(%x : Tensor, %y : Tensor):
          %one : int = prim::Constant[value=1]()
          %a : Tensor = aten::add(%x, %x, %one)
          %b : Tensor = aten::mul(%y, %y)
          return (%a, %b)
        """);

    /// <summary>Integer division, which fails on a zero.</summary>
    public static Graph Remainder() => GraphText.Parse("""
        graph(%x : Tensor, %y : Tensor):
          %z : Tensor = aten::remainder(%x, %y)
          return (%z)
        """);

    public static FuserValue[] Inputs(params FuserValue[] values) => values;

    public static NdArray[] Room(int count = 16) => [NdArray.From(new float[count])];
}
