using Fuser.Host.Npy;
using Fuser.Host.Tests.Npy;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Commands;

/// <summary>What bad input gets: exit code 2, one line with a stable code and the place, and nothing in the output directory.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public Task A_missing_graph_file() => RefusedAsync(ErrorCodes.FileUnreadable, ["no-such.ir"], _temporary.Of("no-such.ir"));

    [Fact]
    public Task A_syntax_error_with_its_line_and_column() =>
        RefusedAsync(ErrorCodes.GraphSyntax, ["bad.ir", "line 2, col "], Graph("bad.ir", "graph(%x : Tensor):\n  %1 : Tensor = = aten::relu(%x)\n  return (%1)\n"), Floats(3));

    [Fact]
    public Task A_value_that_is_not_defined() =>
        RefusedAsync(ErrorCodes.UndefinedValue, ["bad.ir", "line 2, col ", "%y"], Graph("bad.ir", "graph(%x : Tensor):\n  %1 : Tensor = aten::relu(%y)\n  return (%1)\n"), Floats(3));

    [Fact]
    public Task An_unknown_operation_with_its_place() =>
        RefusedAsync(ErrorCodes.UnknownOperation, ["bad.ir", "line 2, col ", "aten::frobnicate"], Graph("bad.ir", "graph(%x : Tensor):\n  %1 : Tensor = aten::frobnicate(%x)\n  return (%1)\n"), Floats(3));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public Task A_wrong_input_count(int count) =>
        RefusedAsync(ErrorCodes.InputCount, ["takes 2 inputs (%x : Tensor, %y : Tensor)", $"got {count}"], [Graph("add.ir", Graphs.Add), .. Enumerable.Repeat(Floats(3), count)]);

    [Fact]
    public Task A_number_for_an_array() =>
        RefusedAsync(ErrorCodes.InputKind, ["input 1 (%y : Tensor)", "the float 2.5"], Graph("add.ir", Graphs.Add), Floats(3), "2.5");

    [Fact]
    public Task An_array_for_a_number() =>
        RefusedAsync(ErrorCodes.InputKind, ["input 1 (%f : float)"], Graph("scalars.ir", Graphs.Scalars), Floats(3), Floats(3), "-3");

    [Fact]
    public Task Shapes_that_do_not_broadcast() =>
        RefusedAsync(ErrorCodes.BroadcastMismatch, ["[3]", "[4]"], Graph("add.ir", Graphs.Add), Floats(3), Floats(4));

    [Fact]
    public Task An_element_type_graphs_do_not_have() =>
        RefusedAsync(ErrorCodes.InputDType, ["complex.npy", "complex"], Graph("add.ir", Graphs.Add), Floats(3), Bytes("complex.npy", NpyBytes.File(NpyBytes.Header("<c8", "(3,)"), new byte[24])));

    [Fact]
    public Task An_element_type_the_operation_does_not_take() =>
        RefusedAsync(
            ErrorCodes.UnsupportedDType,
            ["aten::bitwise_and"],
            Graph("and.ir", "graph(%x : Tensor, %y : Tensor):\n  %1 : Tensor = aten::bitwise_and(%x, %y)\n  return (%1)\n"),
            Floats(3),
            Floats(3));

    [Fact]
    public Task A_truncated_npy() =>
        RefusedAsync(ErrorCodes.FileFormat, ["short.npy", "truncated"], Graph("add.ir", Graphs.Add), Floats(3), Bytes("short.npy", File.ReadAllBytes(Floats(3))[..^1]));

    [Fact]
    public Task A_hostile_npy() =>
        RefusedAsync(ErrorCodes.FileTooLarge, ["huge.npy"], Graph("add.ir", Graphs.Add), Floats(3), Bytes("huge.npy", NpyBytes.File(NpyBytes.Header("<f4", "(9223372036854775807, 9)"), new byte[4])));

    [Fact]
    public Task A_pickled_npy() =>
        RefusedAsync(ErrorCodes.FileFormat, ["objects.npy", "pickled"], Graph("add.ir", Graphs.Add), Floats(3), Bytes("objects.npy", NpyBytes.File(NpyBytes.Header("|O", "(3,)"), new byte[24])));

    [Fact]
    public async Task A_npy_whose_header_steers_terminals()
    {
        var path = Path.Combine(Repository.Root, "tests", "corpus", "findings", "esc.npy");
        await RefusedAsync(ErrorCodes.InputDType, ["\\u001b[31m\\u0007f4"], Graph("add.ir", Graphs.Add), path, path);
        Should.Throw<FuserException>(() => NpyReader.Load(path)).Message.ShouldAllBe(c => !char.IsControl(c));
    }

    [Fact]
    public Task An_index_that_is_none() =>
        RefusedAsync(
            ErrorCodes.InvalidValue,
            ["aten::index_select", "index 9"],
            Graph("select.ir", "graph(%x : Tensor, %i : Tensor):\n  %0 : int = prim::Constant[value=0]()\n  %y : Tensor = aten::index_select(%x, %0, %i)\n  return (%y)\n"),
            Floats(3),
            Bytes("index.npy", NpyBytes.File(NpyBytes.Header("<i8", "(1,)"), NpyBytes.LittleEndian(9L))));

    [Fact]
    public Task A_missing_npy() => RefusedAsync(ErrorCodes.FileUnreadable, ["no-such.npy"], Graph("add.ir", Graphs.Add), Floats(3), _temporary.Of("no-such.npy"));

    [Theory]
    [InlineData("tpu")]
    [InlineData("")]
    [InlineData("cpu:7")]
    public Task An_unknown_device(string name) =>
        RefusedAsync(ErrorCodes.UnknownDevice, [$"'{name}'"], Graph("add.ir", Graphs.Add), Floats(3), Floats(3), "--device", name);

    [Fact]
    public Task An_unknown_device_of_an_unfused_run() =>
        RefusedAsync(ErrorCodes.UnknownDevice, ["'tpu'"], Graph("add.ir", Graphs.Add), Floats(3), Floats(3), "--unfused", "--device", "tpu");

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    public async Task A_chunk_count_that_is_not_positive(string count)
    {
        var graph = Graph("chunk.ir", $"""
            graph(%x : Tensor):
              %1 : int = prim::Constant[value={count}]()
              %2 : int = prim::Constant[value=0]()
              %3 : Tensor[] = aten::chunk(%x, %1, %2)
              %4 : Tensor, %5 : Tensor = prim::ListUnpack(%3)
              %6 : Tensor = aten::mul(%4, %5)
              return (%6)
            """);
        var run = await RunAsync([graph, Floats(4)]);
        run.Exit.ShouldBe(2, run.Error);
        run.Error.ShouldStartWith("error FUS");
        run.Error.ShouldContain("chunk.ir: line 4, col ");
        run.Error.ShouldContain(count);
    }

    [Fact]
    public async Task A_control_character_in_a_name_does_not_reach_the_terminal()
    {
        var run = await RunAsync([Graph("bad.ir", "graph(%x : Tensor):\n  %1 : Tensor = aten::\u001b[31mred(%x)\n  return (%1)\n"), Floats(3)]);
        run.Exit.ShouldBe(2, run.Error);
        run.Error.ShouldNotContain("\u001b");
    }

    [Fact]
    public async Task An_output_path_that_is_a_file()
    {
        var file = _temporary.Text("out", "mine");
        (await ToolRun.InProcessAsync("run", Graph("add.ir", Graphs.Add), "-i", Floats(3), "-i", Floats(3), "-o", file)).ShouldRefuse(ErrorCodes.FileUnwritable, file);
        File.ReadAllText(file).ShouldBe("mine");
    }

    private async Task RefusedAsync(string code, string[] parts, params string[] arguments)
    {
        (await RunAsync(arguments)).ShouldRefuse(code, parts);
    }

    /// <summary>Runs a graph on values, or options from the first that starts with two dashes, and checks that nothing was written.</summary>
    private async Task<ToolRun> RunAsync(string[] arguments)
    {
        var output = _temporary.Of("output");
        var options = arguments.SkipWhile(a => !a.StartsWith("--"));
        var values = arguments.Skip(1).TakeWhile(a => !a.StartsWith("--")).SelectMany(v => new[] { "-i", v });
        var run = await ToolRun.InProcessAsync(["run", arguments[0], .. values, "-o", output, .. options]);
        Directory.Exists(output).ShouldBeFalse();
        Directory.GetDirectories(_temporary.Path).ShouldBeEmpty();
        return run;
    }

    private string Graph(string name, string text) => _temporary.Text(name, text);

    private string Floats(int count) => _temporary.Array($"floats{count}.npy", NdArray.From(Enumerable.Range(0, count).Select(i => (float)i).ToArray()));

    private string Bytes(string name, byte[] content)
    {
        File.WriteAllBytes(_temporary.Of(name), content);
        return _temporary.Of(name);
    }
}
