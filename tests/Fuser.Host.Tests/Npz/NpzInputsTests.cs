using Fuser.Host.Npz;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Npz;

public sealed class NpzInputsTests
{
    private static readonly byte[] Vector = ZipBytes.Zeros("<f4", "(3,)", 12);

    [Theory]
    [InlineData("x", "f", "i")]
    [InlineData("in_0", "in_1", "in_2")]
    [InlineData("arr_0", "arr_1", "arr_2")]
    [InlineData("in_0", "f", "arr_2")]
    public async Task Inputs_come_by_name_or_by_position_in_any_order(string x, string f, string i)
    {
        var values = await ReadAsync(Graphs.Scalars, (i, Number("<i2", 7, 0)), (x, Vector), (f, Number("<f8", BitConverter.GetBytes(2.5))));
        values[0].Array.Shape.ShouldBe([3]);
        values[1].ShouldBe((FuserValue)2.5);
        values[2].ShouldBe((FuserValue)7);
    }

    [Fact]
    public async Task A_name_of_the_graph_comes_before_a_position()
    {
        const string Graph = "graph(%in_1 : Tensor, %y : Tensor):\n  %2 : int = prim::Constant[value=1]()\n  %3 : Tensor = aten::add(%in_1, %y, %2)\n  return (%3)";
        var values = await ReadAsync(Graph, ("in_1", Vector), ("y", ZipBytes.Zeros("<f8", "(3,)", 24)));
        values.Select(value => value.Array.DType).ShouldBe([DType.Float32, DType.Float64]);
    }

    [Theory]
    [InlineData("|b1", new byte[] { 1 }, "int", "true")]
    [InlineData("|b1", new byte[] { 1 }, "bool", "true")]
    [InlineData("|u1", new byte[] { 255 }, "int", "255")]
    [InlineData("|i1", new byte[] { 255 }, "int", "-1")]
    [InlineData(">i4", new byte[] { 255, 255, 255, 254 }, "int", "-2")]
    [InlineData("<i8", new byte[] { 1, 0, 0, 0, 0, 0, 0, 128 }, "int", "-9223372036854775807")]
    [InlineData("<i4", new byte[] { 3, 0, 0, 0 }, "float", "3")]
    [InlineData("<f2", new byte[] { 0, 0x3e }, "float", "1.5")]
    [InlineData("<f4", new byte[] { 0, 0, 0xc0, 0x3f }, "float", "1.5")]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xf8, 0x3f }, "float", "1.5")]
    public async Task Arrays_without_axes_are_numbers(string descr, byte[] bytes, string type, string expected)
    {
        var values = await ReadAsync(WithNumber(type), ("x", Vector), ("n", Number(descr, bytes)));
        values[1].ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("int", "<f8", "()", 8)]
    [InlineData("bool", "<i8", "()", 8)]
    [InlineData("float", "|b1", "()", 1)]
    [InlineData("int", "<i8", "(1,)", 8)]
    [InlineData("float", "<f4", "(2,)", 8)]
    public async Task Other_arrays_are_no_numbers(string type, string descr, string shape, int bytes)
    {
        var error = await Should.ThrowAsync<InputException>(ReadAsync(WithNumber(type), ("x", Vector), ("n", ZipBytes.Zeros(descr, shape, bytes))));
        error.Code.ShouldBe(ErrorCodes.InputKind);
        error.Message.ShouldContain($"wanted a {type}: an array without axes, such as numpy.");
    }

    [Fact]
    public async Task A_tensor_without_axes_stays_one() =>
        (await ReadAsync(Graphs.Add, ("x", Vector), ("y", Number("<f4", 0, 0, 0, 0))))[1].Array.Layout.Rank.ShouldBe(0);

    [Fact]
    public async Task What_is_missing_twice_or_unknown_is_named()
    {
        (await Should.ThrowAsync<InputException>(ReadAsync(Graphs.Add, ("x", Vector)))).Message.ShouldContain("input 1 (%y) is missing");
        (await Should.ThrowAsync<InputException>(ReadAsync(Graphs.Add, ("x", Vector), ("in_0", Vector)))).Message.ShouldContain("is there twice, as 'x' and as 'in_0'");
        (await Should.ThrowAsync<InputException>(ReadAsync(Graphs.Add, ("x", Vector), ("x", Vector)))).Message.ShouldContain("is there twice");
        (await Should.ThrowAsync<InputException>(ReadAsync(Graphs.Add, ("z", Vector)))).Message.ShouldContain("no input 'z'; it takes x : Tensor, y : Tensor.");
        (await Should.ThrowAsync<InputException>(ReadAsync(Graphs.Add, ("in_2", Vector)))).Message.ShouldContain("no input 'in_2'");
        (await Should.ThrowAsync<InputException>(ReadAsync(Graphs.Add, ("in_-1", Vector)))).Message.ShouldContain("no input");
    }

    private static string WithNumber(string type) => $"graph(%x : Tensor, %n : {type}):\n  %2 : Tensor = aten::relu(%x)\n  return (%2)";

    private static byte[] Number(string descr, params byte[] bytes) => Npy.NpyBytes.File(Npy.NpyBytes.Header(descr, "()"), bytes);

    private static Task<FuserValue[]> ReadAsync(string graph, params (string Name, byte[] Content)[] arrays) =>
        NpzInputs.ReadAsync(new MemoryStream(ZipBytes.Of([.. arrays.Select(array => new ZipPart(array.Name + ".npy", array.Content))])), GraphText.Parse(graph), 200, _ => { }, default);
}
