using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Fuser.Host.Telemetry;

/// <summary>
/// Listens to the meters of the product, of the web server and of the runtime, and prints what they measured as Prometheus reads it
/// (text format 0.0.4). Nothing is sent anywhere; whoever asks gets the state of now.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    /// <summary>Content type of what <see cref="Collect"/> gives.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricInstrument> _instruments = new();
    private long _generation;
    private long _dropped;

    /// <param name="maxSeries">Different sets of labels at most for one metric.</param>
    public PrometheusExporter(int maxSeries)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsWanted(instrument.Meter.Name))
            {
                _instruments[instrument] = new MetricInstrument(instrument, maxSeries, () => Interlocked.Increment(ref _dropped));
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _instruments.TryRemove(instrument, out MetricInstrument? _);
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<short>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((instrument, value, tags, _) => Record(instrument, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Everything measured so far.</summary>
    public string Collect()
    {
        lock (_lock)
        {
            Interlocked.Increment(ref _generation);
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var family in _instruments.Values.GroupBy(instrument => instrument.Name, StringComparer.Ordinal).OrderBy(family => family.Key, StringComparer.Ordinal))
            {
                Write(text, [.. family]);
            }

            text.Append("# HELP fuser_metrics_dropped_total Measurements left out because a metric had too many series\n# TYPE fuser_metrics_dropped_total counter\nfuser_metrics_dropped_total ");
            text.Append(Interlocked.Read(ref _dropped)).Append('\n');
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsWanted(string meter) =>
        meter.StartsWith("fuser.", StringComparison.Ordinal) || meter is "System.Runtime" or "Microsoft.AspNetCore.Hosting" or "Microsoft.AspNetCore.Server.Kestrel";

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_instruments.TryGetValue(instrument, out var known))
        {
            known.Record(value, tags, Interlocked.Read(ref _generation));
        }
    }

    /// <summary>One metric: instruments of several meters may share it, and are added up where their labels are the same.</summary>
    private void Write(StringBuilder text, MetricInstrument[] family)
    {
        var first = family[0];
        var series = family.Where(instrument => instrument.Kind == first.Kind && instrument.Bounds?.Length == first.Bounds?.Length).SelectMany(instrument => instrument.Current(_generation)).ToLookup(known => known.Labels, known => known.Series.Read(), StringComparer.Ordinal);
        if (series.Count == 0)
        {
            return;
        }

        text.Append("# HELP ").Append(first.Name).Append(' ').Append(PrometheusName.Help(first.Help)).Append('\n');
        text.Append("# TYPE ").Append(first.Name).Append(' ').Append(first.Kind.ToString().ToLowerInvariant()).Append('\n');
        foreach (var known in series.OrderBy(known => known.Key, StringComparer.Ordinal))
        {
            var sum = known.Sum(part => part.Sum);
            if (first.Kind == MetricKind.Histogram)
            {
                WriteHistogram(text, first, known.Key, sum, known.First().Counts.Select((_, i) => known.Sum(part => part.Counts[i])).ToArray());
            }
            else
            {
                Line(text, first.Name, known.Key, "", sum);
            }
        }
    }

    private static void WriteHistogram(StringBuilder text, MetricInstrument instrument, string labels, double sum, long[] counts)
    {
        long below = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            below += counts[i];
            Line(text, instrument.Name + "_bucket", labels, i < instrument.Bounds!.Length ? $"le=\"{Number(instrument.Bounds[i])}\"" : "le=\"+Inf\"", below);
        }

        Line(text, instrument.Name + "_sum", labels, "", sum);
        Line(text, instrument.Name + "_count", labels, "", below);
    }

    private static void Line(StringBuilder text, string name, string labels, string more, double value)
    {
        text.Append(name);
        if (labels.Length + more.Length > 0)
        {
            text.Append('{').Append(labels).Append(labels.Length > 0 && more.Length > 0 ? "," : "").Append(more).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
