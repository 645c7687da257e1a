using System.Net;
using Fuser.Actors.TestKit;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Microsoft.Extensions.DependencyInjection;

namespace Fuser.Host.Tests.Http;

/// <summary>What a node does when there is more to do than it takes on, and when it shall end.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task Many_callers_of_a_new_graph_cause_one_compile()
    {
        await using var node = await TestNode.StartAsync("limits.max-queue = 64");
        var keys = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => node.RegisterAsync(Graphs.Add)));
        keys.Distinct().Count().ShouldBe(1);
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => node.RunAsync(keys[0], Numbers(i))));
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i][0].ToArray<float>().ShouldBe([i, i + 1f]);
        }

        var runtime = (await node.GetAsync("/v1/statistics")).GetProperty("runtime");
        runtime.GetProperty("kernels_compiled").GetInt64().ShouldBe(1);
        runtime.GetProperty("runs").GetInt64().ShouldBe(64);
    }

    [Fact]
    public async Task Past_the_queue_a_request_is_told_to_come_again_and_those_inside_are_answered()
    {
        await using var node = await TestNode.StartAsync("limits { max-concurrent = 1, max-queue = 1, retry-after = 7s }");
        var key = await node.RegisterAsync(Graphs.Add);
        using var computes = node.Http.Node.Admit();
        await computes.TakeTurnAsync(default);
        var waits = node.RunAsync(key, Numbers(1));
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Waiting == 1);

        using (var refused = await node.PostRunAsync(key, Numbers(3)))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
        }

        await node.PostGraphAsync(Graphs.Add).ShouldBeProblemAsync(429, ErrorCodes.NodeBusy, "fuser.limits.max-queue");
        await node.GetAsync("/health/ready"); // busy is not broken

        computes.Dispose();
        (await waits)[0].ToArray<float>().ShouldBe([1f, 2f]);
        (await node.RunAsync(key, Numbers(4)))[0].ToArray<float>().ShouldBe([4f, 5f]);
        var requests = (await node.GetAsync("/v1/statistics")).GetProperty("requests");
        requests.GetProperty("refused").GetInt64().ShouldBe(2);
        requests.GetProperty("failed").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Memory_is_promised_once()
    {
        await using var node = await TestNode.StartAsync("limits.max-memory-bytes = 1MiB");
        var key = await node.RegisterAsync(Graphs.Add);
        ByteArrayContent Arrays(int count) => TestNode.Npz(("x", NdArray.From(new float[count])), ("y", NdArray.From(new float[1])));

        // One request is more than there is; another is only more than there is now.
        await node.PostRunAsync(key, Arrays(1 << 19)).ShouldBeProblemAsync(413, ErrorCodes.RequestTooLarge, "fuser.limits.max-memory-bytes");
        await node.PostRunAsync(key, Arrays(150_000)).ShouldBeProblemAsync(413, ErrorCodes.RequestTooLarge); // its result does not fit any more

        using var held = new HeldContent(Arrays(120_000));
        var inside = node.RunAsync(key, held);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Memory.Used >= 480_000);
        await node.PostRunAsync(key, Arrays(150_000)).ShouldBeProblemAsync(429, ErrorCodes.NodeBusy, "fuser.limits.max-memory-bytes");
        held.Release();
        (await inside)[0].ElementCount.ShouldBe(120_000);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Memory.Used == 0);
    }

    [Fact]
    public async Task An_unfused_run_is_charged_for_what_lies_between_its_operations()
    {
        await using var node = await TestNode.StartAsync("limits.max-memory-bytes = 1MiB");
        var steps = string.Concat(Enumerable.Range(1, 20).Select(i => $"  %{i} : Tensor = aten::relu(%{i - 1})\n"));
        var key = await node.RegisterAsync($"graph(%0 : Tensor):\n{steps}  %t : Tensor = aten::exp(%20)\n  return (%t)");
        var body = TestNode.Npz(("0", NdArray.From(new float[100_000])));
        (await node.RunAsync(key, body))[0].ElementCount.ShouldBe(100_000);
        await node.PostRunAsync(key, body, "?unfused=true").ShouldBeProblemAsync(413, ErrorCodes.RequestTooLarge);
    }

    [Theory]
    [InlineData("%next : Tensor = aten::cat(%pair, %zero)", "%pair : Tensor[] = prim::ListConstruct(%y, %y)")]
    [InlineData("%next : Tensor = aten::add(%y, %one, %one)", "%kept : Tensor[] = aten::append(%list, %y)")]
    public async Task What_a_loop_grows_is_charged_before_it_is_there(string next, string before)
    {
        await using var node = await TestNode.StartAsync("limits.max-memory-bytes = 4MiB");
        var key = await node.RegisterAsync($"""
            graph(%x : Tensor, %n : int):
              %zero : int = prim::Constant[value=0]()
              %one : int = prim::Constant[value=1]()
              %true : bool = prim::Constant[value=1]()
              %list : Tensor[] = prim::ListConstruct()
              %z : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %y : Tensor):
                  {before}
                  {next}
                  -> (%true, %next)
              return (%z)
            """);
        ByteArrayContent Trips(long trips) => TestNode.Npz(("x", NdArray.From(new float[25_000])), ("n", NdArray.Scalar(trips)));
        (await node.RunAsync(key, Trips(2)))[0].DType.ShouldBe(DType.Float32);
        await node.PostRunAsync(key, Trips(100)).ShouldBeProblemAsync(413, ErrorCodes.RequestTooLarge, "fuser.limits.max-memory-bytes");
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Memory.Used == 0);
        (await node.RunAsync(key, Trips(2)))[0].DType.ShouldBe(DType.Float32);
    }

    [Fact]
    public async Task A_loop_that_lets_go_of_what_it_made_may_go_on_for_ever()
    {
        await using var node = await TestNode.StartAsync("limits.max-memory-bytes = 4MiB");
        var key = await node.RegisterAsync("""
            graph(%x : Tensor, %n : int):
              %one : int = prim::Constant[value=1]()
              %true : bool = prim::Constant[value=1]()
              %z : Tensor = prim::Loop(%n, %true, %x)
                block0(%i : int, %y : Tensor):
                  %next : Tensor = aten::add(%y, %one, %one)
                  -> (%true, %next)
              return (%z)
            """);
        var result = await node.RunAsync(key, TestNode.Npz(("x", NdArray.From(new float[100_000])), ("n", NdArray.Scalar(500L))));
        result[0].ToArray<float>().ShouldAllBe(value => value == 500);
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_in_time_gives_its_place_back()
    {
        var clock = new ManualTimeProvider();
        await using var node = await TestNode.StartAsync("limits.body-timeout = 3s", host: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var key = await node.RegisterAsync(Graphs.Add);
        using var held = new HeldContent(Numbers(1));
        var slow = node.PostRunAsync(key, held);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Open == 1);
        clock.Advance(TimeSpan.FromSeconds(3));
        await slow.ShouldBeProblemAsync(408, ErrorCodes.RequestTimeout, "fuser.limits.body-timeout");
        node.Http.Node.Gate.Open.ShouldBe(0);
        held.Release();
    }

    [Fact]
    public async Task A_loop_without_end_is_ended_and_gives_its_turn_back()
    {
        var clock = new ManualTimeProvider();
        await using var node = await TestNode.StartAsync("limits { run-timeout = 3s, max-concurrent = 1 }", host: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var key = await node.RegisterAsync("""
            graph(%x : Tensor, %n : int):
              %1 : int = prim::Constant[value=1]()
              %2 : bool = prim::Constant[value=1]()
              %3 : int = prim::Loop(%n, %2, %1)
                block0(%i : int, %a : int):
                  %4 : int = aten::mul(%a, %1)
                  -> (%2, %4)
              %5 : Tensor = aten::add(%x, %3, %1)
              return (%5)
            """);
        ByteArrayContent Trips(long count) => TestNode.Npz(("x", NdArray.Scalar(1f)), ("n", NdArray.Scalar(count)));
        var endless = node.PostRunAsync(key, Trips(long.MaxValue));
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Running == 1);
        await Eventually.ShouldBeAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return endless.IsCompleted;
        });
        await endless.ShouldBeProblemAsync(422, ErrorCodes.RunTimeout, "fuser.limits.run-timeout");
        (await node.RunAsync(key, Trips(2)))[0].ToArray<float>().ShouldBe([2f]);
    }

    [Fact]
    public async Task A_node_that_ends_finishes_what_it_accepted_and_takes_nothing_new()
    {
        var node = await TestNode.StartAsync();
        var key = await node.RegisterAsync(Graphs.Add);
        using var held = new HeldContent(Numbers(5));
        var accepted = node.RunAsync(key, held);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Open == 1);

        var stop = node.Http.StopAsync();
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.IsDraining);
        stop.IsCompleted.ShouldBeFalse();
        await node.PostRunAsync(key, Numbers(6)).ShouldBeProblemAsync(503, ErrorCodes.NodeDraining);
        using (var ready = await node.Client.GetAsync("/health/ready"))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        await node.GetAsync("/health/live");
        (await node.GetAsync("/v1/nodes")).GetProperty("nodes")[0].GetProperty("state").GetString().ShouldBe("draining");

        held.Release();
        (await accepted)[0].ToArray<float>().ShouldBe([5f, 6f]);
        await stop;
        node.Http.Unfinished.ShouldBe(0);
        await node.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_without_work_that_ends_answers_until_its_end_was_seen_or_the_notice_is_over(bool isProbed)
    {
        var clock = new ManualTimeProvider();
        var node = await TestNode.StartAsync("node.drain-notice = 5s", listens: true, host: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var stop = node.Http.StopAsync();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await node.PostGraphAsync(Graphs.Add);
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter.ShouldNotBeNull();
            answer.Headers.ConnectionClose.ShouldBe(true); // nobody sends another request into a connection that is about to go
        }

        await node.GetAsync("/health/live");
        stop.IsCompleted.ShouldBeFalse();
        if (isProbed)
        {
            using var ready = await node.Client.GetAsync("/health/ready");
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        else
        {
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        await stop;
        await Should.ThrowAsync<HttpRequestException>(node.PostGraphAsync(Graphs.Add));
        await node.DisposeAsync();
    }

    [Fact]
    public async Task What_is_not_finished_in_time_is_dropped_and_counted()
    {
        var node = await TestNode.StartAsync("node.shutdown-timeout = 100ms", listens: true);
        var key = await node.RegisterAsync(Graphs.Add);
        using var held = new HeldContent(Numbers(5));
        var accepted = node.PostRunAsync(key, held);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Open == 1);
        await node.Http.StopAsync();
        node.Http.Unfinished.ShouldBe(1);
        held.Release();
        await Should.ThrowAsync<HttpRequestException>(accepted);
        await node.DisposeAsync();
    }

    [Fact]
    public async Task A_caller_who_goes_away_gives_the_place_back()
    {
        await using var node = await TestNode.StartAsync(listens: true);
        var key = await node.RegisterAsync(Graphs.Add);
        using var held = new HeldContent(Numbers(5));
        using var cancellation = new CancellationTokenSource();
        var request = node.Client.PostAsync($"/v1/graphs/{key}/run", held, cancellation.Token);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Open == 1);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(request);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Open == 0);
        (await node.GetAsync("/v1/statistics")).GetProperty("requests").GetProperty("failed").GetInt64().ShouldBe(1);
    }

    /// <summary>relu(x) + y is [n, n + 1].</summary>
    private static ByteArrayContent Numbers(int n) => TestNode.Npz(("x", NdArray.From([-1f, 1f])), ("y", NdArray.Scalar((float)n)));
}
