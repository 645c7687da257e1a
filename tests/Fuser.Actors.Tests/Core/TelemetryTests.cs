using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class TelemetryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_senders_trace_is_current_while_its_message_is_handled_and_no_longer(bool callerWhenIdle)
    {
        await using var kit = new ActorTestKit();
        Props echo = Scripted.Props((self, _) => self.Sender.Tell(new Seen(Activity.Current?.TraceId)));
        ActorRef actor = kit.System.ActorOf(callerWhenIdle ? echo.WithDispatcher(Dispatcher.CallerWhenIdle()) : echo);
        ActorRef first = kit.System.ActorOf(Scripted.Props((_, m) => actor.Forward(m)));
        await ActorTestKit.Settle(actor);

        using (Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            (await ActorTestKit.Guard(actor.Ask<Seen>("q").AsTask())).Trace.ShouldBe(request.TraceId);
            (await ActorTestKit.Guard(first.Ask<Seen>("q").AsTask())).Trace.ShouldBe(request.TraceId);
            Activity.Current.ShouldBe(request);
        }

        (await ActorTestKit.Guard(actor.Ask<Seen>("q").AsTask())).Trace.ShouldBeNull();
    }

    [Fact]
    public async Task A_trace_that_ended_before_its_message_was_handled_goes_on()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            if (m is "block")
            {
                entered.Release();
                leave.Wait();
            }
            else
            {
                probe.Tell(new Seen(Activity.Current?.TraceId));
            }
        }).WithDispatcher(Dispatcher.Pinned));
        actor.Tell("block");
        await entered.WaitAsync(ActorTestKit.HangLimit);
        ActivityTraceId trace;
        using (Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            trace = request.TraceId;
            actor.Tell("traced");
        }

        leave.Release();
        (await probe.ExpectMessage<Seen>()).Trace.ShouldBe(trace);
    }

    [Fact]
    public async Task A_trace_does_not_leak_into_the_next_message_of_the_same_turn()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            if (m is "block")
            {
                entered.Release();
                leave.Wait();
            }
            else
            {
                probe.Tell(new Seen(Activity.Current?.TraceId));
            }
        }).WithDispatcher(Dispatcher.Pinned));
        actor.Tell("block");
        await entered.WaitAsync(ActorTestKit.HangLimit);
        using Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        actor.Tell("traced");
        Activity.Current = null;
        actor.Tell("untraced");
        leave.Release();

        (await probe.ExpectMessage<Seen>()).Trace.ShouldBe(request.TraceId);
        (await probe.ExpectMessage<Seen>()).Trace.ShouldBeNull();
    }

    [Fact]
    public async Task A_listener_gets_a_span_for_each_traced_message()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell(m)));
        using Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "fuser.actors",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == request.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        await ActorTestKit.Guard(actor.Ask<string>("q").AsTask());
        await ActorTestKit.Settle(actor);

        spans.Select(s => (s.OperationName, s.ParentSpanId)).First().ShouldBe(("receive String", request.SpanId));
    }

    [Fact]
    public async Task The_meter_reports_what_happened()
    {
        await using var kit = new ActorTestKit();
        var seen = new Dictionary<string, double>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "fuser.actors")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            // Other tests of the process have systems of their own.
            if (ReferenceEquals(instrument.Meter, kit.System.Meter))
            {
                seen[tags.Length == 0 ? instrument.Name : $"{instrument.Name} {tags[0].Value}"] = value;
            }
        }

        meters.SetMeasurementEventCallback<long>((i, v, tags, _) => Record(i, v, tags));
        meters.SetMeasurementEventCallback<int>((i, v, tags, _) => Record(i, v, tags));
        meters.Start();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            if (m is Exception cause)
            {
                throw cause;
            }

            self.Unhandled(m);
        }));
        actor.Tell(new BoomException());
        actor.Tell("unknown");
        await ActorTestKit.Settle(actor);
        meters.RecordObservableInstruments();

        seen["fuser.actors.messages"].ShouldBe(3);
        seen["fuser.actors.restarts"].ShouldBe(1);
        seen["fuser.actors.count"].ShouldBe(1);
        seen["fuser.actors.dead_letters unhandled"].ShouldBe(1);
        seen["fuser.actors.dead_letters dead"].ShouldBe(0);
        seen["fuser.actors.mailbox.peak"].ShouldBeGreaterThanOrEqualTo(1);
    }

    private sealed record Seen(ActivityTraceId? Trace);
}
