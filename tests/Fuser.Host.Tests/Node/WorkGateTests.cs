using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Node;

public sealed class WorkGateTests
{
    [Fact]
    public async Task Requests_compute_in_the_order_they_came_and_no_more_than_allowed()
    {
        var gate = Gate(concurrent: 1, queue: 2);
        using WorkTicket first = gate.Admit(), second = gate.Admit(), third = gate.Admit();
        await first.TakeTurnAsync(default);
        var (waits, alsoWaits) = (second.TakeTurnAsync(default), third.TakeTurnAsync(default));
        (gate.Open, gate.Running, gate.Waiting).ShouldBe((3, 1, 2));
        waits.IsCompleted.ShouldBeFalse();
        first.EndTurn();
        await waits;
        alsoWaits.IsCompleted.ShouldBeFalse();
        second.Dispose();
        await alsoWaits;
        (gate.Open, gate.Running, gate.Waiting).ShouldBe((2, 1, 0));
    }

    [Fact]
    public void Whoever_does_not_fit_is_turned_away_and_leaves_no_trace()
    {
        var gate = Gate(concurrent: 1, queue: 1);
        using WorkTicket first = gate.Admit(), second = gate.Admit();
        for (var i = 0; i < 3; i++)
        {
            Should.Throw<NodeBusyException>(() => gate.Admit()).Code.ShouldBe(ErrorCodes.NodeBusy);
        }

        gate.Open.ShouldBe(2);
        second.Dispose();
        gate.Admit().Dispose();
    }

    [Fact]
    public async Task Giving_up_while_waiting_loses_no_turn()
    {
        var gate = Gate(concurrent: 1, queue: 1);
        using WorkTicket first = gate.Admit(), second = gate.Admit();
        await first.TakeTurnAsync(default);
        using var cancellation = new CancellationTokenSource();
        var waits = second.TakeTurnAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waits);
        second.Dispose();
        first.EndTurn();
        using var third = gate.Admit();
        await third.TakeTurnAsync(default);
        gate.Running.ShouldBe(1);
    }

    [Fact]
    public async Task A_drain_waits_for_those_inside_and_for_nobody_else()
    {
        var gate = Gate(concurrent: 1, queue: 1);
        var inside = gate.Admit();
        var drained = gate.DrainAsync();
        drained.IsCompleted.ShouldBeFalse();
        Should.Throw<NodeBusyException>(() => gate.Admit()).Code.ShouldBe(ErrorCodes.NodeDraining);
        drained.IsCompleted.ShouldBeFalse();
        inside.Dispose();
        await drained;
        inside.Dispose(); // twice is once
        gate.Open.ShouldBe(0);
        await Gate(1, 1).DrainAsync();
    }

    [Fact]
    public void Memory_is_given_back_with_the_ticket()
    {
        var gate = Gate(1, 3, memory: 1 << 20);
        var first = gate.Admit();
        first.Claim(1_000_000);
        using var second = gate.Admit();
        Should.Throw<NodeBusyException>(() => second.Claim(100_000)).Message.ShouldContain("48576");
        Should.Throw<HostException>(() => second.Claim(2 << 20)).Code.ShouldBe(ErrorCodes.RequestTooLarge);
        Should.Throw<HostException>(() => second.Claim(long.MaxValue)).Code.ShouldBe(ErrorCodes.RequestTooLarge);
        first.Dispose();
        gate.Memory.Used.ShouldBe(0);
        second.Claim(1 << 20);
        gate.Memory.Used.ShouldBe(1 << 20);
    }

    [Fact]
    public async Task Promises_made_at_the_same_time_never_exceed_the_limit()
    {
        var budget = new MemoryBudget(1000);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Count(_ => budget.TryTake(7)))));
        taken.Sum().ShouldBe(142);
        budget.Used.ShouldBe(994);
        budget.TryTake(6).ShouldBeTrue();
        budget.TryTake(1).ShouldBeFalse();
    }

    [Fact]
    public void What_is_kept_for_later_counts_and_makes_room_for_arrays()
    {
        var kept = new Kept { Bytes = 600 };
        var budget = new MemoryBudget(1000, kept);
        budget.TryTake(400).ShouldBeTrue();
        kept.Bytes.ShouldBe(600);
        budget.TryTake(100).ShouldBeTrue();
        kept.Bytes.ShouldBe(500);
        kept.IsFixed = true;
        budget.TryTake(1).ShouldBeFalse();
        budget.Used.ShouldBe(500);
    }

    private sealed class Kept : IKeptMemory
    {
        public long Bytes { get; set; }

        public bool IsFixed { get; set; }

        public void Free(long bytes) => Bytes -= IsFixed ? 0 : bytes;
    }

    private static WorkGate Gate(int concurrent, int queue, long memory = 1 << 30) => new(new LimitOptions { MaxConcurrent = concurrent, MaxQueue = queue, MaxMemoryBytes = memory });
}
