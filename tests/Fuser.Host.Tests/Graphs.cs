namespace Fuser.Host.Tests;

/// <summary>Small graphs that the tests of the command line share.</summary>
internal static class Graphs
{
    /// <summary>relu(x) + y.</summary>
    public const string Add = """
        graph(%x : Tensor,
              %y : Tensor):
          %2 : int = prim::Constant[value=1]()
          %3 : Tensor = aten::relu(%x)
          %4 : Tensor = aten::add(%3, %y, %2)
          return (%4)
        """;

    /// <summary>x * f + i, and whether x is above f.</summary>
    public const string Scalars = """
        graph(%x : Tensor,
              %f : float,
              %i : int):
          %2 : int = prim::Constant[value=1]()
          %3 : Tensor = aten::mul(%x, %f)
          %4 : Tensor = aten::add(%3, %i, %2)
          %5 : Tensor = aten::gt(%x, %f)
          %6 : (Tensor, Tensor) = prim::TupleConstruct(%4, %5)
          return (%6)
        """;

    /// <summary>Uniform random numbers like x.</summary>
    public const string Random = """
        graph(%x : Tensor):
          %1 : NoneType = prim::Constant()
          %2 : Tensor = aten::rand_like(%x, %1, %1, %1, %1, %1)
          return (%2)
        """;
}
