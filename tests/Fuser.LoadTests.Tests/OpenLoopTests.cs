using System.Diagnostics;
using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Tests;

public sealed class OpenLoopTests
{
    private static readonly TimeSpan Patience = Testing.Hang.Limit;

    [Fact]
    public async Task Every_request_is_sent_and_counted_by_how_it_ended()
    {
        var result = await new OpenLoop(1000, Patience).RunAsync(1000, TimeSpan.Zero, TimeSpan.FromSeconds(0.3), request => (request.Number % 3) switch
        {
            0 => Task.FromResult(Outcome.Right),
            1 => Task.FromResult(Outcome.Wrong),
            _ => Task.FromException<Outcome>(new TimeoutException("no")),
        }, default);
        result.Tally.ShouldBe(new Tally(300, 0, 100, 100, 100, 0, 0));
        result.Latency.Count.ShouldBe(100);
        result.Lag.Count.ShouldBe(300);
        result.Problems.ShouldContain("no");
        result.ErrorCodes.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("deadline", 100L));
        result.Tally.IsSound.ShouldBeFalse();
    }

    [Fact]
    public async Task A_stalled_system_is_charged_for_those_who_came_meanwhile()
    {
        // Nobody is answered until all have come, so the first waits the whole time, though each answer is quick once it is made.
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var result = await new OpenLoop(1000, Patience).RunAsync(500, TimeSpan.Zero, TimeSpan.FromSeconds(0.4), async request =>
        {
            if (request.Number == 199)
            {
                gate.SetResult();
            }

            await gate.Task;
            return Outcome.Right;
        }, default);
        result.Tally.Right.ShouldBe(200);
        result.Latency.Quantile(1).ShouldBeGreaterThan(380_000_000);
        result.Latency.Quantile(0.5).ShouldBeGreaterThan(150_000_000);
    }

    [Fact]
    public async Task The_pacing_thread_neither_runs_requests_nor_waits_for_them()
    {
        // The first request holds its thread until the last has been started: a generator that ran it on its own thread would never get there.
        using var last = new ManualResetEventSlim();
        var threads = new HashSet<bool>();
        var result = await new OpenLoop(1000, Patience).RunAsync(200, TimeSpan.Zero, TimeSpan.FromSeconds(0.1), request =>
        {
            lock (threads)
            {
                threads.Add(Thread.CurrentThread.IsThreadPoolThread);
            }

            if (request.Number == 0)
            {
                last.Wait(Patience).ShouldBeTrue();
            }
            else if (request.Number == 19)
            {
                last.Set();
            }

            return Task.FromResult(Outcome.Right);
        }, default);
        result.Tally.Right.ShouldBe(20);
        threads.ShouldHaveSingleItem().ShouldBeTrue();
    }

    [Fact]
    public async Task What_does_not_fit_is_not_sent_and_what_never_ends_is_lost()
    {
        var never = new TaskCompletionSource<Outcome>();
        var result = await new OpenLoop(10, TimeSpan.Zero).RunAsync(1000, TimeSpan.Zero, TimeSpan.FromSeconds(0.1), _ => never.Task, default);
        result.Tally.ShouldBe(new Tally(10, 90, 0, 0, 0, 10, 0));
        result.Tally.IsSound.ShouldBeFalse();
        never.SetResult(Outcome.Right);
    }

    [Fact]
    public async Task An_answer_that_comes_after_its_run_was_given_up_changes_nothing_in_the_next()
    {
        var late = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var loop = new OpenLoop(10, TimeSpan.Zero);
        (await loop.RunAsync(100, TimeSpan.Zero, TimeSpan.FromSeconds(0.05), _ => late.Task, default)).Tally.Lost.ShouldBe(5);
        var next = await new OpenLoop(10, Patience).RunAsync(100, TimeSpan.Zero, TimeSpan.FromSeconds(0.05), request =>
        {
            late.TrySetResult(Outcome.Wrong);
            return Task.FromResult(Outcome.Right);
        }, default);
        next.Tally.ShouldBe(new Tally(5, 0, 5, 0, 0, 0, 0));
    }

    [Fact]
    public async Task A_second_answer_to_a_request_is_a_duplicate()
    {
        var result = await new OpenLoop(10, Patience).RunAsync(100, TimeSpan.Zero, TimeSpan.FromSeconds(0.05), request =>
        {
            request.Answered();
            if (request.Number == 3)
            {
                request.Answered();
            }

            return Task.FromResult(Outcome.Right);
        }, default);
        result.Tally.ShouldBe(new Tally(5, 0, 5, 0, 0, 0, 1));
        result.Tally.IsSound.ShouldBeFalse();
    }

    [Fact]
    public async Task Requests_of_the_warm_up_are_counted_and_not_measured()
    {
        var result = await new OpenLoop(1000, Patience).RunAsync(100, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.1), _ => Task.FromResult(Outcome.Right), default);
        result.Tally.Right.ShouldBe(30);
        result.Latency.Count.ShouldBe(10);
        result.Seconds.ShouldBe(0.1, 1e-6);
    }

    [Fact]
    public async Task Answers_after_the_time_is_over_are_right_and_are_no_throughput()
    {
        var result = await new OpenLoop(1000, Patience).RunAsync(100, TimeSpan.Zero, TimeSpan.FromSeconds(0.1), async request =>
        {
            while (Stopwatch.GetElapsedTime(request.Due) < TimeSpan.FromSeconds(0.11))
            {
                await Task.Yield();
            }

            return Outcome.Right;
        }, default);
        result.Tally.Right.ShouldBe(10);
        result.Achieved.ShouldBe(0);
        Knee.WhyNot(result, Patience).ShouldBe("0 of 100 a second were answered in time");
    }

    [Fact]
    public async Task Time_spent_on_an_answer_after_it_was_there_is_not_measured()
    {
        var most = TimeSpan.Zero;
        var result = await new OpenLoop(10, Patience).RunAsync(100, TimeSpan.Zero, TimeSpan.FromSeconds(0.01), async request =>
        {
            request.Answered();
            most = Stopwatch.GetElapsedTime(request.Due);
            while (Stopwatch.GetElapsedTime(request.Due) < 2 * most)
            {
                await Task.Yield();
            }

            return Outcome.Right;
        }, default);
        result.Tally.Right.ShouldBe(1);
        result.Latency.Largest.ShouldBeLessThanOrEqualTo((long)most.TotalNanoseconds);
    }

    [Fact]
    public async Task A_caller_alone_and_a_storm_are_counted_the_same_way()
    {
        var alone = await ClosedLoop.RunAsync(TimeSpan.Zero, TimeSpan.FromMilliseconds(20), _ => Task.FromResult(Outcome.Right), default);
        alone.Tally.Right.ShouldBe(alone.Tally.Sent);
        (alone.Achieved * alone.Seconds).ShouldBe(alone.Tally.Sent, 1e-6);
        var storm = await Storm.RunAsync(100, Patience, request => Task.FromResult(request.Number < 10 ? Outcome.Wrong : Outcome.Right), default);
        storm.Tally.ShouldBe(new Tally(100, 0, 90, 0, 10, 0, 0));
        storm.Latency.Count.ShouldBe(90);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_ends()
    {
        using var cancellation = new CancellationTokenSource();
        var running = new OpenLoop(10, Patience).RunAsync(100, TimeSpan.Zero, TimeSpan.FromHours(1), async request =>
        {
            await cancellation.CancelAsync();
            return Outcome.Right;
        }, cancellation.Token);
        await Should.ThrowAsync<OperationCanceledException>(running.WaitAsync(Patience));
    }
}
