using Fuser.Actors.TestKit;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Node;

/// <summary>Bodies on their way in: who gets in, and at what pace.</summary>
public sealed class ReceivingPoolTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void A_small_body_has_the_grace_and_the_least_rate()
    {
        var body = Pool().Enter("a");
        body.Expect(16 << 10);
        body.Await();
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        body.Ended.IsCancellationRequested.ShouldBeFalse();
        body.Arrived(8 << 10);
        body.Await();
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        body.Ended.IsCancellationRequested.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        body.Ended.IsCancellationRequested.ShouldBeTrue();
        Problem(body).ShouldContain("8192 bytes of the body arrived in 10.6 s, less than 16384 a second");
    }

    [Fact]
    public void The_least_rate_rises_with_the_declared_size()
    {
        var body = Pool().Enter("a");
        body.Expect(300L << 20); // a mebibyte for each second of the five minutes
        body.Arrived(1 << 20);
        body.Await();
        _clock.Advance(TimeSpan.FromSeconds(10.9));
        body.Ended.IsCancellationRequested.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        body.Ended.IsCancellationRequested.ShouldBeTrue();
        Problem(body).ShouldContain("less than 1048576 a second");
    }

    [Fact]
    public void The_last_word_is_the_time_for_the_whole_body()
    {
        var body = Pool().Enter("a");
        body.Arrived(int.MaxValue);
        body.Await();
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        body.Ended.IsCancellationRequested.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromTicks(1));
        body.Ended.IsCancellationRequested.ShouldBeTrue();
        Problem(body).ShouldContain("and not its end");
    }

    [Fact]
    public void A_body_that_is_there_is_not_ended_any_more()
    {
        var pool = Pool();
        var body = pool.Enter("a");
        body.Await();
        body.Leave();
        body.Leave(); // twice is once
        _clock.Advance(TimeSpan.FromHours(1));
        body.Ended.IsCancellationRequested.ShouldBeFalse();
        pool.Count.ShouldBe(0);
    }

    [Fact]
    public void Whoever_keeps_pace_is_not_sent_away_for_a_newcomer()
    {
        var pool = Pool(all: 2);
        Reception slow = pool.Enter("a"), fast = pool.Enter("b");
        fast.Arrived(1 << 20);
        _clock.Advance(TimeSpan.FromSeconds(5));
        pool.Enter("c");
        (slow.Ended.IsCancellationRequested, fast.Ended.IsCancellationRequested).ShouldBe((true, false));
        Should.Throw<NodeBusyException>(() => pool.Enter("d")).Message.ShouldContain("fuser.limits.max-receiving.");
        pool.Count.ShouldBe(2);
    }

    [Fact]
    public void A_caller_makes_room_for_itself_and_not_for_others()
    {
        var pool = Pool(all: 10, share: 1);
        Reception mine = pool.Enter("me"), other = pool.Enter("other");
        Should.Throw<NodeBusyException>(() => pool.Enter("me")).Message.ShouldContain("max-receiving-per-caller");
        _clock.Advance(TimeSpan.FromSeconds(5));
        pool.Enter("me");
        (mine.Ended.IsCancellationRequested, other.Ended.IsCancellationRequested).ShouldBe((true, false));
        pool.Count.ShouldBe(2);
    }

    private static string Problem(Reception body)
    {
        var problem = body.Problem(new OperationCanceledException());
        problem.Code.ShouldBe(ErrorCodes.RequestTimeout);
        return problem.Message;
    }

    private ReceivingPool Pool(int all = 100, int share = 100) => new(new LimitOptions { MaxReceiving = all, MaxReceivingPerCaller = share }, _clock);
}
