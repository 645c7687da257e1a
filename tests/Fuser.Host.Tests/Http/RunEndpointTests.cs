using System.Net;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Fuser.OpenClTesting;

namespace Fuser.Host.Tests.Http;

public sealed class RunEndpointTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync("runtime.threads = 2");

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("x", "f", "i")]
    [InlineData("in_0", "in_1", "in_2")]
    public async Task Inputs_go_by_name_or_by_position_and_numbers_are_arrays_without_axes(string x, string f, string i)
    {
        var key = await _node.RegisterAsync(Graphs.Scalars);
        var outputs = await _node.RunAsync(key, TestNode.Npz((i, NdArray.Scalar(10L)), (x, NdArray.From([1f, 2f, 3f])), (f, NdArray.Scalar(2.0))));
        outputs[0].ToArray<float>().ShouldBe([12f, 14f, 16f]);
        outputs[1].ToArray<bool>().ShouldBe([false, false, true]);
    }

    [Fact]
    public async Task An_answer_says_its_length_and_where_the_time_went()
    {
        var key = await _node.RegisterAsync(Graphs.Add);
        using var answer = await _node.PostRunAsync(key, Ones());
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/zip");
        answer.Content.Headers.ContentLength.ShouldBe((await answer.Content.ReadAsByteArrayAsync()).Length);
        answer.Headers.GetValues("Server-Timing").ShouldHaveSingleItem().ShouldMatch("^receive;dur=[0-9.]+, wait;dur=[0-9.]+, run;dur=[0-9.]+$");
    }

    [Fact]
    public async Task The_bits_do_not_depend_on_device_threads_or_fusion()
    {
        var key = await _node.RegisterAsync(Graphs.Random);
        var x = TestNode.Npz(("x", NdArray.From(new float[5000])));
        var expected = (await _node.RunAsync(key, x, "?seed=7"))[0];
        expected.ToArray<float>().Distinct().Count().ShouldBeGreaterThan(4000);
        foreach (var query in new[] { "?seed=7&device=cpu", "?seed=7&device=interpreter", "?seed=7&threads=1", "?seed=7&unfused=true" })
        {
            (await _node.RunAsync(key, x, query))[0].ShouldHaveTheBitsOf(expected, query);
        }

        (await _node.RunAsync(key, x, "?seed=8"))[0].ToArray<float>().ShouldNotBe(expected.ToArray<float>());
        (await _node.RunAsync(key, x))[0].ToArray<float>().ShouldNotBe((await _node.RunAsync(key, x))[0].ToArray<float>());
        (await _node.GetAsync($"/v1/graphs/{key}")).GetProperty("counters").GetProperty("fallback_runs").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData("?seeed=1", "there is no parameter 'seeed'")]
    [InlineData("?seed=one", "parameter seed got 'one'; wanted a whole number from")]
    [InlineData("?seed=1&seed=2", "parameter seed got several values; wanted one")]
    [InlineData("?threads=0", "a whole number from 1 to 2")]
    [InlineData("?threads=3", "a whole number from 1 to 2")]
    [InlineData("?unfused=yes", "wanted true or false")]
    public async Task A_wrong_parameter_is_refused(string query, string expected) =>
        await _node.PostRunAsync(await _node.RegisterAsync(Graphs.Add), Ones(), query).ShouldBeProblemAsync(400, ErrorCodes.BadRequest, expected);

    [Fact]
    public async Task A_device_that_is_not_there_is_the_callers_mistake() =>
        await _node.PostRunAsync(await _node.RegisterAsync(Graphs.Add), Ones(), "?device=abacus").ShouldBeProblemAsync(400, ErrorCodes.UnknownDevice, "'abacus'");

    [Fact]
    public async Task Arrays_that_do_not_fit_the_graph_are_unprocessable()
    {
        var key = await _node.RegisterAsync(Graphs.Add);
        await _node.PostRunAsync(key, TestNode.Npz(("x", NdArray.From([1f])))).ShouldBeProblemAsync(422, ErrorCodes.InputCount, "input 1 (%y) is missing");
        await _node.PostRunAsync(key, TestNode.Npz(("x", NdArray.From(new float[2])), ("y", NdArray.From(new float[3])))).ShouldBeProblemAsync(422, ErrorCodes.BroadcastMismatch);
        var scalars = await _node.RegisterAsync(Graphs.Scalars);
        await _node.PostRunAsync(scalars, TestNode.Npz(("x", NdArray.From([1f])), ("f", NdArray.Scalar(1.5)), ("i", NdArray.Scalar(1.5)))).ShouldBeProblemAsync(422, ErrorCodes.InputKind, "(%i : int)");
    }

    public static TheoryData<string, string> WrongValues()
    {
        var data = new TheoryData<string, string>();
        string[] bodies =
        [
            "%y : Tensor = aten::remainder(%i, %zero)",
            "%y : Tensor = aten::floor_divide(%i, %zero)",
            "%y : Tensor = aten::embedding(%w, %i, %in1, %false, %false)",
            "%y : Tensor = aten::gather(%w, %0, %j, %false)",
            "%y : Tensor = aten::take_along_dim(%w, %j, %0)",
            "%y : Tensor = aten::index_select(%w, %0, %i)",
            "%l : Tensor?[] = prim::ListConstruct(%i)\n  %y : Tensor = aten::index(%w, %l)",
            "%y : Tensor = aten::one_hot(%i, %2)",
            "%y : Tensor = aten::select(%w, %0, %7)",
            "%y : Tensor = aten::select(%w, %7, %0)",
            "%l : int[] = prim::ListConstruct(%0)\n  %k : int = aten::__getitem__(%l, %7)\n  %y : Tensor = aten::add(%w, %k, %1)",
            "%k : int = aten::remainder(%7, %0)\n  %y : Tensor = aten::add(%w, %k, %1)",
            "%t : str = prim::Constant[value=\"no\"]()\n  %n : NoneType = prim::Constant()\n   = prim::RaiseException(%t, %n)\n  %y : Tensor = aten::relu(%w)",
        ];
        string[] ways = ["", "?unfused=true", "?device=interpreter", "?device=interpreter&unfused=true"];
        foreach (var body in bodies)
        {
            foreach (var way in OpenClOnThisMachine.Missing is null ? [.. ways, "?device=opencl"] : ways)
            {
                data.Add(body, way);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(WrongValues))]
    public async Task A_value_that_an_operation_does_not_take_is_the_callers(string body, string way)
    {
        var key = await _node.RegisterAsync($"""
            graph(%w : Tensor, %i : Tensor, %zero : Tensor):
              %false : bool = prim::Constant[value=0]()
              %in1 : int = prim::Constant[value=-1]()
              %0 : int = prim::Constant[value=0]()
              %1 : int = prim::Constant[value=1]()
              %2 : int = prim::Constant[value=2]()
              %7 : int = prim::Constant[value=7]()
              %j : Tensor = aten::unsqueeze(%i, %1)
              {body}
              return (%y)
            """);
        using var answer = await _node.PostRunAsync(key, TestNode.Npz(("w", NdArray.From([1f, 2, 3, 4], 2, 2)), ("i", NdArray.From([1L, 5])), ("zero", NdArray.From([0L, 0]))), way);
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, await answer.Content.ReadAsStringAsync());
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("FUS5003");
    }

    [Fact]
    public async Task A_division_by_zero_is_in_the_callers_data()
    {
        var key = await _node.RegisterAsync("graph(%x : Tensor, %y : Tensor):\n  %2 : Tensor = aten::remainder(%x, %y)\n  return (%2)");
        await _node.PostRunAsync(key, TestNode.Npz(("x", NdArray.From([1, 2])), ("y", NdArray.From([1, 0])))).ShouldBeProblemAsync(422, ErrorCodes.InvalidValue, "divided by zero");
    }

    [Fact]
    public async Task A_body_that_is_encoded_is_refused_before_it_is_read()
    {
        var body = Ones();
        body.Headers.ContentEncoding.Add("gzip");
        await _node.PostRunAsync(await _node.RegisterAsync(Graphs.Add), body).ShouldBeProblemAsync(400, ErrorCodes.BadRequest, "'gzip'");
    }

    private static ByteArrayContent Ones() => TestNode.Npz(("x", NdArray.From([1f])), ("y", NdArray.From([1f])));
}
