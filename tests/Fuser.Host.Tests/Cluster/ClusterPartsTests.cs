using Fuser.Actors.TestKit;
using Fuser.Host.Cluster;
using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using WireFormat = Fuser.Host.Cluster.WireFormat;

namespace Fuser.Host.Tests.Cluster;

/// <summary>The parts of a cluster that need no broker.</summary>
public sealed class ClusterPartsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_node_that_falls_silent_is_lost_and_later_forgotten()
    {
        var roster = new NodeRoster(TimeSpan.FromSeconds(2), _time);
        roster.Heard(Announcement("a", NodeState.Ready));
        roster.Heard(Announcement("b", NodeState.Ready));
        _time.Advance(TimeSpan.FromSeconds(5));
        roster.Heard(Announcement("b", NodeState.Draining));
        _time.Advance(TimeSpan.FromSeconds(2));
        roster.All.Select(node => (node.Id, node.State)).ShouldBe([("a", NodeState.Lost), ("b", NodeState.Draining)]);

        roster.Heard(Announcement("b", NodeState.Stopped));
        roster.Heard(Announcement("b", NodeState.Ready)); // sent before the goodbye, and late
        roster.All.Single(node => node.Id == "b").State.ShouldBe(NodeState.Stopped);
        _time.Advance(TimeSpan.FromMinutes(11));
        roster.All.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_passed_on_is_as_old_as_it_says_and_never_newer_than_what_was_heard()
    {
        var roster = new NodeRoster(TimeSpan.FromSeconds(2), _time);
        var old = Announcement("a", NodeState.Ready);
        old.Age = 60_000;
        roster.Heard(old);
        roster.All.Single().State.ShouldBe(NodeState.Lost);
        roster.Heard(Announcement("a", NodeState.Draining));
        roster.Heard(old);
        roster.All.Single().State.ShouldBe(NodeState.Draining);
        roster.Heard(new Announcement { Version = 99, Id = "z", Name = "later" });
        roster.Heard(new Announcement { Version = 1, Id = new string('x', 1000) });
        roster.All.Length.ShouldBe(1);
    }

    [Fact]
    public void Arrays_are_held_until_all_let_go_or_time_is_over_and_no_more_than_allowed()
    {
        var held = new HeldArrays(new ClusterOptions { MaxHeldBytes = 1 << 20, HoldFor = TimeSpan.FromMinutes(1) }, _time);
        var array = NdArray.From(new float[100_000]);
        var hash = held.Hold(array);
        held.Hold(NdArray.From(new float[100_000])).ShouldBe(hash);
        held.Bytes.ShouldBe(400_000);
        held.Release(hash);
        held.TryFind(Convert.ToHexStringLower(hash), out var found, out var length).ShouldBeTrue();
        (found, length).ShouldBe((array, 400_000));
        held.Release(hash);
        held.TryFind(Convert.ToHexStringLower(hash), out _, out _).ShouldBeFalse();
        held.Bytes.ShouldBe(0);

        held.Hold(array);
        held.Hold(NdArray.From(Enumerable.Range(0, 150_000).ToArray()));
        var error = Should.Throw<HostException>(() => held.Hold(NdArray.From(new double[100_000])));
        error.Code.ShouldBe(ErrorCodes.ClusterTransfer);
        error.Message.ShouldContain("fuser.cluster.max-held-bytes");
        _time.Advance(TimeSpan.FromMinutes(2));
        held.Hold(NdArray.From(new double[100_000]));
        held.Bytes.ShouldBe(800_000);
        held.Release(new byte[32]);
    }

    [Fact]
    public async Task A_request_is_done_once_and_its_answer_makes_room_for_later_ones()
    {
        var recent = new RecentAnswers(new ClusterOptions { RecentAnswers = 2 });
        var made = 0;
        var gate = new TaskCompletionSource();
        async Task<RunReply> Make()
        {
            Interlocked.Increment(ref made);
            await gate.Task;
            return new RunReply { Version = 1, Result = new RunResult() };
        }

        var (a, b) = (Guid.NewGuid(), Guid.NewGuid());
        var (first, isRepeated) = recent.Get(a, Make, _ => true);
        isRepeated.ShouldBeFalse();
        recent.Get(a, Make, _ => true).ShouldBe((first, true));
        gate.SetResult();
        (await first).ResultCase().ShouldBeTrue();
        made.ShouldBe(1);

        await recent.Get(b, Make, _ => false).Answer;
        var again = recent.Get(b, Make, _ => false);
        while (again.IsRepeated)
        {
            await Task.Yield(); // until what is not kept has gone
            again = recent.Get(b, Make, _ => false);
        }

        await again.Answer;
        made.ShouldBe(3);
    }

    [Fact]
    public void Hostile_messages_are_refused_before_memory_is_taken()
    {
        Refused(() => WireFormat.Parse(RunRequest.Parser, new byte[] { 0xff, 0xff, 0xff }), "no RunRequest");
        Refused(() => WireFormat.Parse(RunRequest.Parser, new byte[WireFormat.MostMessageBytes + 1]), "at most");
        Refused(() => WireFormat.RequireVersion(2), "version 2");
        Refused(() => WireFormat.Id(Google.Protobuf.ByteString.CopyFrom(1, 2, 3)), "16 bytes, got 3");
        Refused(() => WireFormat.Read(new Tensor { Type = ElementType.Unknown }), "element type");
        Refused(() => WireFormat.Read(new Tensor { Type = (ElementType)99 }), "element type");
        Refused(() => WireFormat.Read(new Tensor { Type = ElementType.Float32, Shape = { 1L << 40, 1L << 40 } }), "no array has");
        Refused(() => WireFormat.Read(new Tensor { Type = ElementType.Float32, Shape = { -1 } }), "no array has");
        Refused(() => WireFormat.Read(new Tensor { Type = ElementType.Float32, Shape = { Enumerable.Repeat(1L, 65) } }), "65 axes");
        WireFormat.Read(new Tensor { Type = ElementType.Float64, Shape = { 0, 1L << 60 } }).Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task A_tensor_whose_elements_are_not_as_many_as_it_says_is_refused()
    {
        using var client = new HttpClient();
        var options = new ClusterOptions();
        var transfer = new TensorTransfer(options, new HeldArrays(options, _time), client, () => "http://127.0.0.1:1");
        static void NoClaim(long bytes) => throw new InvalidOperationException("memory was taken");
        (await Should.ThrowAsync<HostException>(() => transfer.UnpackAsync(new Tensor { Type = ElementType.Float32, Shape = { 1L << 50 }, Inline = Google.Protobuf.ByteString.CopyFrom(1, 2, 3, 4) }, NoClaim, default))).Message.ShouldContain("got 4");
        foreach (var url in new[] { "file:///etc/passwd", "http://127.0.0.1:1/elsewhere", "no address" })
        {
            var reference = new Tensor { Type = ElementType.Uint8, Shape = { 4 }, Reference = new Reference { Length = 4, Url = url, Sha256 = Google.Protobuf.ByteString.CopyFrom(new byte[32]) } };
            (await Should.ThrowAsync<HostException>(() => transfer.UnpackAsync(reference, static _ => { }, default))).Code.ShouldBe(ErrorCodes.ClusterMessage);
        }
    }

    [Theory]
    [InlineData("amqp://user:secret@broker:5673/vhost", "amqp://broker:5673/vhost")]
    [InlineData("amqps://broker", "amqps://broker")]
    [InlineData("nonsense secret", "an address that is none")]
    public void An_address_is_shown_without_its_password(string uri, string shown) => BrokerLogin.Shown(uri).ShouldBe(shown);

    private static void Refused(Action action, string part)
    {
        var error = Should.Throw<HostException>(action);
        error.Code.ShouldBe(ErrorCodes.ClusterMessage);
        error.Message.ShouldContain(part);
    }

    private static Announcement Announcement(string id, NodeState state) => new() { Version = 1, Id = id, Name = $"node {id}", State = state };
}

internal static class RunReplies
{
    public static bool ResultCase(this RunReply reply) => reply.OutcomeCase == RunReply.OutcomeOneofCase.Result;
}
