using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Fuser.Actors.TestKit;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Microsoft.Extensions.DependencyInjection;

namespace Fuser.Host.Tests.Http;

/// <summary>Bodies that come slowly, or not at all, keep nobody else from being served.</summary>
public sealed class SlowSenderTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Others_are_served_while_more_bodies_hang_than_the_node_has_places(bool registers)
    {
        const int Slow = 66;
        await using var node = await TestNode.StartAsync("limits { max-concurrent = 1, max-queue = 1 }");
        var key = await node.RegisterAsync(Graphs.Add);
        var held = Enumerable.Range(0, Slow).Select(i => new HeldContent(registers ? Encoding.UTF8.GetBytes(Graphs.Add) : Bytes(Numbers(i)))).ToArray();
        var slow = held.Select(body => registers ? node.Client.PostAsync("/v1/graphs", body) : node.PostRunAsync(key, body)).ToArray();
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Receiving.Count == Slow);

        for (var i = 0; i < 25; i++)
        {
            (await node.RunAsync(key, Numbers(i)))[0].ToArray<float>().ShouldBe([i, i + 1f]);
            (await node.RegisterAsync(Graphs.Add)).ShouldBe(key);
        }

        slow.ShouldAllBe(request => !request.IsCompleted);
        for (var i = 0; i < Slow; i++)
        {
            // One at a time: they are too many for the places inside.
            held[i].Release();
            using var answer = await slow[i];
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        node.Http.Node.Gate.Memory.Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_caller_has_a_share_of_the_bodies_and_others_have_the_rest()
    {
        await using var node = await TestNode.StartAsync(
            "limits.max-receiving-per-caller = 2\nauthentication.api-keys = [{ name = one, role = run, key-variable = ONE }, { name = two, role = run, key-variable = TWO }]",
            [("ONE", "one-0123456789abc"), ("TWO", "two-0123456789abc")]);
        using HeldContent first = new(Encoding.UTF8.GetBytes(Graphs.Add)), second = new(Encoding.UTF8.GetBytes(Graphs.Add));
        var slow = new[] { Register("one-0123456789abc", first), Register("one-0123456789abc", second) };
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Receiving.Count == 2);

        await Register("one-0123456789abc", new StringContent(Graphs.Add)).ShouldBeProblemAsync(429, ErrorCodes.NodeBusy, "fuser.limits.max-receiving-per-caller");
        (await Register("two-0123456789abc", new StringContent(Graphs.Add))).StatusCode.ShouldBe(HttpStatusCode.Created);
        first.Release();
        second.Release();
        (await Task.WhenAll(slow)).ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);

        Task<HttpResponseMessage> Register(string secret, HttpContent body) => node.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/graphs")
        {
            Content = body,
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", secret) },
        });
    }

    [Fact]
    public async Task When_there_is_no_room_the_body_that_is_furthest_behind_goes()
    {
        var clock = new ManualTimeProvider();
        await using var node = await TestNode.StartAsync("limits.max-receiving = 2", host: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var key = await node.RegisterAsync(Graphs.Add);
        using HeldContent first = new(Numbers(1)), second = new(Numbers(2));
        var slowest = node.PostRunAsync(key, first);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Receiving.Count == 1);
        clock.Advance(TimeSpan.FromSeconds(2));
        var slow = node.PostRunAsync(key, second);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Receiving.Count == 2);

        (await node.RunAsync(key, Numbers(3)))[0].ToArray<float>().ShouldBe([3f, 4f]);
        await slowest.ShouldBeProblemAsync(408, ErrorCodes.RequestTimeout, "others needed the room");
        using var third = new HeldContent(Numbers(4));
        var another = node.PostRunAsync(key, third);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Receiving.Count == 2);

        // Nobody has been behind for long enough to give way.
        await node.PostRunAsync(key, Numbers(5)).ShouldBeProblemAsync(429, ErrorCodes.NodeBusy, "fuser.limits.max-receiving");
        second.Release();
        third.Release();
        (await slow).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await another).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_that_hangs_gives_up_the_memory_that_others_need()
    {
        var clock = new ManualTimeProvider();
        await using var node = await TestNode.StartAsync("limits.max-memory-bytes = 1MiB", host: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var key = await node.RegisterAsync(Graphs.Add);
        ByteArrayContent Large() => TestNode.Npz(("x", NdArray.From(new float[120_000])), ("y", NdArray.From(new float[1])));
        using var held = new HeldContent(Large());
        var slow = node.PostRunAsync(key, held);
        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Memory.Used >= 480_000);
        clock.Advance(TimeSpan.FromMinutes(4)); // 240,000 bytes have come by then, which is less than the 16 KiB a second of these minutes
        await slow.ShouldBeProblemAsync(408, ErrorCodes.RequestTimeout, "fuser.limits.min-body-rate");
        (await node.RunAsync(key, Large()))[0].ElementCount.ShouldBe(120_000);
    }

    private static byte[] Bytes(ByteArrayContent content) => content.ReadAsByteArrayAsync().GetAwaiter().GetResult();

    /// <summary>relu(x) + y is [n, n + 1].</summary>
    private static ByteArrayContent Numbers(int n) => TestNode.Npz(("x", NdArray.From([-1f, 1f])), ("y", NdArray.Scalar((float)n)));
}
