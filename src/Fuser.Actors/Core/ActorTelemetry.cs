using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Fuser.Actors.Core;

/// <summary>
/// Meter and activity source <c>fuser.actors</c>. Everything is observed: cells count in fields of their own and the sums are made
/// when somebody looks, so counting costs no shared write per message.
/// </summary>
internal static class ActorTelemetry
{
    internal const string Name = "fuser.actors";

    private static readonly ActivitySource Source = new(Name);

    internal static Meter CreateMeter(ActorSystem system)
    {
        var meter = new Meter(new MeterOptions(Name) { Tags = [new("fuser.system", system.Name)] });
        meter.CreateObservableCounter("fuser.actors.messages", () => system.Statistics.Messages, "{message}", "Messages handled by actors");
        meter.CreateObservableCounter("fuser.actors.restarts", () => system.Statistics.Restarts, "{restart}", "Restarts of actors");
        meter.CreateObservableCounter("fuser.actors.dead_letters", () => DeadLetterCounts(system.DeadLetters), "{message}", "Messages that did not arrive, by reason");
        meter.CreateObservableUpDownCounter("fuser.actors.count", () => system.Statistics.Actors, "{actor}", "Running actors");
        meter.CreateObservableGauge("fuser.actors.mailbox.peak", () => system.Statistics.LongestMailbox, "{message}", "Longest mailbox so far of a running actor");
        return meter;
    }

    /// <summary>Makes the sender's trace current for one message: as a span of its own when somebody listens.</summary>
    internal static Activity? StartReceive(object message, Activity parent)
    {
        if (Source.StartActivity($"receive {message.GetType().Name}", ActivityKind.Internal, parent.Context) is { } span)
        {
            return span;
        }

        if (!parent.IsStopped)
        {
            Activity.Current = parent;
            return null;
        }

        // Nobody listens and the parent has ended, as after a Tell: its trace goes on under an activity of ours.
        return new Activity("receive").SetParentId(parent.TraceId, parent.SpanId, parent.ActivityTraceFlags).Start();
    }

    private static IEnumerable<Measurement<long>> DeadLetterCounts(DeadLetters letters) =>
    [
        new(letters.Dead, new KeyValuePair<string, object?>("reason", "dead")),
        new(letters.Unhandled, new KeyValuePair<string, object?>("reason", "unhandled")),
        new(letters.Dropped, new KeyValuePair<string, object?>("reason", "dropped")),
    ];
}
