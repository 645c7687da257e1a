using Fuser.Compare.Protocol;
using Fuser.Gpu.Peers;

namespace Fuser.Gpu.Tests.Peers;

/// <summary>The driver's end of the protocol, against programs that answer as told.</summary>
public sealed class PeerProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_peer_says_what_it_is_and_answers_with_numbers()
    {
        await using var peer = await StartAsync("""
            hello) printf 'ok\tPeer=%s on %s\tLibrary=2\n' "$1" "$2" ;;
            time) printf 'ok\t1250.5\t8\n' ;;
            check) printf 'refused\tnot this one\n' ;;
            *) printf 'ok\n' ;;
            """);
        peer.Skipped.ShouldBeNull();
        peer.Versions.ShouldBe(["Peer=peer_some on cpu", "Library=2"]);
        (await peer.NumberAsync(Message.Of("time", "some", "5"), CancellationToken.None)).ShouldBe((1250.5, null));
        (await peer.NumberAsync(Message.Of("check", "some"), CancellationToken.None)).ShouldBe((null, "not this one"));
        (await peer.NumberAsync(Message.Of("cold", "some"), CancellationToken.None)).Refusal.ShouldBe("answered 'ok' to 'cold'");
    }

    [Fact]
    public async Task A_peer_that_refuses_is_skipped_with_its_reason()
    {
        await using var peer = await StartAsync("""*) printf 'refused\tsome is not installed\n' ;;""");
        peer.Skipped.ShouldBe("some is not installed");
    }

    [Fact]
    public async Task A_peer_that_ends_takes_no_further_part()
    {
        await using var peer = await StartAsync("""
            hello) printf 'ok\n' ;;
            *) echo 'an illegal address' >&2; exit 1 ;;
            """);
        (await peer.AskAsync(Message.Of("prepare", "W1"), CancellationToken.None)).Word.ShouldBe(Message.Failed);
        peer.Skipped!.ShouldContain("ended during 'prepare'");
    }

    [Theory]
    [InlineData(null, 0, "0")]
    [InlineData(null, 2, "2")]
    [InlineData("3,5", 1, "5")]
    [InlineData("GPU-a", 0, "GPU-a")]
    [InlineData("3", null, "3")]
    public void A_peer_sees_the_device_that_is_measured(string? known, int? ordinal, string seen) => PeerProcess.VisibleTo(known, ordinal).ShouldBe(seen);

    [Fact]
    public async Task Without_the_program_a_peer_is_skipped()
    {
        await using var peer = new PeerProcess("peer_some", ["some"]);
        await peer.StartAsync("/no/such/python", _folder.Path, _folder.Path, null, CancellationToken.None);
        peer.Skipped!.ShouldStartWith("/no/such/python: ");
    }

    /// <param name="answers">Cases of a shell's selection by the request's word.</param>
    private async Task<PeerProcess> StartAsync(string answers)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "worker.py"), $"while IFS='\t' read -r word rest; do case $word in\n{answers}\nesac; done\n");
        var peer = new PeerProcess("peer_some", ["some"]);
        await peer.StartAsync("sh", _folder.Path, _folder.Path, null, CancellationToken.None);
        return peer;
    }
}
